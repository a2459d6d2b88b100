/**
 * The requests of the other side that are being worked on: calling the handler, answering once, and stopping when asked to.
 * A handler that answers at once costs no promise and no book-keeping. Requirements BASE-07, BASE-63 to BASE-67, BASE-72, STDIO-24.
 */

import { CancelledError, McpWireError, MessageError, RpcError, toWireError } from "../errors.js";
import {
  failureOf,
  type RequestId,
  RpcCode,
  type RpcFailure,
  type RpcMessage,
  type RpcRequest,
  type RpcResult,
} from "./message.js";
import type { RequestOptions } from "./sent-request.js";
import type { SignalWords } from "./signals.js";

/** What is told that nobody waits for it any more. */
export interface Stoppable {
  stopped(reason: unknown): void;
}

/** One request as its handler sees it. */
export interface IncomingCall {
  readonly id: RequestId;
  readonly method: string;
  /** What the transport knows about where the request came from. */
  readonly origin: unknown;
  /** Aborts when the peer gives the request up or the connection goes; made when first read. */
  readonly signal: AbortSignal;
  /** Whether nobody waits for the answer any more. */
  readonly cancelled: boolean;
  /** Is told when the signal would abort, and why: costs less than a signal, where calls come by the thousand. */
  onstop?: Stoppable | undefined;
  /** Says how far the work is. Does nothing when nobody asked for it or the request has ended (BASE-55). */
  progress(update: object): void;
  /** Sends a notification that belongs to this request; dropped once nobody waits for the answer. */
  notify(method: string, params?: unknown): Promise<void> | undefined;
  /** Lets the peer come back later for the answer, instead of holding its stream open; see `Channel.detach`. */
  detach(retryMs?: number): boolean;
  /** Asks the peer something on behalf of this request. */
  request<T = unknown>(method: string, params?: unknown, options?: RequestOptions<T>): Promise<T>;
}

/** Answers a request: the result, a promise of it, or a thrown {@link RpcError}. Anything else thrown is an internal error. */
export type RequestHandler = (method: string, params: unknown, call: IncomingCall) => unknown;

const NO_WORDS: SignalWords = {};

/** The handler of a peer that has none. */
export const refuseAll: RequestHandler = (method) => {
  throw new RpcError(RpcCode.MethodNotFound, `Method not found: ${method}`);
};

/** What {@link Incoming} needs of its peer. */
export interface IncomingPort {
  /** May throw, as `Channel.send` does: the handler learns of it. */
  send(message: RpcMessage, about?: RequestId): Promise<void> | undefined;
  /** Never throws. */
  answer(answer: RpcResult | RpcFailure): void;
  request<T>(method: string, params: unknown, options: RequestOptions<T>): Promise<T>;
  report(error: McpWireError): void;
  /** This request was cancelled and gets no answer. */
  unanswered(id: RequestId): void;
  detach(id: RequestId, retryMs: number | undefined): boolean;
  /** The number of calls fell to none. */
  idle(): void;
}

/** Takes the answer of one call. `undefined` means that there will be none. */
export type AnswerSink = (answer: RpcResult | RpcFailure | undefined) => void;

/** The part of `PeerOptions` that is about requests of the other side. */
export interface IncomingSettings {
  readonly onrequest?: RequestHandler;
  readonly words?: SignalWords;
  readonly maxIncoming?: number;
}

class Call implements IncomingCall {
  readonly id: RequestId;
  readonly method: string;
  readonly origin: unknown;
  readonly sink: AnswerSink | undefined;
  ended = false;
  cancelled = false;
  onstop: Stoppable | undefined = undefined;
  readonly #params: unknown;
  readonly #port: IncomingPort;
  readonly #words: SignalWords;
  #controller: AbortController | undefined = undefined;
  #reason: unknown = undefined;

  constructor(
    port: IncomingPort,
    words: SignalWords,
    message: RpcRequest,
    origin: unknown,
    sink: AnswerSink | undefined,
  ) {
    this.id = message.id;
    this.method = message.method;
    this.origin = origin;
    this.sink = sink;
    this.#params = message.params;
    this.#port = port;
    this.#words = words;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.cancelled) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  cancel(reason: CancelledError): void {
    this.cancelled = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
    this.onstop?.stopped(reason);
  }

  progress(update: object): void {
    const words = this.#words.progress;
    if (words === undefined || this.ended || this.cancelled) return;
    const token = words.asked(this.#params);
    if (token === undefined) return;
    try {
      this.notify(words.method, words.write(token, update));
    } catch (error) {
      // Progress is a courtesy: that it cannot be sent must not fail the work.
      this.#port.report(toWireError(error, `Reporting the progress of ${this.method}`));
    }
  }

  notify(method: string, params?: unknown): Promise<void> | undefined {
    if (this.cancelled || this.ended) return undefined;
    const message =
      params === undefined ? { jsonrpc: "2.0" as const, method } : { jsonrpc: "2.0" as const, method, params };
    return this.#port.send(message, this.id);
  }

  detach(retryMs?: number): boolean {
    return !this.ended && !this.cancelled && this.#port.detach(this.id, retryMs);
  }

  request<T = unknown>(method: string, params?: unknown, options?: RequestOptions<T>): Promise<T> {
    if (this.ended) return Promise.reject(tooLate(method, this.method));
    return this.#port.request(method, params, { ...options, about: this.id });
  }
}

/** What goes out on behalf of a request goes its way, which ends with the answer. */
function tooLate(asked: string, answered: string): McpWireError {
  const problem = `${asked} was not asked: ${answered}, on whose behalf it was to be, has its answer already.`;
  return new McpWireError("INVALID_USE", problem, "Ask before the handler returns.");
}

export class Incoming {
  readonly #port: IncomingPort;
  readonly #settings: IncomingSettings;
  /** Only calls whose handlers did not answer at once. */
  #calls: Map<RequestId, Call> | undefined = undefined;

  constructor(port: IncomingPort, settings: IncomingSettings) {
    this.#port = port;
    this.#settings = settings;
  }

  get size(): number {
    return this.#calls?.size ?? 0;
  }

  /** Runs the handler. The answer goes to `sink` if there is one (a batch), else to the peer. */
  handle(message: RpcRequest, origin: unknown, sink?: AnswerSink): void {
    const call = new Call(this.#port, this.#settings.words ?? NO_WORDS, message, origin, sink);
    const refusal = this.#refusal(call);
    if (refusal !== undefined) {
      this.#finish(call, failureOf(call.id, refusal));
      return;
    }
    let outcome: unknown;
    try {
      const { method, params } = message;
      outcome =
        this.#settings.onrequest === undefined
          ? refuseAll(method, params, call)
          : this.#settings.onrequest(method, params, call);
    } catch (error) {
      this.#fail(call, error);
      return;
    }
    if (!isThenable(outcome)) {
      this.#succeed(call, outcome);
      return;
    }
    this.#calls ??= new Map();
    this.#calls.set(call.id, call);
    outcome.then(
      (value) => this.#succeed(call, value),
      (error: unknown) => this.#fail(call, error),
    );
  }

  /** Gives up the request with this id; false when none is being worked on. */
  cancel(id: RequestId, reason: string | undefined): boolean {
    const call = this.#calls?.get(id);
    if (call === undefined) return false;
    this.#stop(
      call,
      new CancelledError(`The peer gave up ${call.method}.`, reason === undefined ? "" : `Its reason: ${reason}`),
    );
    return true;
  }

  /** Stops every call, answering none: there is nobody left to answer. */
  stopAll(cause: McpWireError | undefined): void {
    const calls = [...(this.#calls?.values() ?? [])];
    for (const call of calls) {
      this.#stop(
        call,
        new CancelledError(`The connection was closed while ${call.method} was being answered.`, "", cause),
      );
    }
  }

  #refusal(call: Call): RpcError | undefined {
    if (this.#calls?.has(call.id) === true) {
      const text = `The id ${JSON.stringify(call.id)} belongs to a request that is still in flight.`;
      this.#port.report(
        new MessageError("DUPLICATE_ID", text, "The second request was refused; the peer should use each id once."),
      );
      return new RpcError(RpcCode.InvalidRequest, text);
    }
    if (this.size < (this.#settings.maxIncoming ?? 10_000)) return undefined;
    return new RpcError(
      RpcCode.InternalError,
      `Too many requests in flight: ${this.size} are being worked on. Await some answers and try again.`,
    );
  }

  #stop(call: Call, reason: CancelledError): void {
    call.ended = true;
    this.#calls?.delete(call.id);
    call.cancel(reason);
    if (call.sink === undefined) this.#port.unanswered(call.id);
    else call.sink(undefined);
    if (this.size === 0) this.#port.idle();
  }

  #succeed(call: Call, value: unknown): void {
    // JSON-RPC demands the member, and JSON has no `undefined`.
    this.#finish(call, { jsonrpc: "2.0", id: call.id, result: value === undefined ? null : value });
  }

  #fail(call: Call, error: unknown): void {
    if (error instanceof RpcError) {
      this.#finish(call, failureOf(call.id, error));
      return;
    }
    if (!call.cancelled) this.#port.report(toWireError(error, `The handler of ${call.method}`));
    this.#finish(call, failureOf(call.id, new RpcError(RpcCode.InternalError, "Internal error")));
  }

  #finish(call: Call, answer: RpcResult | RpcFailure): void {
    if (call.ended) return;
    call.ended = true;
    const wasOpen = this.#calls?.get(call.id) === call && this.#calls.delete(call.id);
    if (call.sink !== undefined) call.sink(answer);
    else this.#port.answer(answer);
    if (wasOpen && this.size === 0) this.#port.idle();
  }
}

/** Whether a value is a promise of any make. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}
