/**
 * The requests that this side sent and has no answer to yet: correlation by id, deadlines, progress and giving up.
 * Requirements BASE-04 to BASE-07, BASE-49 to BASE-69, LIFE-83 to LIFE-89.
 */

import { CancelledError, ConnectionError, McpWireError, MessageError, TimeoutError, toWireError } from "../errors.js";
import { AbortWatch } from "./abort-watch.js";
import { DeadlineWheel } from "./deadlines.js";
import { errorOf, type RequestId, type RpcFailure, type RpcMessage, type RpcResult } from "./message.js";
import { type RequestOptions, SentRequest } from "./sent-request.js";
import type { SignalWords } from "./signals.js";

/** What {@link Outgoing} needs of its peer. */
export interface OutgoingPort {
  send(message: RpcMessage, about?: RequestId): Promise<void> | undefined;
  report(error: McpWireError): void;
  /** Number of requests of the other side being worked on. */
  readonly working: number;
  /** Ends the exchange of a request that was given up; true where that tells the other side. */
  giveUp(id: RequestId): boolean;
  /** Whether a request has not set out yet for a reason on this side. */
  held(id: RequestId): boolean;
}

/** The limits and words of {@link Outgoing}; see `PeerOptions` for what they mean. */
export interface OutgoingSettings {
  readonly words: SignalWords;
  readonly createId: (() => RequestId) | undefined;
  readonly timeoutMs: number;
  readonly maxTotalMs: number;
  readonly maxInFlight: number;
  readonly holdWhileWorking: boolean;
}

/** How many given-up ids are remembered, so that their late answers are no news (BASE-65, BASE-66). */
const REMEMBERED = 1024;

const NO_OPTIONS: RequestOptions<never> = {};

export class Outgoing {
  readonly #port: OutgoingPort;
  readonly #settings: OutgoingSettings;
  readonly #sent = new Map<RequestId, SentRequest>();
  readonly #givenUp = new Set<RequestId>();
  readonly #wheel: DeadlineWheel<SentRequest>;
  readonly #aborts = new AbortWatch();
  #lastId = 0;

  constructor(port: OutgoingPort, settings: OutgoingSettings) {
    this.#port = port;
    this.#settings = settings;
    this.#wheel = new DeadlineWheel((request) => this.#expire(request));
  }

  get size(): number {
    return this.#sent.size;
  }

  has(id: RequestId): boolean {
    return this.#sent.has(id);
  }

  request<T>(method: string, params: unknown, options: RequestOptions<T> = NO_OPTIONS): Promise<T> {
    const refusal = this.#refusal(method, options);
    if (refusal !== undefined) return Promise.reject(refusal);
    const id = this.#settings.createId === undefined ? ++this.#lastId : this.#settings.createId();
    if (this.#sent.has(id)) return Promise.reject(idInUse(id, method));
    return new Promise<T>((resolve, reject) => {
      const request = new SentRequest(this, id, method, options, resolve as (value: unknown) => void, reject);
      this.#sent.set(id, request);
      this.#watch(request);
      this.#transmit(request, params);
    });
  }

  /** Settles the request that a response answers; a response to nothing is reported. */
  settle(response: RpcResult | RpcFailure): void {
    const request = this.#take(response.id);
    if (request === undefined) return;
    if ("error" in response && response.error !== null && response.error !== undefined) {
      request.reject(errorOf(response));
      return;
    }
    const { result } = response as RpcResult;
    if (request.options.read === undefined) {
      request.resolve(result);
      return;
    }
    try {
      request.resolve(request.options.read(result));
    } catch (error) {
      request.reject(error);
    }
  }

  /** Fails the request with this id, if there is one: its answer came in a form that is none. */
  spoil(id: RequestId, error: McpWireError): boolean {
    const request = this.#sent.get(id);
    if (request === undefined) return false;
    this.#forget(request);
    request.reject(error);
    return true;
  }

  /** Hands progress to the request it belongs to; false when there is none that asked for it. */
  progress(token: RequestId, params: unknown): boolean {
    const request = this.#sent.get(token);
    const listener = request?.options.onprogress;
    if (request === undefined || listener === undefined) return false;
    // The node of the wheel notices by itself that its time moved.
    request.progressed = true;
    request.dueAt = Math.min(performance.now() + request.timeoutMs, request.latest);
    try {
      listener(params);
    } catch (error) {
      this.#port.report(toWireError(error, `The progress listener of ${request.method}`));
    }
    return true;
  }

  /** Gives a request up because the signal of its caller aborted. */
  abort(request: SentRequest, signal: AbortSignal): void {
    this.#giveUp(request, cancelledBy(signal, request.method), reasonOf(signal));
  }

  /** Rejects everything in flight: `how` says what happened to the connection, `reason` why. */
  failAll(how: string, reason: McpWireError | undefined): void {
    const requests = [...this.#sent.values()];
    for (const request of requests) {
      this.#forget(request);
      request.reject(lost(request.method, how, reason));
    }
    this.#wheel.stop();
  }

  #refusal(method: string, options: RequestOptions<never> | RequestOptions<unknown>): McpWireError | undefined {
    const { timeoutMs = 1, maxTotalMs = 1 } = options;
    if (!(timeoutMs > 0) || !(maxTotalMs > 0)) {
      const problem = `${method} was not sent: its timeoutMs is ${timeoutMs} and its maxTotalMs ${maxTotalMs}.`;
      return new McpWireError("INVALID_USE", problem, "Give milliseconds above 0, or Infinity for no timeout.");
    }
    if (options.signal?.aborted === true) return cancelledBy(options.signal, method);
    if (this.#sent.size >= this.#settings.maxInFlight) {
      return new ConnectionError(
        "TOO_MANY_REQUESTS",
        `${method} was not sent: ${this.#sent.size} requests are in flight, which is the limit.`,
        "Await some answers first, or raise `maxInFlight`.",
      );
    }
    return undefined;
  }

  #watch(request: SentRequest): void {
    const { options } = request;
    const timeoutMs = options.timeoutMs ?? this.#settings.timeoutMs;
    request.timeoutMs = timeoutMs;
    if (timeoutMs !== Number.POSITIVE_INFINITY) {
      const now = performance.now();
      request.dueAt = now + timeoutMs;
      request.latest = now + Math.max(timeoutMs, options.maxTotalMs ?? this.#settings.maxTotalMs);
      this.#wheel.add(request);
    }
    if (options.signal !== undefined) this.#aborts.add(options.signal, request);
  }

  #transmit(request: SentRequest, given: unknown): void {
    const { id, method, options } = request;
    const words = this.#settings.words.progress;
    try {
      const params = options.onprogress !== undefined && words !== undefined ? words.ask(given, id) : given;
      const message =
        params === undefined
          ? { jsonrpc: "2.0" as const, id, method }
          : { jsonrpc: "2.0" as const, id, method, params };
      this.#port.send(message, options.about);
    } catch (error) {
      this.#forget(request);
      request.reject(toWireError(error, `Sending ${method}`));
    }
  }

  #take(id: RequestId | null | undefined): SentRequest | undefined {
    const request = id === null || id === undefined ? undefined : this.#sent.get(id);
    if (request !== undefined) {
      this.#forget(request);
      return request;
    }
    if (id === null || id === undefined || this.#givenUp.delete(id)) return undefined;
    this.#port.report(
      new MessageError(
        "UNKNOWN_ID",
        `The peer answered ${JSON.stringify(id)}, which is no request in flight; it may have been answered already.`,
        "The answer was dropped. The peer should repeat the id of each request once, in the same JSON type.",
      ),
    );
    return undefined;
  }

  #forget(request: SentRequest): void {
    this.#sent.delete(request.id);
    this.#wheel.drop(request);
    if (request.options.signal !== undefined) this.#aborts.drop(request.options.signal, request);
  }

  #expire(request: SentRequest): void {
    const now = performance.now();
    if (this.#port.held(request.id)) {
      request.dueAt = now + request.timeoutMs;
      request.latest += request.timeoutMs;
      this.#wheel.add(request);
      return;
    }
    if (this.#settings.holdWhileWorking && now < request.latest && this.#port.working > 0) {
      request.dueAt = Math.min(now + request.timeoutMs, request.latest);
      this.#wheel.add(request);
      return;
    }
    const name = `${request.method} (id ${JSON.stringify(request.id)})`;
    const error =
      request.progressed && request.dueAt >= request.latest
        ? new TimeoutError(
            `${name} was still making progress when its time was up.`,
            "Raise `maxTotalMs` if it may take longer.",
          )
        : new TimeoutError(
            `${name} had no answer within ${request.timeoutMs} ms.`,
            "Raise `timeoutMs`, or ask for progress if the peer reports any.",
          );
    this.#giveUp(request, error, "timeout");
  }

  #giveUp(request: SentRequest, error: McpWireError, reason: string): void {
    this.#forget(request);
    this.#remember(request.id);
    request.reject(error);
    try {
      if (this.#port.giveUp(request.id) || request.options.cancellable === false) return;
      this.#tellPeer(request, reason);
    } catch (caught) {
      this.#port.report(toWireError(caught, `Cancelling ${request.method}`));
    }
  }

  #tellPeer(request: SentRequest, reason: string): void {
    const { cancel } = this.#settings.words;
    if (cancel === undefined) return;
    const { method } = cancel;
    this.#port.send({ jsonrpc: "2.0", method, params: cancel.write(request.id, reason) }, request.options.about);
  }

  #remember(id: RequestId): void {
    this.#givenUp.add(id);
    if (this.#givenUp.size <= REMEMBERED) return;
    for (const oldest of this.#givenUp) {
      this.#givenUp.delete(oldest);
      return;
    }
  }
}

function cancelledBy(signal: AbortSignal, method: string): CancelledError {
  return new CancelledError(
    `${method} was cancelled by its caller.`,
    "`cause` is the reason the caller gave.",
    signal.reason,
  );
}

function reasonOf(signal: AbortSignal): string {
  const reason: unknown = signal.reason;
  if (typeof reason === "string") return reason;
  return reason instanceof Error ? reason.message : "cancelled by the caller";
}

function idInUse(id: RequestId, method: string): MessageError {
  return new MessageError(
    "DUPLICATE_ID",
    `${method} was not sent: \`createId\` gave ${JSON.stringify(id)}, which is the id of a request in flight.`,
    "Make it give each id once.",
  );
}

function lost(method: string, how: string, reason: McpWireError | undefined): ConnectionError {
  const why = reason === undefined ? "." : `: ${reason.message}`;
  const wayOut = "Connect again and repeat the request if that is safe.";
  return new ConnectionError("CLOSED", `${how} before ${method} was answered${why}`, wayOut, reason);
}
