/**
 * One HTTP request and its answer, as everything above sees it. Two rooms make them: `http-node.ts` from Node's own objects, without a
 * detour, and `http-fetch.ts` from the web's `Request`. Nothing here knows what is said in the bodies.
 */

/** Header names and values in one flat list, as Node takes them without copying. */
export type FlatHeaders = readonly string[];

/** What came as the body of a request. */
export type HttpBody =
  | { readonly kind: "text"; readonly text: string }
  /** A framework in front has parsed it already. */
  | { readonly kind: "parsed"; readonly value: unknown }
  | { readonly kind: "too-large" }
  /** The client went away, or its bytes are no UTF-8. */
  | { readonly kind: "unreadable"; readonly why: string };

/** What is known of a request before its body is read. */
export interface HttpRequestInfo {
  readonly method: string;
  /** Path and query, as the client wrote them. */
  readonly target: string;
  /** The value of a header, its parts joined with a comma where it came more than once; the name in lower case. */
  header(name: string): string | undefined;
}

/** Judges what callers may do. */
export interface HttpAccess {
  /** Whether a caller, as authentication found it out, may do what needs these scopes. */
  allows(caller: unknown, needed: readonly string[]): boolean;
}

export interface HttpExchange extends HttpRequestInfo {
  /** Who sends, as authentication found out; absent where nobody asked. */
  principal: string | undefined;
  /** All that authentication found out. */
  auth: unknown;
  /** Judges what who sends may do; absent before the endpoint has the exchange. */
  access: HttpAccess | undefined;
  /** Headers for every kind of answer, such as those for other origins. */
  common: FlatHeaders;
  /** Called when the client goes before the answer was complete. It says nothing of one that had gone before: see `gone`. */
  onclose: (() => void) | undefined;
  /** Whether the client went before the answer was complete. */
  readonly gone: boolean;
  /** Whether it names its host more than once: what stands in front may have gone by another than is seen here. */
  readonly repeatsHost: boolean;
  /** Reads the body; calls back once. `limit` is in bytes. */
  readBody(limit: number, done: (body: HttpBody) => void): void;
  /** Answers in whole; later answers to the same request are ignored. */
  respond(status: number, headers: FlatHeaders, body?: string): void;
  /** Begins an answer that is a stream of events. `maxWaiting` is the bound of what waits for the client, in bytes. */
  stream(headers: FlatHeaders, maxWaiting: number): EventSink;
}

/** The client's end of an event stream. */
export interface EventSink {
  readonly closed: boolean;
  /**
   * Writes one or more events. Gives a promise while the client reads more slowly than this side writes; it never rejects. Beyond the
   * bound the client is cut off: it does not read.
   */
  write(text: string): Promise<void> | undefined;
  /** Ends the stream after what was written. */
  end(): void;
}

/**
 * Where a request came from, for handlers: the HTTP request around it, and what authentication found out. `header` has everything but
 * credentials (`authorization`, `proxy-authorization`, `dpop`): a caller's token is for this server alone, and is not to be handed on.
 */
export interface HttpOrigin extends HttpRequestInfo {
  /** Who sends; absent where nobody asked. */
  readonly principal: string | undefined;
  /** All that `authenticate` gave. */
  readonly auth: unknown;
  /** Whether who sends may do what needs these scopes. Where nobody is asked who they are, everybody may. */
  allows(scopes: readonly string[]): boolean;
}

/** Headers that are for authentication alone (AUTH-97, SEC-32). */
const CREDENTIALS: ReadonlySet<string> = new Set(["authorization", "proxy-authorization", "dpop"]);

/** What of an exchange is for handlers to see: to read, not to answer with. */
export function originOf(exchange: HttpExchange): HttpOrigin {
  return new Origin(exchange);
}

class Origin implements HttpOrigin {
  readonly #exchange: HttpExchange;

  constructor(exchange: HttpExchange) {
    this.#exchange = exchange;
  }

  get method(): string {
    return this.#exchange.method;
  }
  get target(): string {
    return this.#exchange.target;
  }
  get principal(): string | undefined {
    return this.#exchange.principal;
  }
  get auth(): unknown {
    return this.#exchange.auth;
  }
  header(name: string): string | undefined {
    // Some platforms find a header by its name in any case, so a credential must not be there in any.
    const key = name.toLowerCase();
    return CREDENTIALS.has(key) ? undefined : this.#exchange.header(key);
  }
  allows(scopes: readonly string[]): boolean {
    return this.#exchange.access?.allows(this.#exchange.auth, scopes) ?? false;
  }
}

export const JSON_TYPE = "application/json";

/** An answer of JSON text. */
export function respondJson(exchange: HttpExchange, status: number, text: string, more: FlatHeaders = []): void {
  exchange.respond(status, ["Content-Type", JSON_TYPE, ...more], text);
}
