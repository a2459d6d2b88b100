/**
 * One session over HTTP as a channel: what the client posts comes in, each answer goes to the POST that asked for it, and what belongs
 * to no request goes to the stream that the client opened by GET. Streamable HTTP up to 2025-11-25; HTTP-09 to HTTP-64.
 */

import { ConnectionError, toWireError } from "../../errors.js";
import type { Channel, ChannelEvents } from "../../jsonrpc/channel.js";
import { isThenable } from "../../jsonrpc/incoming.js";
import { kindOf, type RequestId, RpcCode, type RpcPayload, requestIds } from "../../jsonrpc/message.js";
import { type HttpExchange, originOf } from "../../transport/http-exchange.js";
import { serialize } from "../../transport/serialize.js";
import { isObject } from "../envelope.js";
import { type Begun, type HttpParts, idOf, notFound, refuse, type Waiting } from "../http-parts.js";
import { nodeCrypto } from "../node-modules.js";
import { isRevision, type Traits, traitsOf } from "../revision.js";
import { EventStream } from "./event-stream.js";
import { Post } from "./http-post.js";
import type { SessionShare } from "./share-contract.js";

/** Streams that ended and can still be resumed, for each session: their last events may not have arrived. */
const ENDED_KEPT = 8;

export class HttpSession implements Channel, Waiting {
  dueAt = 0;
  previous: Waiting | undefined = undefined;
  next: Waiting | undefined = undefined;
  slot = -1;
  begun: Begun | undefined = undefined;
  /** Absent where the session is this node's alone. */
  share: SessionShare | undefined = undefined;
  /** When something came last, after the request that opened it; absent where nothing did. */
  usedAt: number | undefined = undefined;
  /** Facts of the revision agreed on; absent before the handshake is answered. */
  traits: Traits | undefined = undefined;
  readonly id: string;
  /** Who opened it; nobody else may use it (SEC-15). */
  readonly principal: string | undefined;
  readonly parts: HttpParts;
  readonly #onclosed: (session: HttpSession) => void;
  readonly #posts = new Map<RequestId, Post>();
  #live: Map<string, EventStream> | undefined = undefined;
  #ended: string[] | undefined = undefined;
  #standalone: EventStream | undefined = undefined;
  #current: Post | undefined = undefined;
  #events: ChannelEvents | undefined = undefined;
  #lastStream = 0;
  #streamPrefix: string | undefined = undefined;
  #closed = false;

  constructor(id: string, principal: string | undefined, parts: HttpParts, onclosed: (session: HttpSession) => void) {
    this.id = id;
    this.principal = principal;
    this.parts = parts;
    this.#onclosed = onclosed;
  }

  /** Whether anything is under way, or the client is connected. */
  get busy(): boolean {
    return this.#posts.size > 0 || this.#standalone?.connected === true;
  }

  open(events: ChannelEvents): undefined {
    this.#events = events;
  }

  /** Takes one parsed POST. */
  receive(exchange: HttpExchange, message: unknown): void {
    const ids = idsIn(message);
    if (ids === undefined) {
      refuse(
        exchange,
        400,
        RpcCode.InvalidRequest,
        "The body is no JSON-RPC request, notification or response. Send one message.",
      );
      return;
    }
    const taken = ids.find((id) => this.#posts.has(id));
    if (taken !== undefined || (ids.length > 1 && new Set(ids).size < ids.length)) {
      const text = `The id ${JSON.stringify(taken ?? ids[0])} belongs to a request that is still in flight. Use another.`;
      refuse(exchange, 400, RpcCode.InvalidRequest, text, { id: idOf(message) });
      return;
    }
    if (ids.length === 0 && !Array.isArray(message)) {
      this.#events?.onmessage(message, originOf(exchange));
      exchange.respond(202, []);
      return;
    }
    this.#receiveRequests(exchange, message, ids);
  }

  /** Opens the stream for what belongs to no request, or goes on with one that was cut (HTTP-30 to HTTP-46). */
  async listen(exchange: HttpExchange): Promise<void> {
    const { settings, streams } = this.parts;
    const lastId = exchange.header("last-event-id");
    if (lastId === undefined) {
      if (this.share !== undefined) await this.share.claim();
      if (this.#refusesClosed(exchange)) return;
      const standalone = this.standalone();
      standalone.attach(streams.open(exchange));
      if (this.traits?.ssePolling === true && settings.events !== undefined) standalone.prime(settings.retryMs);
      return;
    }
    const tail = await settings.events?.after(lastId);
    if (this.#refusesClosed(exchange)) return;
    if (tail === undefined || !tail.stream.startsWith(this.#prefix())) {
      const text = `Nothing is known of the event ${JSON.stringify(lastId)} in this session. Send the request again.`;
      refuse(exchange, 400, RpcCode.InvalidRequest, text);
      return;
    }
    if (this.share !== undefined && tail.stream === this.standalone().name) await this.share.claim();
    if (this.#refusesClosed(exchange)) return;
    const stream = this.live(tail.stream) ?? (this.#standalone?.name === tail.stream ? this.#standalone : undefined);
    if (stream !== undefined) {
      stream.resume(streams.open(exchange), lastId);
      return;
    }
    if (this.share !== undefined) {
      await this.share.follow(exchange, tail.stream, lastId);
      return;
    }
    const finished = new EventStream({ ...this.#streamParts(false), name: tail.stream });
    finished.ended = true;
    finished.resume(streams.open(exchange), lastId);
  }

  send(message: RpcPayload, about?: RequestId): Promise<void> | undefined {
    if (this.#closed) throw new ConnectionError("CLOSED", "The session is closed.", "Open a new one.");
    const post = about === undefined ? undefined : this.#posts.get(about);
    if (isAnswer(message)) {
      (post ?? this.#current)?.answer(message);
      return undefined;
    }
    const text = serialize(message);
    if (post !== undefined) return post.stream().write(text);
    return this.share === undefined ? this.standalone().write(text) : this.share.say(message, text);
  }

  /** The stream for what belongs to no request. */
  standalone(): EventStream {
    this.#standalone ??= this.createStream(true);
    return this.#standalone;
  }

  /** A stream of requests that are worked on here. */
  live(name: string): EventStream | undefined {
    return this.#live?.get(name);
  }

  /** Whether a request is worked on here. */
  has(id: RequestId): boolean {
    return this.#posts.has(id);
  }

  /** Takes what the client said to another node. */
  deliver(message: unknown): void {
    this.#events?.onmessage(message);
  }

  unanswered(id: RequestId): void {
    this.#posts.get(id)?.end();
  }

  detach(id: RequestId, retryMs: number | undefined): boolean {
    const post = this.#posts.get(id);
    if (post === undefined || this.traits?.ssePolling !== true || this.parts.settings.events === undefined)
      return false;
    post.stream().disconnect(retryMs ?? this.parts.settings.retryMs);
    return true;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const streams = [...(this.#live?.values() ?? [])];
    for (const post of [...this.#posts.values()]) post.lose();
    const standalone = this.#standalone;
    standalone?.end(() => this.#dropEnded(standalone.name));
    for (const name of this.#ended ?? []) this.#dropEnded(name);
    this.parts.patience.drop(this);
    this.#onclosed(this);
    this.#events?.onclose();
    for (const stream of streams) await stream.settled();
  }

  /** The session was not used for its time: it ends, unless something is under way. */
  expire(): void {
    if (this.share !== undefined) this.share.idle();
    else if (this.busy) this.parts.patience.wait(this, this.parts.settings.sessionIdleMs);
    else void this.begun?.close();
  }

  /** The handshake was answered: the result names the revision that holds from here on. */
  agreed(result: unknown): void {
    const revision = isObject(result) ? result.protocolVersion : undefined;
    if (isRevision(revision)) this.traits = traitsOf(revision);
  }

  createStream(waits: boolean, ids?: readonly RequestId[]): EventStream {
    const stream = new EventStream(this.#streamParts(waits, ids));
    if (!waits) {
      this.#live ??= new Map();
      this.#live.set(stream.name, stream);
    }
    return stream;
  }

  /** A POST has its answer, or will get none. */
  forget(post: Post): void {
    for (const id of post.ids) this.#posts.delete(id);
  }

  /** A stream of a POST has ended, and all of it is kept. */
  finished({ name }: EventStream): void {
    this.#live?.delete(name);
    if (this.#closed) {
      this.#dropEnded(name);
      return;
    }
    this.#ended ??= [];
    this.#ended.push(name);
    if (this.#ended.length > ENDED_KEPT) this.#drop(this.#ended.shift() as string);
  }

  #receiveRequests(exchange: HttpExchange, message: unknown, ids: readonly RequestId[]): void {
    const post = new Post(this, exchange, ids);
    if (this.share !== undefined) post.asked = message;
    for (const id of ids) this.#posts.set(id, post);
    this.#current = post;
    try {
      this.#events?.onmessage(message, originOf(exchange));
    } finally {
      this.#current = undefined;
    }
    if (ids.length === 0) post.end();
    else post.wait();
  }

  #refusesClosed(exchange: HttpExchange): boolean {
    if (this.#closed) notFound(exchange, "The session was closed. Open one by `initialize`.", undefined);
    return this.#closed;
  }

  /** Forgets the events of a stream, unless others go on with the session. */
  #dropEnded(stream: string): void {
    if (this.share?.leaving !== true) this.#drop(stream);
  }

  /** Forgets the events of a stream; what a store cannot forget costs nobody an answer. */
  #drop(stream: string): void {
    const { settings, facts } = this.parts;
    const failed = (error: unknown): void => facts.report(toWireError(error, "Forgetting events"));
    try {
      const done: unknown = settings.events?.drop(stream);
      if (isThenable(done)) done.then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  }

  #streamParts(waits: boolean, ids?: readonly RequestId[]): ConstructorParameters<typeof EventStream>[0] {
    const prefix = this.#prefix();
    return {
      name: this.share?.streamName(prefix, ids) ?? `${prefix}${(++this.#lastStream).toString(36)}`,
      store: this.parts.settings.events,
      waits,
      report: this.parts.facts.report,
    };
  }

  /** Names of streams, and so ids of events, tell the session without giving its id away (HTTP-42, SEC-16). */
  #prefix(): string {
    this.#streamPrefix ??= `${nodeCrypto().createHash("sha256").update(this.id).digest("base64url").slice(0, 16)}.`;
    return this.#streamPrefix;
  }
}

/** The ids of the requests in a body; `undefined` where it is no message. Batches are judged by the peer. */
function idsIn(message: unknown): readonly RequestId[] | undefined {
  return !Array.isArray(message) && kindOf(message) === "invalid" ? undefined : requestIds(message);
}

/** Whether a message, or each message of a batch, is a response. */
function isAnswer(message: RpcPayload): boolean {
  const first: unknown = Array.isArray(message) ? message[0] : message;
  return isObject(first) && !("method" in first);
}
