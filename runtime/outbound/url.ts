/**
 * What the text of a URL that a peer supplied must look like before anything is done with it (SEC-21, SEC-27, SEC-30). No name is
 * looked up here: where the URL leads is for the guarded fetch.
 */

import { McpWireError } from "../errors.js";

/** Longer than what any peer of good will needs; many servers refuse longer ones anyway. */
const MAX_LENGTH = 8192;

export interface OutboundUrlOptions {
  /**
   * Whether `http:` is allowed too, for loopback hosts. Say so only where the server that supplied the URL is on loopback itself.
   * Default `false`.
   */
  readonly allowLoopback?: boolean;
}

/**
 * Reads a URL that a peer supplied: absolute, `https:` (or `http:` to loopback where that is allowed), without credentials, and
 * without characters that parsers drop or bend. Allowed schemes are listed, not forbidden ones.
 * @throws McpWireError `URL_REFUSED`; the message holds neither query nor credentials.
 */
export function readOutboundUrl(text: string | URL, options: OutboundUrlOptions = {}): URL {
  const url = parse(String(text));
  const loopback = options.allowLoopback === true;
  if (url.protocol !== "https:" && !(url.protocol === "http:" && loopback && isLoopbackHost(url.hostname))) {
    const wayOut = `Only https: is used${loopback ? ", and http: to this machine" : ""}.`;
    throw refused(url, `has the scheme ${url.protocol}`, wayOut);
  }
  if (url.username !== "" || url.password !== "") throw refused(url, "holds credentials", "Leave them out of the URL.");
  return url;
}

/** Whether a host, as a `URL` writes it, can be nothing but this machine. */
export function isLoopbackHost(hostname: string): boolean {
  const name = hostname.replace(/\.$/, "").toLowerCase();
  return name === "localhost" || name.endsWith(".localhost") || name === "[::1]" || /^127(?:\.\d+){3}$/.test(name);
}

/** A URL for messages: without query and fragment, which may hold secrets, and without credentials. */
export function shownUrl(url: URL): string {
  return url.host === "" ? `${url.protocol}…` : `${url.protocol}//${url.host}${url.pathname}`;
}

/** A URL that is not used, and why. */
export function refused(url: URL, why: string, wayOut: string): McpWireError {
  return new McpWireError("URL_REFUSED", `The URL ${shownUrl(url)} was refused: it ${why}.`, wayOut);
}

function parse(text: string): URL {
  const problem = problemOf(text);
  if (problem === undefined) return new URL(text);
  throw new McpWireError("URL_REFUSED", `A URL was refused: it ${problem}.`, "Ask whoever supplied it to mend it.");
}

/** What makes a text unusable. The text itself is not told: it may hold anything. */
function problemOf(text: string): string | undefined {
  if (text.length > MAX_LENGTH) return `has more than ${MAX_LENGTH} characters`;
  // Parsers drop line breaks and tabs and read `\` as `/`, so two of them can see two different hosts.
  if (/[\p{Cc}\s\\]/u.test(text)) return "holds spaces, control characters or backslashes";
  if (/[\p{Cf}\p{Cs}]/u.test(text)) return "holds invisible characters";
  return URL.canParse(text) ? undefined : "is not absolute, or no URL";
}
