/**
 * One HTTP exchange of a client, over the platform's `fetch` or the one that is given. Headers of the caller go to the origin of the
 * target and to no other: redirects are followed inside it alone.
 */

import { ConnectionError, HttpError, McpWireError, toWireError } from "../errors.js";
import { dropBody } from "./bodies.js";

/** Headers in any of the forms that `fetch` takes. */
export type HeaderSource = Headers | Readonly<Record<string, string>> | readonly (readonly [string, string])[];

/** What is needed of a `fetch`. */
export type Fetch = (url: string, init: FetchInit) => Promise<Response>;

export interface FetchInit {
  readonly method: string;
  readonly headers: Headers;
  readonly body?: string;
  readonly signal: AbortSignal;
  readonly redirect: "manual";
  /** To be called by a `fetch` that waits for somebody before the request can go: until the promise settles its time does not run. */
  readonly onhold?: ((until: Promise<unknown>) => void) | undefined;
  /** The address of the server, where this request goes to another one of the same origin, which the server named. */
  readonly server?: string;
}

export interface HttpClientSettings {
  /** Used in place of the global `fetch`, for authorization, proxies or limits of its own. */
  readonly fetch?: Fetch;
  /** Headers for every request, or a function that gives them, which is called for each. */
  readonly headers?: HeaderSource | (() => HeaderSource | Promise<HeaderSource>);
}

export interface HttpRequest {
  readonly method: "DELETE" | "GET" | "POST";
  readonly url: URL;
  /** Headers of the protocol; they win over those of the settings. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** As in {@link FetchInit}. */
  readonly onhold?: (until: Promise<unknown>) => void;
  /** As in {@link FetchInit}. */
  readonly server?: string;
}

/** Begins requests. */
export interface HttpCaller {
  /**
   * Resolves when the request is on its way, with what comes of it: the answer, whatever its status, or
   * `ConnectionError` `REQUEST_FAILED`. Rejects where the headers could not be had.
   */
  begin(request: HttpRequest): Promise<Begun>;
}

export interface Begun {
  readonly response: Promise<Response>;
}

const MAX_REDIRECTS = 5;

export function createHttpCaller(settings: HttpClientSettings): HttpCaller {
  const fetch = settings.fetch ?? globalFetch;
  return {
    async begin(request) {
      const headers = await headersFor(request, settings.headers);
      const response = exchange(fetch, request, headers);
      // Whoever began it also waits for it; a failure in between must not count as unhandled.
      response.catch(() => undefined);
      return { response };
    },
  };
}

/**
 * The target of a client.
 * @throws McpWireError `INVALID_USE` where it is no URL of HTTP, or holds credentials.
 */
export function readHttpUrl(target: string | URL): URL {
  const url = URL.canParse(String(target)) ? new URL(String(target)) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    const problem = `${JSON.stringify(String(target))} is no URL that begins with http:// or https://.`;
    throw new McpWireError("INVALID_USE", problem, "To start a program, give `{ command, args }`.");
  }
  if (url.username !== "" || url.password !== "") {
    const wayOut = "Send them by the option `headers`, as `Authorization`.";
    throw new McpWireError("INVALID_USE", `The URL of ${url.host} holds credentials.`, wayOut);
  }
  return url;
}

/** A URL for messages: without its query, which may hold secrets. */
export function shownUrl(url: URL): string {
  return url.origin + url.pathname;
}

function globalFetch(url: string, init: FetchInit): Promise<Response> {
  return globalThis.fetch(url, init);
}

async function headersFor(request: HttpRequest, given: HttpClientSettings["headers"]): Promise<Headers> {
  try {
    const source = typeof given === "function" ? await given() : given;
    const headers = new Headers(source as ConstructorParameters<typeof Headers>[0]);
    for (const [name, value] of Object.entries(request.headers)) headers.set(name, value);
    return headers;
  } catch (error) {
    throw toWireError(error, `Making the headers for ${shownUrl(request.url)}`);
  }
}

async function exchange(fetch: Fetch, request: HttpRequest, headers: Headers): Promise<Response> {
  const { method, body, signal, onhold, server } = request;
  const own = { ...(body === undefined ? {} : { body }), ...(server === undefined ? {} : { server }) };
  let { url } = request;
  for (let hops = 0; ; hops++) {
    const redirect = "manual" as const;
    const init = { method, headers, signal, redirect, onhold, ...own };
    let response: Response;
    try {
      response = await fetch(url.href, init);
    } catch (cause) {
      throw failed(request, cause);
    }
    const next = redirectOf(response, url);
    if (next === undefined) return response;
    await dropBody(response);
    // After 301 to 303 clients go on with GET, which would lose the message.
    const kept = method === "GET" || response.status === 307 || response.status === 308;
    if (next === "hidden" || next.origin !== url.origin || !kept || hops >= MAX_REDIRECTS)
      throw notFollowed(request, response, next);
    url = next;
  }
}

/** Where an answer leads; `hidden` where the platform does not tell. */
function redirectOf(response: Response, url: URL): URL | "hidden" | undefined {
  if (response.type === "opaqueredirect") return "hidden";
  if (![301, 302, 303, 307, 308].includes(response.status)) return undefined;
  const location = response.headers.get("location");
  return location !== null && URL.canParse(location, url.href) ? new URL(location, url.href) : undefined;
}

function failed({ method, url }: HttpRequest, cause: unknown): McpWireError {
  if (cause instanceof McpWireError) return cause;
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const { code, message = String(inner) } = inner as { code?: string; message?: string };
  // Failures at several addresses have no message but a code.
  const why = message === "" ? String(code) : message;
  const problem = `${method} ${shownUrl(url)} failed: ${why}.`;
  return new ConnectionError("REQUEST_FAILED", problem, "Look whether the server runs and can be reached.", cause);
}

function notFollowed({ method, url }: HttpRequest, response: Response, next: URL | "hidden"): HttpError {
  const { status, headers } = response;
  const where = next === "hidden" ? "elsewhere" : `to ${shownUrl(next)}`;
  const problem = `${method} ${shownUrl(url)} was redirected ${where} (status ${status}), which is not followed.`;
  const wayOut = "Connect to the final URL if you trust it; headers are sent to no other origin by themselves.";
  return new HttpError(problem, wayOut, { status, headers, head: "" });
}
