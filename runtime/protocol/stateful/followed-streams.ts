/**
 * Streams that a client comes back for at one node while the request is worked on at another: that node writes on, and this one passes it to
 * the client. Where it is gone, what is kept is all there is, and requests without an answer are told to be lost. HTTP-40 to HTTP-46.
 */

import { toWireError } from "../../errors.js";
import { isRequestId, type RequestId } from "../../jsonrpc/message.js";
import type { BusMessage } from "../../transport/bus-end.js";
import type { StoredTail } from "../../transport/event-store.js";
import type { EventSink, HttpExchange } from "../../transport/http-exchange.js";
import { formatEvent } from "../../transport/sse-format.js";
import { isObject } from "../envelope.js";
import { type HttpParts, lostText } from "../http-parts.js";
import { type Node, nodeIn } from "../nodes.js";
import type { HttpSession } from "./http-session.js";

/** Milliseconds between two looks at the nodes whose streams are followed. */
const LOOK_MS = 2_000;
/** Characters of ids that the name of a stream holds; clients whose ids are longer learn of a loss by the end of the stream alone. */
const MAX_IDS = 256;

/** The name of a stream, which says whose answers it brings. */
export function streamNameOf(head: string, ids: readonly RequestId[]): string {
  const text = Buffer.from(JSON.stringify(ids)).toString("base64url");
  return `${head}.${text.length > MAX_IDS ? "" : text}`;
}

/** The node that a stream was opened by, and the requests that it answers. */
function partsOf(stream: string): { readonly node: string | undefined; readonly ids: readonly RequestId[] } {
  const [, ...rest] = stream.split(".");
  const text = Buffer.from(rest.at(-1) ?? "", "base64url").toString();
  const ids: unknown = text === "" ? [] : JSON.parse(text);
  return { node: nodeIn(rest.join(".")), ids: Array.isArray(ids) ? ids.filter(isRequestId) : [] };
}

interface Pipe {
  readonly session: string;
  readonly stream: string;
  readonly sink: EventSink;
  lastId: string;
}

export class FollowedStreams {
  readonly #node: Node;
  readonly #parts: HttpParts;
  readonly #pipes = new Map<number, Pipe>();
  readonly #remote = new Map<string, RemoteSink>();
  #lastPipe = 0;
  #timer: ReturnType<typeof setInterval> | undefined = undefined;

  constructor(node: Node, parts: HttpParts) {
    this.#node = node;
    this.#parts = parts;
  }

  /** Answers by what is kept of a stream, and by what its node still writes. */
  async follow(session: string, exchange: HttpExchange, stream: string, lastId: string): Promise<void> {
    await this.#begin({ session, stream, sink: this.#parts.streams.open(exchange), lastId });
  }

  /** Another node wants a stream of this one. */
  begin(session: HttpSession, message: BusMessage, from: string): { readonly live: boolean } {
    const stream = session.live(message.stream as string);
    if (stream === undefined) return { live: false };
    const key = `${from}.${message.pipe}`;
    const sink = new RemoteSink(
      async (text) => {
        try {
          return await this.#node.tell(from, { kind: "piped", pipe: message.pipe, text });
        } catch (error) {
          this.#parts.facts.report(toWireError(error, "Writing to a stream of another node"));
          return false;
        }
      },
      () => {
        this.#remote.delete(key);
        this.#node.send(from, { kind: "piped", pipe: message.pipe });
      },
    );
    this.#remote.set(key, sink);
    stream.resume(sink, message.after as string);
    return { live: true };
  }

  /** Another node does not want it any more. */
  stop(message: BusMessage, from: string): void {
    const key = `${from}.${message.pipe}`;
    const sink = this.#remote.get(key);
    if (sink !== undefined) sink.closed = true;
    this.#remote.delete(key);
  }

  /** Something was written to a stream that is followed here; without a text it has ended. */
  take({ pipe: number, text }: BusMessage, from: string): void {
    const pipe = this.#pipes.get(number as number);
    if (pipe === undefined || partsOf(pipe.stream).node !== from) return;
    if (typeof text !== "string" || pipe.sink.closed) {
      this.#pipes.delete(number as number);
      pipe.sink.end();
      if (typeof text === "string") this.#node.send(from, { kind: "unpipe", pipe: number });
      return;
    }
    pipe.lastId = /^id: (.*)$/m.exec(text)?.[1] ?? pipe.lastId;
    pipe.sink.write(text);
  }

  /** Messages may have been missed: begins again behind the last event that came. */
  missed(): void {
    for (const [number, pipe] of [...this.#pipes]) {
      this.#pipes.delete(number);
      const { node } = partsOf(pipe.stream);
      if (node !== undefined) this.#node.send(node, { kind: "unpipe", pipe: number });
      this.#begin(pipe).catch((error: unknown) => this.#fail(pipe, error));
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #begin(pipe: Pipe): Promise<void> {
    const { node } = partsOf(pipe.stream);
    const number = ++this.#lastPipe;
    this.#pipes.set(number, pipe);
    this.#watch();
    const { session, stream, lastId: after } = pipe;
    const message = { kind: "follow", session, stream, after, pipe: number };
    const asks = node !== undefined && node !== this.#node.id;
    const reply = asks ? ((await this.#node.ask(node, message)) as { readonly live: boolean } | undefined) : undefined;
    if (reply?.live !== true) await this.#finish(number, pipe);
  }

  /** Gives what is kept; nobody writes on. */
  async #finish(number: number, pipe: Pipe): Promise<void> {
    if (!this.#pipes.delete(number)) return;
    try {
      const { events } = this.#parts.settings;
      const tail = await events?.after(pipe.lastId);
      for (const { id, data } of tail?.events ?? []) if (data !== "") pipe.sink.write(formatEvent(data, id));
      const { ids } = partsOf(pipe.stream);
      if (events === undefined || tail === undefined || isComplete(tail, ids)) return;
      for (const id of ids) pipe.sink.write(formatEvent(lostText(id), await events.append(pipe.stream, lostText(id))));
      await events.append(pipe.stream, "");
    } finally {
      pipe.sink.end();
    }
  }

  #watch(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    if (typeof this.#timer === "object") this.#timer.unref();
  }

  #look(): void {
    if (this.#pipes.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    const nodes = new Set([...this.#pipes.values()].map(({ stream }) => partsOf(stream).node as string));
    for (const node of nodes)
      this.#node.ask(node, { kind: "there" }).then(
        (there) => {
          if (there === undefined) this.#lose(node);
        },
        (error: unknown) => this.#parts.facts.report(toWireError(error, "Looking for another node")),
      );
  }

  #lose(node: string): void {
    for (const [number, pipe] of [...this.#pipes])
      if (partsOf(pipe.stream).node === node)
        this.#finish(number, pipe).catch((error: unknown) => this.#fail(pipe, error));
  }

  #fail(pipe: Pipe, error: unknown): void {
    this.#parts.facts.report(toWireError(error, "Following a stream"));
    pipe.sink.end();
  }
}

/** Whether nothing more was to come: the last answer is there, or the mark behind it. */
function isComplete({ events }: StoredTail, ids: readonly RequestId[]): boolean {
  if (events.some(({ data }) => data === "")) return true;
  const answered = new Set<unknown>();
  for (const { data } of events) {
    const message: unknown = JSON.parse(data);
    for (const one of Array.isArray(message) ? message : [message])
      if (isObject(one) && !("method" in one)) answered.add(one.id);
  }
  return ids.length > 0 && ids.every((id) => answered.has(id));
}

/** The client's end of a stream, at another node. */
class RemoteSink implements EventSink {
  closed = false;
  readonly #send: (text: string) => Promise<boolean>;
  readonly #onend: () => void;

  constructor(send: (text: string) => Promise<boolean>, onend: () => void) {
    this.#send = send;
    this.#onend = onend;
  }

  async write(text: string): Promise<void> {
    // What is missed is kept: the client comes back for it.
    if (!this.closed && !(await this.#send(text))) this.closed = true;
  }

  end(): void {
    if (this.closed) return;
    this.closed = true;
    this.#onend();
  }
}
