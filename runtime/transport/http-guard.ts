/**
 * Who may talk to a server over HTTP at all: the `Host` and `Origin` that a request names are looked at before anything else, so that a
 * web page cannot reach a local server by rebinding a name (HTTP-03, HTTP-04, HTTP-08, SEC-19), and pages that may are let through (CORS).
 */

import type { FlatHeaders, HttpExchange } from "./http-exchange.js";

export interface GuardOptions {
  /**
   * Host names under which the server may be called, without port; `"any"` where something in front looks at them. Default: the names
   * of this machine alone (`localhost`, `127.0.0.1`, `[::1]`).
   */
  readonly allowedHosts?: readonly string[] | "any";
  /**
   * Origins of web pages that may call, such as `https://app.example.com`; `"any"` for all. Default: pages of the allowed hosts where
   * these are named, else those of this machine.
   */
  readonly allowedOrigins?: readonly string[] | "any";
}

/** Why a request is refused; `undefined` where it is let in. */
export type Guard = (exchange: HttpExchange) => string | undefined;

const LOOPBACK: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

export function createGuard({ allowedHosts, allowedOrigins }: GuardOptions): Guard {
  // Names of hosts have no case; `URL` and the header are read in lower case too.
  const names = (allowedHosts === "any" ? undefined : allowedHosts) ?? LOOPBACK;
  const hosts = allowedHosts === "any" ? undefined : new Set(names.map((name) => name.toLowerCase()));
  const origins = allowedOrigins === "any" || allowedOrigins === undefined ? undefined : new Set(allowedOrigins);
  const originHosts = hosts ?? new Set(LOOPBACK);
  return (exchange) => {
    const host = exchange.header("host");
    if (hosts !== undefined && (host === undefined || !hosts.has(withoutPort(host))))
      return `The host ${JSON.stringify(host ?? "")} is not allowed. Name it in \`allowedHosts\`.`;
    const origin = exchange.header("origin");
    if (origin === undefined || allowedOrigins === "any") return undefined;
    const allowed = origins === undefined ? originHosts.has(hostOf(origin)) : origins.has(origin);
    return allowed ? undefined : `The origin ${JSON.stringify(origin)} is not allowed. Name it in \`allowedOrigins\`.`;
  };
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, "").toLowerCase();
}

function hostOf(origin: string): string {
  try {
    return new URL(origin).hostname;
  } catch {
    // `null` and the like: no host, which is allowed to nobody.
    return "";
  }
}

const EXPOSED = "Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, Retry-After, DPoP-Nonce";

/** Headers that let a page of an allowed origin read an answer (HTTP-160). */
export function corsHeaders(origin: string): FlatHeaders {
  return ["Access-Control-Allow-Origin", origin, "Vary", "Origin", "Access-Control-Expose-Headers", EXPOSED];
}

const REQUESTED =
  /^(?:content-type|accept|authorization|dpop|last-event-id|mcp-session-id|mcp-protocol-version|mcp-method|mcp-name|mcp-param-[!#$%&'*+.^_`|~0-9a-z-]+)$/;

/** The answer to a preflight: which of the headers that a page wants to send it may. */
export function preflightHeaders(requested: string | undefined): FlatHeaders {
  const names = (requested ?? "").split(",").map((name) => name.trim().toLowerCase());
  const allowed = names.filter((name) => REQUESTED.test(name));
  return [
    "Access-Control-Allow-Methods",
    "GET, POST, DELETE",
    "Access-Control-Allow-Headers",
    allowed.join(", "),
    "Access-Control-Max-Age",
    "7200",
  ];
}
