/**
 * One HTTP endpoint for both eras: looks at who calls, reads the body within its limit, and hands each request to the era that it
 * belongs to by its own shape. Streamable HTTP; requirements HTTP-01 to HTTP-18, HTTP-79 to HTTP-89, HTTP-122, HTTP-156, LIFE-66 to LIFE-68.
 */

import { toWireError } from "../errors.js";
import { isThenable } from "../jsonrpc/incoming.js";
import { RpcCode } from "../jsonrpc/message.js";
import type { HttpBody, HttpExchange } from "../transport/http-exchange.js";
import { corsHeaders, createGuard, preflightHeaders } from "../transport/http-guard.js";
import { isObject } from "./envelope.js";
import {
  type Access,
  type Authenticate,
  type Authenticated,
  createAccess,
  type HttpRefusal,
  NO_SCOPES,
  type ServerScopes,
} from "./http-access.js";
import { type HttpOptions, settingsOf } from "./http-options.js";
import {
  CLOSING,
  createOpenStreams,
  createPatience,
  type HttpParts,
  refuse,
  SESSION_HEADER,
  VERSION_HEADER,
} from "./http-parts.js";
import { MetaKey, metaOf } from "./meta.js";
import { createStatefulHttp, type StatefulHttp } from "./stateful/http-server.js";
import { createHttpSse, type HttpSse } from "./stateful/http-sse-server.js";
import { SharedHttp } from "./stateful/shared-http.js";
import { createStatelessHttp, type StatelessHttp } from "./stateless/http-server.js";

export interface HttpEndpoint {
  /** Answers one request. */
  handle(exchange: HttpExchange): void;
  /** Answers a request for what is public, wherever it lies; false where it is none. */
  publish(exchange: HttpExchange): boolean;
  /** Ends every session and stream. */
  close(): Promise<void>;
}

export interface EndpointParts extends Pick<HttpParts, "begin" | "facts" | "selection"> {
  /** Default: none. */
  readonly scopes?: ServerScopes;
}

export function createHttpEndpoint(given: EndpointParts, options: HttpOptions = {}): HttpEndpoint {
  return new Endpoint(given, options);
}

class Endpoint implements HttpEndpoint {
  readonly #parts: HttpParts;
  readonly #scopes: ServerScopes;
  readonly #access: Access;
  readonly #guard: (exchange: HttpExchange) => string | undefined;
  readonly #stateful: StatefulHttp | undefined;
  readonly #stateless: StatelessHttp | undefined;
  readonly #sse: HttpSse | undefined;
  #closed = false;

  constructor(given: EndpointParts, options: HttpOptions) {
    const settings = settingsOf(given.selection, options);
    const parts: HttpParts = {
      ...given,
      settings,
      streams: createOpenStreams(settings.keepAliveMs, settings.maxWaitingBytes),
      patience: createPatience(),
    };
    this.#parts = parts;
    this.#scopes = given.scopes ?? NO_SCOPES;
    this.#access = createAccess(options.authenticate, this.#scopes, given.facts);
    this.#guard = createGuard(options);
    const { stateful, stateless } = given.selection;
    this.#stateful = stateful.length === 0 ? undefined : statefulHttp(parts);
    this.#stateless = stateless.length === 0 ? undefined : createStatelessHttp(parts);
    this.#sse = settings.httpSse ? createHttpSse(parts) : undefined;
  }

  handle(exchange: HttpExchange): void {
    this.#attempt(exchange, () => this.#begin(exchange));
  }

  publish(exchange: HttpExchange): boolean {
    const answer = this.#access.publish(exchange);
    if (answer !== undefined) give(exchange, answer);
    return answer !== undefined;
  }

  #begin(exchange: HttpExchange): void {
    if (exchange.repeatsHost) {
      refuse(exchange, 400, RpcCode.InvalidRequest, "The header Host came more than once. Name one host.");
      return;
    }
    if (this.publish(exchange)) return;
    const problem = this.#guard(exchange);
    if (problem !== undefined) {
      refuse(exchange, 403, RpcCode.InvalidRequest, problem);
      return;
    }
    const origin = exchange.header("origin");
    if (origin !== undefined) exchange.common = corsHeaders(origin);
    if (exchange.method === "OPTIONS") {
      exchange.respond(204, preflightHeaders(exchange.header("access-control-request-headers")));
      return;
    }
    exchange.access = this.#access;
    if (this.#access.authenticate === undefined) this.#admit(exchange, undefined);
    else this.#authenticate(exchange, this.#access.authenticate);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#stateful?.close(), this.#stateless?.close(), this.#sse?.close()]);
    this.#parts.streams.close();
    this.#parts.patience.stop();
  }

  /** What is known at once is used at once: a promise for each request would cost more than a look into a cache. */
  #authenticate(exchange: HttpExchange, authenticate: Authenticate): void {
    const failed = (error: unknown): void => this.#fail(exchange, error, "Authenticating a request");
    let found: ReturnType<Authenticate>;
    try {
      found = authenticate(exchange, this.#scopes);
    } catch (error) {
      failed(error);
      return;
    }
    if (isThenable(found)) found.then((later) => this.#attempt(exchange, () => this.#admit(exchange, later)), failed);
    else this.#admit(exchange, found);
  }

  #admit(exchange: HttpExchange, found: Authenticated | HttpRefusal | undefined): void {
    if (found !== undefined && "status" in found) {
      give(exchange, found);
      return;
    }
    exchange.principal = found?.principal;
    exchange.auth = found;
    if (this.#permits(exchange, this.#scopes.base)) this.#route(exchange);
  }

  /** Whether the caller may do what needs these scopes; refuses the request where not. */
  #permits(exchange: HttpExchange, needed: readonly string[]): boolean {
    const refusal = this.#access.refusal(exchange, needed);
    if (refusal !== undefined) give(exchange, refusal);
    return refusal === undefined;
  }

  #attempt(exchange: HttpExchange, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#fail(exchange, error, "Answering a request");
    }
  }

  #route(exchange: HttpExchange): void {
    // Who left while being authenticated could never be told of again.
    if (exchange.gone || this.#isClosing(exchange)) return;
    switch (exchange.method) {
      case "POST":
        this.#post(exchange);
        return;
      case "GET":
        if (this.#stateful !== undefined) this.#get(exchange, this.#stateful);
        else this.#refuseMethod(exchange);
        return;
      case "DELETE":
        if (this.#stateful !== undefined && exchange.header(SESSION_HEADER) !== undefined) this.#stateful.end(exchange);
        else this.#refuseMethod(exchange);
        return;
      default:
        this.#refuseMethod(exchange);
    }
  }

  #isClosing(exchange: HttpExchange): boolean {
    if (this.#closed) refuse(exchange, 503, RpcCode.InternalError, CLOSING);
    return this.#closed;
  }

  #refuseMethod(exchange: HttpExchange): void {
    const allow = this.#stateful === undefined ? "POST" : "GET, POST, DELETE";
    refuse(exchange, 405, RpcCode.InvalidRequest, `${exchange.method} is not answered here. Use ${allow}.`, {
      headers: ["Allow", allow],
    });
  }

  #get(exchange: HttpExchange, stateful: StatefulHttp): void {
    if (!accepts(exchange, "text/event-stream")) {
      const text = "The header Accept does not name text/event-stream. Name it.";
      refuse(exchange, 406, RpcCode.InvalidRequest, text);
    } else if (exchange.header(SESSION_HEADER) !== undefined) {
      stateful.listen(exchange).catch((error: unknown) => this.#fail(exchange, error, "Opening a stream"));
    } else if (this.#sse !== undefined && exchange.header(VERSION_HEADER) === undefined) {
      this.#sse.listen(exchange);
    } else {
      refuse(
        exchange,
        400,
        RpcCode.InvalidRequest,
        "The header Mcp-Session-Id is missing. Open a session by `initialize` first.",
      );
    }
  }

  #post(exchange: HttpExchange): void {
    if (!/^application\/json\s*(?:;|$)/i.test(exchange.header("content-type") ?? "")) {
      refuse(
        exchange,
        415,
        RpcCode.InvalidRequest,
        "The header Content-Type is not application/json. Send JSON, and say so.",
      );
    } else if (!accepts(exchange, "application/json") || !accepts(exchange, "text/event-stream")) {
      const text = "The header Accept does not name both application/json and text/event-stream. Name both.";
      refuse(exchange, 406, RpcCode.InvalidRequest, text);
    } else {
      exchange.readBody(this.#parts.settings.maxBodyBytes, (body) => this.#read(exchange, body));
    }
  }

  #read(exchange: HttpExchange, body: HttpBody): void {
    if (body.kind === "too-large") {
      const text = `The body has more than ${this.#parts.settings.maxBodyBytes} bytes. Send less.`;
      refuse(exchange, 413, RpcCode.InvalidRequest, text);
      return;
    }
    let message: unknown;
    try {
      message = body.kind === "text" ? JSON.parse(body.text) : body.kind === "parsed" ? body.value : undefined;
    } catch (error) {
      refuse(exchange, 400, RpcCode.ParseError, `The body is no JSON: ${(error as Error).message}. Send one message.`);
      return;
    }
    if (body.kind === "unreadable") {
      refuse(
        exchange,
        400,
        RpcCode.ParseError,
        `The body cannot be read: ${body.why}. Send it again, whole and in UTF-8.`,
      );
      return;
    }
    this.#attempt(exchange, () => this.#receive(exchange, message));
  }

  /** Which era a message belongs to is told by the message, not by what came before it (LIFE-67, LIFE-68). */
  #receive(exchange: HttpExchange, message: unknown): void {
    if (this.#isClosing(exchange)) return;
    const needed = this.#scopes.needed(message);
    if (needed.length > 0 && !this.#permits(exchange, [...new Set([...this.#scopes.base, ...needed])])) return;
    const stream = this.#sse?.sessionIn(exchange.target);
    if (stream !== undefined) this.#sse?.receive(exchange, stream, message);
    else if (this.#stateful === undefined || (this.#stateless !== undefined && this.#isStateless(exchange, message)))
      this.#stateless?.receive(exchange, message);
    else this.#stateful.receive(exchange, message);
  }

  #isStateless(exchange: HttpExchange, message: unknown): boolean {
    const params = isObject(message) ? message.params : undefined;
    const bringsRevision = typeof metaOf(params)?.[MetaKey.protocolVersion] === "string";
    // A handshake is none of this era's, whatever else it says (LIFE-68); what only has its name is an unknown method here (LIFE-63).
    if (isObject(message) && message.method === "initialize")
      return bringsRevision && !(isObject(params) && Object.hasOwn(params, "protocolVersion"));
    if (bringsRevision) return true;
    if (exchange.header(SESSION_HEADER) !== undefined) return false;
    const version = exchange.header(VERSION_HEADER)?.trim();
    return this.#parts.selection.stateless.some((revision) => revision === version);
  }

  #fail(exchange: HttpExchange, error: unknown, doing: string): void {
    this.#parts.facts.report(toWireError(error, doing));
    refuse(exchange, 500, RpcCode.InternalError, "Internal error");
  }
}

function statefulHttp(parts: HttpParts): StatefulHttp {
  const { shared } = parts.settings;
  return shared === undefined ? createStatefulHttp(parts) : new SharedHttp(parts, shared);
}

function give(exchange: HttpExchange, { status, headers = {}, body }: HttpRefusal): void {
  exchange.respond(status, Object.entries(headers).flat(), body);
}

/** Whether an answer of a type is wanted; a client that says nothing wants any. */
function accepts(exchange: HttpExchange, type: string): boolean {
  const accept = exchange.header("accept");
  if (accept === undefined) return true;
  const wanted = accept.toLowerCase();
  return wanted.includes(type) || wanted.includes("*/*") || wanted.includes(`${type.split("/")[0]}/*`);
}
