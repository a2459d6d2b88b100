/**
 * Where a redirect leads, by the rules of `fetch` and stricter ones: what was meant for one origin is never sent to another (SEC-23).
 */

import type { Hop, Limits } from "./hop.js";
import { readOutboundUrl, refused, shownUrl } from "./url.js";

export interface Redirect {
  readonly hop: Hop;
  readonly status: number;
  readonly location: string;
  /** Whether the hop went to a loopback address. */
  readonly loopback: boolean;
  readonly redirect: Request["redirect"];
  /** How many were followed before. */
  readonly hops: number;
}

/** Headers that say nothing of the caller; any other may be a credential. */
const HARMLESS = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "cache-control",
  "mcp-protocol-version",
  "user-agent",
]);

export function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/**
 * The request that follows.
 * @throws McpWireError `URL_REFUSED`
 */
export function nextHop(redirect: Redirect, limits: Limits): Hop {
  const { hop, status, location, hops, loopback } = redirect;
  const no = (why: string, wayOut: string): Error => refused(hop.url, why, wayOut);
  if (redirect.redirect === "error") throw no(`was redirected (status ${status})`, "The caller follows no redirects.");
  if (hops >= limits.maxRedirects) throw no(`led to more than ${limits.maxRedirects} redirects`, "Use the final URL.");
  // A relative location is resolved first; what has invisible characters in it is refused as it came.
  const absolute = /^[a-z][a-z\d+.-]*:/i.test(location) ? location : resolveAgainst(location, hop.url);
  const allowLoopback = hop.allowLoopback && loopback;
  const url = readOutboundUrl(absolute, { allowLoopback });
  if (url.protocol !== hop.url.protocol && hop.url.protocol === "https:")
    throw no(`was redirected to ${shownUrl(url)}, without encryption`, "Use the final URL if you trust it.");
  if (url.origin !== hop.url.origin) {
    const personal = [...hop.headers.keys()].some((name) => !HARMLESS.has(name));
    if (limits.redirects === "same-origin" || hop.body !== undefined || personal)
      throw no(`was redirected to another origin, ${shownUrl(url)}`, "Use the final URL if you trust it.");
  }
  return { ...hop, url, allowLoopback, ...changed(hop, status) };
}

function resolveAgainst(location: string, base: URL): string {
  return /[\p{Cc}\p{Cf}\s\\]/u.test(location) || !URL.canParse(location, base.href)
    ? location
    : new URL(location, base.href).href;
}

/** After 303, and after 301 and 302 to a POST, `fetch` goes on with GET and without the body. */
function changed({ method, headers, body }: Hop, status: number): Pick<Hop, "method" | "headers" | "body"> {
  const drops = status === 303 ? method !== "GET" && method !== "HEAD" : status < 303 && method === "POST";
  if (!drops) return { method, headers, body };
  const kept = new Headers(headers);
  for (const name of [...kept.keys()]) if (name.startsWith("content-")) kept.delete(name);
  return { method: "GET", headers: kept, body: undefined };
}
