/**
 * The client's side of Streamable HTTP in the stateful era: every message is a POST, answers come as JSON or as a stream that can be
 * taken up again, and a session may hold it all together. Requirements HTTP-09 to HTTP-14, HTTP-27, HTTP-39 to HTTP-74.
 */

import { ConnectionError, type McpWireError, MessageError, RpcError, toWireError } from "../../errors.js";
import {
  errorOf,
  kindOf,
  type LooseMessage,
  type RequestId,
  type RpcFailure,
  type RpcPayload,
  type RpcRequest,
  requestIds,
} from "../../jsonrpc/message.js";
import { dropBody } from "../../transport/bodies.js";
import { sleep } from "../../transport/patience.js";
import { isObject } from "../envelope.js";
import {
  type AnswerSink,
  createRest,
  nameOf,
  POST_HEADERS,
  type Rest,
  readAnswer,
  readRefusal,
  streamLost,
} from "../http-answers.js";
import type { HttpContext } from "../http-context.js";
import { signalWords } from "../meta.js";
import { suggestsHttpSse } from "../negotiate.js";
import { headersOf, isSessionLost, newSession, readSessionId, type Session } from "./http-client-session.js";
import { get, listen, mayPass, StreamPlace } from "./http-streams.js";

export interface StatefulHttp {
  /** Whether a handshake was sent. */
  readonly begun: boolean;
  /** Posts requests. */
  request(message: RpcPayload, body: string): void;
  /** Posts what needs no answer; resolves when it was taken or refused, and never rejects. */
  post(message: RpcPayload, body: string): Promise<void>;
  /** Stops waiting for the answer to a request, which tells the server nothing. */
  giveUp(id: RequestId): void;
  /** Tells the server that the session is over; never rejects. Every exchange must have ended. */
  end(signal: AbortSignal): Promise<void>;
}

export interface StatefulHttpSettings {
  /** Whether the stream for what the server says unasked is opened. */
  readonly listen: boolean;
  /** Tries the transport of before Streamable HTTP, for a handshake that was refused; true where the message went that way. */
  older(handshake: RpcRequest): Promise<boolean>;
}

interface Exchange {
  readonly session: Session;
  readonly controller: AbortController;
  readonly what: string;
  /** Requests without an answer. */
  readonly waiting: Set<RequestId>;
  readonly place: StreamPlace;
  readonly rest: Rest;
  /** An error that names no request, and so is about this exchange. */
  failure: McpWireError | undefined;
}

/** Failures in a row after which a stream is not taken up any more. */
const MAX_FAILURES = 8;

/** How long after giving up an exchange is cut, so that the notice of it can go first. */
const GIVE_UP_MS = 1_000;

export function createStatefulHttp(context: HttpContext, settings: StatefulHttpSettings): StatefulHttp {
  return new Stateful(context, settings);
}

class Stateful implements StatefulHttp {
  begun = false;
  readonly #context: HttpContext;
  readonly #settings: StatefulHttpSettings;
  readonly #exchanges = new Map<RequestId, Exchange>();
  #session: Session = newSession();

  constructor(context: HttpContext, settings: StatefulHttpSettings) {
    this.#context = context;
    this.#settings = settings;
  }

  request(message: RpcPayload, body: string): void {
    const shakes = isHandshake(message);
    if (shakes) {
      this.begun = true;
      this.#session.listener?.abort();
      this.#session = newSession();
    }
    const controller = this.#context.open();
    const exchange: Exchange = {
      session: this.#session,
      controller,
      what: nameOf(message, this.#context.url),
      waiting: new Set(requestIds(message)),
      place: new StreamPlace(),
      rest: createRest(() => controller.abort()),
      failure: undefined,
    };
    for (const id of exchange.waiting) this.#exchanges.set(id, exchange);
    const ended = (error?: unknown): void => this.#ended(exchange, error);
    this.#run(exchange, message, body).then(() => ended(), ended);
  }

  async post(message: RpcPayload, body: string): Promise<void> {
    const { url, events } = this.#context;
    const session = this.#session;
    const controller = this.#context.open();
    const { method, params } = message as { method?: string; params?: unknown };
    const opens = method === "notifications/initialized";
    try {
      const headers = { ...POST_HEADERS, ...headersOf(session) };
      const request = { method: "POST" as const, url, headers, body, signal: controller.signal };
      const response = await (await this.#context.begin(request, opens)).response;
      if (!response.ok) throw await this.#refusal(response, nameOf(message, url), session);
      await dropBody(response);
      if (opens && this.#settings.listen) this.#listen(session);
    } catch (error) {
      if (!this.#context.closed) events.onerror(toWireError(error, `Sending ${nameOf(message, url)}`));
    } finally {
      this.#context.done(controller);
      const notice = method === signalWords.cancel?.method ? signalWords.cancel?.read(params) : undefined;
      if (notice !== undefined) this.#exchanges.get(notice.id)?.controller.abort();
    }
  }

  giveUp(id: RequestId): void {
    const exchange = this.#exchanges.get(id);
    if (exchange !== undefined) setTimeout(() => exchange.controller.abort(), GIVE_UP_MS);
  }

  async end(signal: AbortSignal): Promise<void> {
    const session = this.#session;
    if (session.id === undefined || session.lost) return;
    const { url, events } = this.#context;
    try {
      const request = { method: "DELETE" as const, url, headers: headersOf(session), signal };
      const response = await (await this.#context.begin(request)).response;
      await dropBody(response);
    } catch (error) {
      events.onerror(toWireError(error, "Ending the session"));
    }
  }

  #ended(exchange: Exchange, error: unknown): void {
    const { controller, waiting, what } = exchange;
    const given = controller.signal.aborted;
    exchange.rest.stop();
    this.#context.done(controller);
    for (const id of waiting) {
      this.#exchanges.delete(id);
      if (!given) this.#context.events.onlost(id, toWireError(error, `Sending ${what}`));
    }
  }

  async #run(exchange: Exchange, message: RpcPayload, body: string): Promise<void> {
    const { url, maxBytes } = this.#context;
    const { session, controller, waiting, place } = exchange;
    const headers = { ...POST_HEADERS, ...headersOf(session) };
    const onhold = this.#context.holding(waiting);
    const request = { method: "POST" as const, url, headers, body, signal: controller.signal, onhold };
    const response = await (await this.#context.begin(request)).response;
    if (!response.ok) return await this.#refused(exchange, message, response);
    if (isHandshake(message)) session.id = readSessionId(response, (error) => this.#context.events.onerror(error));
    const sink: AnswerSink = {
      onmessage: (answer) => this.#deliver(answer, exchange),
      onerror: (error) => this.#context.events.onerror(error),
    };
    let cause: unknown;
    try {
      await readAnswer(response, maxBytes, place.follow(sink));
    } catch (error) {
      if (waiting.size === 0) return;
      if (error instanceof MessageError) throw error;
      cause = error;
    }
    await this.#takeUp(exchange, sink);
    if (waiting.size > 0) throw exchange.failure ?? streamLost(exchange.what, cause);
  }

  /** Comes back for what is missing, as long as the stream says from where (HTTP-43, HTTP-44, HTTP-51). The POST is never repeated. */
  async #takeUp({ session, controller, waiting, place, what }: Exchange, sink: AnswerSink): Promise<void> {
    let failures = 0;
    while (waiting.size > 0 && place.lastEventId !== undefined && !controller.signal.aborted) {
      await sleep(place.waitMs, controller.signal);
      if (controller.signal.aborted) return;
      const got = await get(this.#context, place, headersOf(session), controller, sink);
      failures = got.kind === "read" ? 0 : failures + 1;
      if (got.kind === "refused" && !mayPass(got.status)) throw streamLost(what, got.refusal.error);
      if (failures > MAX_FAILURES)
        throw streamLost(what, got.kind === "failed" ? got.cause : new Error("it could not be taken up"));
    }
  }

  async #refused(exchange: Exchange, message: RpcPayload, response: Response): Promise<void> {
    const { session, waiting, what } = exchange;
    const [id] = waiting;
    const { status } = response;
    const read = await readRefusal(response, what, id);
    const code = read.error instanceof RpcError ? read.error.rpcCode : undefined;
    if (
      isHandshake(message) &&
      suggestsHttpSse(status, code, offerOf(message)) &&
      (await this.#settings.older(message))
    ) {
      for (const one of waiting) this.#exchanges.delete(one);
      waiting.clear();
      return;
    }
    if (isSessionLost(status, session, read.message)) throw this.#loseSession(session, read.error);
    if (read.message === undefined) throw read.error;
    this.#deliver(read.message, exchange);
  }

  async #refusal(response: Response, what: string, session: Session): Promise<McpWireError> {
    const { error } = await readRefusal(response, what, undefined);
    return isSessionLost(response.status, session, undefined) ? this.#loseSession(session, error) : error;
  }

  #loseSession(session: Session, cause: McpWireError): ConnectionError {
    session.lost = true;
    session.listener?.abort();
    const problem = "The server does not know the session any more.";
    return new ConnectionError("SESSION_LOST", problem, "Connect again: the request was not carried out.", cause);
  }

  /** Hands a message on, after noting which requests it answers. */
  #deliver(message: unknown, from: Exchange | undefined): void {
    if (Array.isArray(message)) for (const one of message) this.#note(one);
    else if (from !== undefined && from.waiting.size > 0 && isAboutNothing(message)) {
      from.failure = errorOf(message);
      return;
    } else this.#note(message);
    this.#context.events.onmessage(message);
  }

  #note(message: unknown): void {
    const kind = kindOf(message);
    if (kind !== "result" && kind !== "failure") return;
    const { id, result } = message as LooseMessage;
    const exchange = this.#exchanges.get(id as RequestId);
    if (exchange === undefined) return;
    this.#exchanges.delete(id as RequestId);
    exchange.waiting.delete(id as RequestId);
    if (exchange.waiting.size === 0) exchange.rest.answered();
    const { session } = exchange;
    // The first answer of a session is that to its handshake.
    if (session.revision === undefined && isObject(result) && typeof result.protocolVersion === "string")
      session.revision = result.protocolVersion;
  }

  #listen(session: Session): void {
    const controller = this.#context.open();
    session.listener = controller;
    const onmessage = (message: unknown): void => this.#deliver(message, undefined);
    void listen(this.#context, () => headersOf(session), controller, onmessage).then(() =>
      this.#context.done(controller),
    );
  }
}

function isHandshake(message: RpcPayload): message is RpcRequest {
  return (message as LooseMessage).method === "initialize";
}

function offerOf({ params }: RpcRequest): unknown {
  return isObject(params) ? params.protocolVersion : undefined;
}

function isAboutNothing(message: unknown): message is RpcFailure {
  const { id } = message as LooseMessage;
  return (id === undefined || id === null) && kindOf(message) === "failure";
}
