/**
 * A `fetch` for URLs that a peer supplied: metadata documents, icons, whatever a server names. It goes to public addresses alone, to
 * the very address that was checked, within bounds of size and time (SEC-20 to SEC-26, AUTH-33, BASE-109).
 */

import { McpWireError } from "../errors.js";
import { createDeadline } from "./deadline.js";
import type { Hop, Limits } from "./hop.js";
import { isRedirect, nextHop } from "./redirects.js";
import { readOutboundUrl, shownUrl } from "./url.js";

export interface GuardedFetchOptions {
  /**
   * Whether loopback addresses, and `http:` to them, are allowed: only where the server that supplied the URLs is on loopback itself.
   * Default `false`.
   */
  readonly allowLoopback?: boolean;
  /**
   * Networks (`10.1.0.0/16`, `fd12:3456::/32`) that count as public, for an enterprise whose own servers supply the URLs. Default none.
   */
  readonly allowNetworks?: readonly string[];
  /** Gives every address of a host name, or none. Default: the resolver of the system. Called once a request and redirect. */
  readonly resolve?: (hostname: string) => Promise<readonly string[]> | readonly string[];
  /** The most that an answer's body may have, in bytes, decompressed. Default 1 MiB. */
  readonly maxBytes?: number;
  /** Time for finding the address, connecting and TLS, in milliseconds. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Time for all, redirects and the body included, in milliseconds. Default 15,000. */
  readonly timeoutMs?: number;
  /** How many redirects are followed; one more fails. Default 3. */
  readonly maxRedirects?: number;
  /** Where redirects may lead: to `"any"` origin that passes the same checks, or stay within the `"same-origin"`. Default `"any"`. */
  readonly redirects?: "any" | "same-origin";
  /**
   * Media types that an answer with a success status must have one of: `application/json`, all of a kind (`image/*`), or all with a suffix
   * (`*+json`). Default: anything.
   */
  readonly contentTypes?: readonly string[];
  /** Certificates of the authorities that are trusted, as PEM. Default: those of the platform. */
  readonly ca?: string | readonly string[];
}

/**
 * Makes a `fetch` that refuses what a peer has no business to send one to. It obeys `method`, `headers`, `body`, `signal` and `redirect` of
 * the platform's; it has no cookies, no cache, no proxy, and each request has a connection of its own.
 *
 * The promise, or reading the body, rejects with `McpWireError` `URL_REFUSED` (where it leads) or `ANSWER_REFUSED` (what came),
 * `ConnectionError` `REQUEST_FAILED`, `TimeoutError`, or the reason of the given signal.
 * @throws McpWireError `INVALID_USE` on a runtime where no connection can be held to an address, such as a web page.
 */
export function createGuardedFetch(options: GuardedFetchOptions = {}): typeof fetch {
  if (!hasSockets()) {
    const problem = "The guarded fetch needs Node's sockets to hold a connection to the address that was checked.";
    throw new McpWireError("INVALID_USE", problem, "On this runtime, use its own fetch, behind limits of its own.");
  }
  const limits = readLimits(options);
  return async (input, init) => {
    const request = await readRequest(input, init, limits);
    const deadline = createDeadline(request.hop.url, limits.timeoutMs, request.signal);
    try {
      return await follow({ ...request.hop, deadline }, request.redirect, limits);
    } catch (error) {
      deadline.end();
      throw deadline.signal.aborted ? deadline.signal.reason : error;
    }
  };
}

function hasSockets(): boolean {
  return typeof globalThis.process?.versions?.node === "string";
}

function readLimits(options: GuardedFetchOptions): Limits {
  const { maxBytes = 1 << 20, connectTimeoutMs = 5000, timeoutMs = 15_000, maxRedirects = 3 } = options;
  for (const [name, value] of Object.entries({ maxBytes, connectTimeoutMs, timeoutMs, maxRedirects })) {
    if (Number.isSafeInteger(value) && value >= 0 && value < 2 ** 31) continue;
    throw new McpWireError("INVALID_USE", `\`${name}\` is ${value}.`, "Give a whole number, 0 or greater.");
  }
  return { ...options, maxBytes, connectTimeoutMs, timeoutMs, maxRedirects };
}

interface GivenRequest {
  readonly hop: Omit<Hop, "deadline">;
  readonly signal: AbortSignal | undefined;
  readonly redirect: Request["redirect"];
}

async function readRequest(
  input: Parameters<typeof fetch>[0],
  init: RequestInit | undefined,
  limits: Limits,
): Promise<GivenRequest> {
  const given = input instanceof Request ? input : undefined;
  const url = readOutboundUrl(given?.url ?? (input as string | URL), limits);
  try {
    // The signal is followed by the deadline alone: what the platform hangs on it could outlive the request.
    const request = new Request(given ?? url, { ...init, signal: null });
    const { method, headers, redirect } = request;
    const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
    const allowLoopback = limits.allowLoopback === true;
    return { hop: { url, method, headers, body, allowLoopback }, redirect, signal: init?.signal ?? given?.signal };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new McpWireError(
      "INVALID_USE",
      `The request to ${shownUrl(url)} cannot be made: ${why}.`,
      "Look at `init`.",
      cause,
    );
  }
}

async function follow(first: Hop, redirect: Request["redirect"], limits: Limits): Promise<Response> {
  const [{ exchange }, { toResponse }] = await Promise.all([import("./pinned.js"), import("./answer.js")]);
  let hop = first;
  for (let hops = 0; ; hops++) {
    const { message, loopback } = await exchange(hop, limits);
    const { statusCode: status = 0 } = message;
    const { location } = message.headers;
    if (location === undefined || !isRedirect(status) || redirect === "manual")
      return toResponse(message, hop, limits, hops > 0);
    message.destroy();
    hop = nextHop({ hop, status, location, loopback, redirect, hops }, limits);
  }
}
