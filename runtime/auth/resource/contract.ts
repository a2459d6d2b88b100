/** What the parts of a resource server share: tokens as they were verified, requests and answers as the HTTP ends know them. */

import { McpWireError } from "../../errors.js";

/**
 * What a token says, in the names of JWT access tokens (RFC 9068) and of introspection (RFC 7662). `aud` has to name this server, and `sub` or
 * `client_id` who calls.
 */
export interface TokenClaims {
  readonly iss?: string | undefined;
  readonly sub?: string | undefined;
  readonly aud?: string | readonly string[] | undefined;
  /** Seconds since 1970. */
  readonly exp?: number | undefined;
  /** Seconds since 1970. */
  readonly nbf?: number | undefined;
  /** Scopes with spaces between them. */
  readonly scope?: string | undefined;
  readonly client_id?: string | undefined;
  readonly [claim: string]: unknown;
}

/** Finds out what a token says, or `undefined` where it is none of a caller's. An error means that it could not be found out. */
export type VerifyToken = (token: string) => TokenClaims | undefined | Promise<TokenClaims | undefined>;

/** Whether what a token says is still to come. */
export function isLater(said: ReturnType<VerifyToken>): said is Promise<TokenClaims | undefined> {
  return typeof (said as { readonly then?: unknown } | undefined)?.then === "function";
}

/** Verifies tokens, and says how long the outcome may be relied upon. */
export interface TokenVerifier {
  readonly verify: VerifyToken;
  /** Milliseconds for which what a token says is taken from memory, never beyond its expiry. */
  readonly cacheMs: number;
}

/** Who calls, for handlers: `callerOf(ctx)`. The token itself is not in it. */
export interface Caller {
  /** Issuer, subject and client in one text: what sessions, tasks and states are bound to. */
  readonly principal: string;
  /** The scopes that the token was given. */
  readonly scopes: readonly string[];
  readonly issuer: string | undefined;
  readonly subject: string | undefined;
  readonly clientId: string | undefined;
  /** Seconds since 1970; absent where the token does not say. */
  readonly expiresAt: number | undefined;
  /** Everything that the token, or its introspection, says. Frozen. */
  readonly claims: TokenClaims;
}

/** A request as the HTTP ends show it. */
export interface ResourceRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** The value of a header; the name in lower case. */
  header(name: string): string | undefined;
}

/** An answer that ends a request. */
export interface ResourceAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The scopes that a server's definitions name. */
export interface NamedScopes {
  readonly base: readonly string[];
  all(): readonly string[];
}

/** A token that is refused; the problem is for the client to read, so it holds nothing of the token. */
export function invalidToken(problem: string, cause?: unknown): McpWireError {
  return new McpWireError("INVALID_TOKEN", problem, "Get another one.", cause);
}

/** Tokens cannot be judged just now, through no fault of who sent them. */
export function unverifiable(problem: string, cause: unknown): McpWireError {
  const why = cause instanceof Error ? `: ${cause.message}` : "";
  return new McpWireError(
    "UNVERIFIABLE",
    `${problem}${why}.`,
    "Look at the authorization server, and at the addresses given for it.",
    cause,
  );
}

export function wrongUse(problem: string, wayOut: string): McpWireError {
  return new McpWireError("INVALID_USE", problem, wayOut);
}
