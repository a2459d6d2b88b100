/**
 * One side of a JSON-RPC 2.0 conversation over a channel: sends requests and gets their answers, gets requests and answers them.
 * It knows no method: the words for cancellation and progress are handed in, and everything else is the protocol's above.
 */

import { ConnectionError, McpWireError, MessageError, RpcError, toWireError } from "../errors.js";
import { batchProblem, createBatchAnswer, unwritable, writable } from "./batch.js";
import type { Channel, ChannelEvents } from "./channel.js";
import { outgoingSettings, type Peer, type PeerOptions } from "./contract.js";
import { readHead } from "./head.js";
import { Incoming, type IncomingPort, isThenable } from "./incoming.js";
import {
  errorOf,
  failureOf,
  isRequestId,
  kindOf,
  type LooseMessage,
  notAMessage,
  type RequestId,
  RpcCode,
  type RpcFailure,
  type RpcMessage,
  type RpcNotification,
  type RpcPayload,
  type RpcRequest,
  type RpcResult,
  unexpectedRequest,
} from "./message.js";
import { Outgoing, type OutgoingPort } from "./outgoing.js";
import type { RequestOptions } from "./sent-request.js";
import type { SignalWords } from "./signals.js";

/** Makes a peer of a channel that is not open yet. One channel belongs to one peer. */
export function createPeer(channel: Channel, options: PeerOptions = {}): Peer {
  return new ChannelPeer(channel, options);
}

const NO_WORDS: SignalWords = {};

/** Is its own port for both halves of the books: closures would be made for every connection, and there are many. */
class ChannelPeer implements Peer, ChannelEvents, IncomingPort, OutgoingPort {
  readonly #channel: Channel;
  readonly #options: PeerOptions;
  /** Made when first needed: most peers of a server never ask anything, and there may be many of them. */
  #sender: Outgoing | undefined = undefined;
  readonly #incoming: Incoming;
  #collected: RpcMessage[] | undefined = undefined;
  #draining: ReturnType<typeof setTimeout> | undefined = undefined;
  #closed = false;

  constructor(channel: Channel, options: PeerOptions) {
    this.#channel = channel;
    this.#options = options;
    this.#incoming = new Incoming(this, options);
  }

  get #outgoing(): Outgoing {
    this.#sender ??= new Outgoing(this, outgoingSettings(this.#options, this.#options.words ?? NO_WORDS));
    return this.#sender;
  }

  get inFlight(): number {
    return this.#sender?.size ?? 0;
  }

  get working(): number {
    return this.#incoming.size;
  }

  get closed(): boolean {
    return this.#closed;
  }

  open(): Promise<void> | undefined {
    return this.#channel.open(this);
  }

  giveUp(id: RequestId): boolean {
    return !this.#closed && this.#channel.giveUp?.(id) === true;
  }

  held(id: RequestId): boolean {
    return this.#channel.held?.(id) === true;
  }

  detach(id: RequestId, retryMs: number | undefined): boolean {
    return !this.#closed && this.#channel.detach?.(id, retryMs) === true;
  }

  idle(): void {
    if (this.#draining !== undefined && !this.#closed) this.#closeQuietly();
  }

  request<T = unknown>(method: string, params?: unknown, options?: RequestOptions<T>): Promise<T> {
    return this.#outgoing.request(method, params, options);
  }

  notify(method: string, params?: unknown, about?: RequestId): Promise<void> | undefined {
    return this.send(params === undefined ? { jsonrpc: "2.0", method } : { jsonrpc: "2.0", method, params }, about);
  }

  batch(fill: () => void): Promise<void> | undefined {
    if (this.#collected !== undefined || this.#options.batches?.() !== true) {
      const problem = this.#collected === undefined ? "Batches are not allowed here." : "A batch cannot hold a batch.";
      throw new McpWireError("INVALID_USE", problem, "Send the messages one by one.");
    }
    const collected: RpcMessage[] = [];
    this.#collected = collected;
    try {
      fill();
      this.#collected = undefined;
      const [first] = collected;
      if (first === undefined) return undefined;
      return this.send(collected.length === 1 ? first : collected);
    } catch (error) {
      this.#collected = undefined;
      const reason = toWireError(error, "Sending a batch");
      for (const message of collected)
        if ("id" in message && isRequestId(message.id)) this.#outgoing.spoil(message.id, reason);
      throw reason;
    }
  }

  async close(): Promise<void> {
    this.#end(undefined, "This side closed the connection");
    await this.#channel.close();
  }

  onmessage(message: unknown, origin?: unknown): void {
    if (this.#closed) return;
    try {
      if (Array.isArray(message)) this.#batch(message, origin);
      else this.#dispatch(message, origin);
    } catch (error) {
      this.report(toWireError(error, "Handling a message"));
    }
  }

  onerror(error: McpWireError): void {
    this.report(error);
    if (!(error instanceof MessageError)) return;
    const head = error.code === "TOO_LARGE" && error.head !== undefined ? readHead(error.head) : undefined;
    if (head?.isAnswer === true) {
      this.#outgoing.spoil(head.id, error);
    } else if (
      head === undefined ? this.#options.answerMalformed === true && error.code !== "CUT_OFF" : this.#takesRequests()
    ) {
      const code = error.code === "TOO_LARGE" ? RpcCode.InvalidRequest : RpcCode.ParseError;
      this.answer(failureOf(head?.id, new RpcError(code, error.message)), head?.id);
    }
  }

  onlost(id: RequestId, error: McpWireError): void {
    if (!this.#outgoing.spoil(id, error)) this.report(error);
  }

  onend(): void {
    this.#sender?.failAll("The peer ended its side of the connection", undefined);
    if (this.#closed || this.#draining !== undefined) return;
    this.#draining = setTimeout(() => this.#closeQuietly(), Math.min(this.#options.drainMs ?? 1_000, 0x7fff_ffff));
    this.#options.onend?.();
    if (!this.#closed && this.#incoming.size === 0) this.#closeQuietly();
  }

  onclose(reason?: McpWireError): void {
    this.#end(reason, "The connection was closed");
  }

  #dispatch(message: unknown, origin: unknown): void {
    switch (kindOf(message)) {
      case "request":
        if (this.#takesRequests()) this.#incoming.handle(message as RpcRequest, origin);
        else this.report(unexpectedRequest(message as RpcRequest));
        return;
      case "result":
        this.#outgoing.settle(message as RpcResult);
        return;
      case "failure":
        this.#failure(message as RpcFailure);
        return;
      case "notification":
        this.#notification(message as RpcNotification, origin);
        return;
      case "invalid": {
        const answer = this.#invalid(message);
        if (answer !== undefined) this.answer(answer, answer.id ?? undefined);
      }
    }
  }

  #failure(failure: RpcFailure): void {
    if (failure.id === undefined || failure.id === null) this.report(errorOf(failure));
    else this.#outgoing.settle(failure);
  }

  #notification({ method, params }: RpcNotification, origin: unknown): void {
    const { words } = this.#options;
    if (method === words?.cancel?.method) {
      const notice = words.cancel.read(params);
      if (notice !== undefined && this.#incoming.cancel(notice.id, notice.reason)) return;
    } else if (method === words?.progress?.method) {
      const token = words.progress.read(params);
      if (token !== undefined && this.#outgoing.progress(token, params)) return;
    }
    const outcome = this.#options.onnotification?.(method, params, origin);
    if (isThenable(outcome))
      outcome.then(undefined, (error: unknown) => this.report(toWireError(error, `The listener of ${method}`)));
  }

  /** Reports a message that is none, settles whoever waits for it, and gives the answer it deserves, if any. */
  #invalid(message: unknown): RpcFailure | undefined {
    const { id, method } = (typeof message === "object" && message !== null ? message : {}) as LooseMessage;
    const error = notAMessage(message);
    this.report(error);
    const refusal = new RpcError(RpcCode.InvalidRequest, error.message);
    if (!isRequestId(id)) return this.#options.answerMalformed === true ? failureOf(undefined, refusal) : undefined;
    if (method === undefined && this.#outgoing.spoil(id, error)) return undefined;
    // What has no method may be a broken answer, and answers are not answered.
    return method === undefined || !this.#takesRequests() ? undefined : failureOf(id, refusal);
  }

  #batch(messages: readonly unknown[], origin: unknown): void {
    const problem = batchProblem(messages.length, this.#options);
    if (problem !== undefined) {
      const error = new MessageError("NOT_A_MESSAGE", problem, "The peer should send the messages one by one.");
      this.report(error);
      if (this.#options.answerMalformed === true)
        this.answer(failureOf(undefined, new RpcError(RpcCode.InvalidRequest, error.message)), undefined);
      return;
    }
    let about: RequestId | undefined;
    const answer = createBatchAnswer((answers) => {
      if (answers.length > 0) this.answer(answers, about);
      else if (about !== undefined) this.unanswered(about);
    });
    for (const message of messages) {
      const kind = kindOf(message);
      if (kind === "request" && this.#takesRequests()) {
        about ??= (message as RpcRequest).id;
        this.#incoming.handle(message as RpcRequest, origin, answer.expect());
      } else if (kind === "invalid") {
        const failure = this.#invalid(message);
        if (failure !== undefined) answer.add(failure);
      } else {
        // What goes wrong with one message must not cost the others their answers.
        this.onmessage(message, origin);
      }
    }
    answer.complete();
  }

  #takesRequests(): boolean {
    return this.#options.takesRequests?.() ?? true;
  }

  send(message: RpcPayload, about?: RequestId): Promise<void> | undefined {
    if (this.#closed) throw new ConnectionError("CLOSED", "The connection is closed.", "Connect again.");
    if (this.#collected === undefined) return this.#channel.send(message, about);
    this.#collected.push(message as RpcMessage);
    return undefined;
  }

  /** Sends answers. Where that fails nobody can be told but the owner, and where there is no room the connection is over. */
  answer(
    answer: RpcResult | RpcFailure | readonly (RpcResult | RpcFailure)[],
    about: RequestId | undefined = (answer as RpcFailure).id ?? undefined,
  ): void {
    if (this.#closed) return;
    try {
      this.#channel.send(answer, about);
    } catch (caught) {
      const error = toWireError(caught, "Sending an answer");
      this.report(error);
      if (error.code !== "NOT_SERIALIZABLE") this.#closeQuietly(error);
      else this.answer(Array.isArray(answer) ? answer.map(writable) : unwritable(answer as RpcResult), about);
    }
  }

  unanswered(id: RequestId): void {
    if (!this.#closed) this.#channel.unanswered?.(id);
  }

  #closeQuietly(reason?: McpWireError): void {
    this.#end(reason, "The connection was closed");
    this.#channel.close().catch((error: unknown) => this.report(toWireError(error, "Closing the channel")));
  }

  #end(reason: McpWireError | undefined, how: string): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#draining);
    this.#sender?.failAll(how, reason);
    this.#incoming.stopAll(reason);
    try {
      this.#options.onclose?.(reason);
    } catch (error) {
      this.report(toWireError(error, "The close listener"));
    }
  }

  report(error: McpWireError): void {
    try {
      this.#options.onerror?.(error);
    } catch (thrown) {
      // A listener that throws is a fault of this program: it must be seen, and must not stop the reading.
      queueMicrotask(() => {
        throw thrown;
      });
    }
  }
}
