/**
 * One logical event stream of a session, which outlives the connections that carry it: what is written is kept where there is a store,
 * and goes to the newest connection. Resumability and polling; requirements HTTP-38 to HTTP-52.
 */

import { type McpWireError, toWireError } from "../../errors.js";
import { isThenable } from "../../jsonrpc/incoming.js";
import type { EventStore } from "../../transport/event-store.js";
import type { EventSink } from "../../transport/http-exchange.js";
import { formatEvent, formatPriming, formatRetry } from "../../transport/sse-format.js";

/** What waits for a first connection at most; the oldest is dropped beyond it. */
const MAX_BACKLOG = 256;

export interface EventStreamParts {
  /** Unique over everything that shares the store. */
  readonly name: string;
  readonly store: EventStore | undefined;
  /** Whether what is written while nobody is connected waits for the next one who is. */
  readonly waits: boolean;
  report(error: McpWireError): void;
}

export class EventStream {
  /** Whether everything was said, and kept. */
  ended = false;
  readonly name: string;
  readonly #parts: EventStreamParts;
  #sinks: EventSink[] = [];
  #backlog: string[] = [];
  /** Set while the store is being waited for: order is kept by queueing behind it. */
  #tail: Promise<void> | undefined = undefined;

  constructor(parts: EventStreamParts) {
    this.name = parts.name;
    this.#parts = parts;
  }

  get connected(): boolean {
    return this.#newest() !== undefined;
  }

  /** Writes to a new connection from now on, beginning with what waited. */
  attach(sink: EventSink): void {
    this.#add(sink);
    const waited = this.#backlog;
    this.#backlog = [];
    for (const event of waited) sink.write(event);
  }

  /** Gives the connection an id to come back with, before anything was said. */
  prime(retryMs: number): void {
    this.#store("", (id) => (id === undefined ? "" : formatPriming(id, retryMs)));
  }

  write(data: string): Promise<void> | undefined {
    return this.#store(data, (id) => formatEvent(data, id));
  }

  /** Keeps an event without data behind the last one: whoever reads what is kept knows that nothing else comes. */
  mark(): void {
    this.#store("", () => "");
  }

  /** Resolves when all that was written is kept, and has gone out. */
  async settled(): Promise<void> {
    await this.#tail;
  }

  /** Gives away what waits, once all that was written is kept. */
  handOver(): Promise<readonly string[]> {
    return new Promise((resolve) => this.#inOrder(() => resolve(this.#backlog.splice(0))));
  }

  /** Takes what waited elsewhere, ahead of what waits here. */
  takeOver(waited: readonly string[]): void {
    const own = this.#backlog.splice(0);
    for (const event of [...waited, ...own]) this.#emit(event);
  }

  /** Writes what followed an event to a new connection, and goes on there. */
  resume(sink: EventSink, afterId: string): void {
    this.#queue(async () => {
      try {
        const tail = await this.#parts.store?.after(afterId);
        // What waits is in the tail too.
        if (tail !== undefined) this.#backlog = [];
        for (const { id, data } of tail?.events ?? []) if (data !== "") sink.write(formatEvent(data, id));
        if (!this.ended) this.#add(sink);
      } finally {
        // A client that can be told nothing comes back later, instead of waiting.
        if (this.#sinks.at(-1) !== sink) sink.end();
      }
    });
  }

  /** Closes the connections but not the stream, after saying when to come back. */
  disconnect(retryMs: number): void {
    this.#inOrder(() => {
      for (const sink of this.#sinks.splice(0)) {
        if (!sink.closed) sink.write(formatRetry(retryMs));
        sink.end();
      }
    });
  }

  /** @param after called when everything that was written is kept. */
  end(after?: () => void): void {
    this.#inOrder(() => {
      this.ended = true;
      for (const sink of this.#sinks.splice(0)) sink.end();
      after?.();
    });
  }

  #store(data: string, format: (id: string | undefined) => string): Promise<void> | undefined {
    const { store } = this.#parts;
    if (store === undefined) return this.#emit(format(undefined));
    const kept = this.#tail === undefined ? this.#append(store, data) : undefined;
    if (this.#tail === undefined && !isThenable(kept)) return this.#emit(format(kept));
    let room: Promise<void> | undefined;
    const written = this.#queue(async () => {
      room = this.#emit(format(await (kept ?? this.#append(store, data))));
    });
    // Who writes waits for the client; the queue does not, so that what waits is counted where it can be bounded.
    return written.then(() => room);
  }

  /** An event that cannot be kept still goes out, without an id. */
  #append(store: EventStore, data: string): string | Promise<string | undefined> | undefined {
    const failed = (error: unknown): undefined => {
      this.#parts.report(toWireError(error, "Keeping an event"));
      return undefined;
    };
    try {
      const id = store.append(this.name, data);
      return isThenable(id) ? id.then(undefined, failed) : id;
    } catch (error) {
      return failed(error);
    }
  }

  /** Connections that are gone are forgotten when the next one comes, wherever they stand. */
  #add(sink: EventSink): void {
    this.#sinks = this.#sinks.filter((one) => !one.closed);
    this.#sinks.push(sink);
  }

  #emit(event: string): Promise<void> | undefined {
    if (event === "") return undefined;
    const sink = this.#newest();
    if (sink !== undefined) return sink.write(event);
    if (!this.#parts.waits) return undefined;
    this.#backlog.push(event);
    if (this.#backlog.length > MAX_BACKLOG) this.#backlog.shift();
    return undefined;
  }

  #newest(): EventSink | undefined {
    for (let sink = this.#sinks.at(-1); sink !== undefined; sink = this.#sinks.at(-1)) {
      if (!sink.closed) return sink;
      this.#sinks.pop();
    }
    return undefined;
  }

  #inOrder(run: () => void): void {
    if (this.#tail === undefined) run();
    else this.#queue(async () => run());
  }

  #queue(run: () => Promise<void>): Promise<void> {
    const done = (this.#tail ?? Promise.resolve()).then(run).catch((error: unknown) => {
      this.#parts.report(toWireError(error, "Keeping an event"));
    });
    this.#tail = done;
    done.then(() => {
      if (this.#tail === done) this.#tail = undefined;
    });
    return done;
  }
}
