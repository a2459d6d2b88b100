/**
 * Channels that are listened to, by a connection of their own: one that subscribes can be told of nothing else in older protocols of Redis.
 * Messages are lost while a connection is away, so its return is told like a message.
 */

import { McpWireError } from "../../errors.js";
import type { RedisClient } from "./client.js";

/** Called with each message; with `undefined` when it listens from now on, and messages before that may have been missed. */
export type ChannelListener = (message: string | undefined) => void;

export interface SubscriptionParts {
  /** A client of its own, not connected yet. */
  open(): Promise<RedisClient>;
  report(error: unknown, doing: string): void;
}

interface Heard {
  readonly listeners: Set<ChannelListener>;
  /** Whether the server was told, and has said so. */
  ready: boolean;
  readonly hear: ChannelListener;
}

/** Milliseconds before what failed is tried again. */
const RETRY_MS = 1_000;

export class Subscriptions {
  readonly #parts: SubscriptionParts;
  readonly #channels = new Map<string, Heard>();
  #client: Promise<RedisClient> | undefined = undefined;
  #opened: RedisClient | undefined = undefined;
  #closed = false;

  constructor(parts: SubscriptionParts) {
    this.#parts = parts;
  }

  /** Listens to a channel; gives what ends that. */
  add(channel: string, listener: ChannelListener): () => void {
    const known = this.#channels.get(channel);
    const heard = known ?? this.#begin(channel);
    heard.listeners.add(listener);
    if (known?.ready === true) queueMicrotask(() => heard.listeners.has(listener) && this.#call(listener, undefined));
    return () => {
      if (!heard.listeners.delete(listener) || heard.listeners.size > 0) return;
      if (this.#channels.get(channel) !== heard) return;
      this.#channels.delete(channel);
      this.#do(async (client) => await client.unsubscribe(channel, heard.hear), `Leaving the channel ${channel}`);
    };
  }

  close(): void {
    this.#closed = true;
    this.#channels.clear();
    this.#opened?.destroy();
  }

  #begin(channel: string): Heard {
    const listeners = new Set<ChannelListener>();
    const tell = (message: string | undefined): void => {
      for (const listener of [...listeners]) this.#call(listener, message);
    };
    const heard: Heard = { listeners, ready: false, hear: tell };
    this.#channels.set(channel, heard);
    this.#listen(channel, heard);
    return heard;
  }

  /** Until it listens, or nobody wants that any more: who watches would wait for ever. */
  #listen(channel: string, heard: Heard): void {
    const again = (): void => {
      if (this.#channels.get(channel) === heard) this.#listen(channel, heard);
    };
    const work = async (client: RedisClient): Promise<void> => {
      await client.subscribe(channel, heard.hear);
      heard.ready = true;
      heard.hear(undefined);
    };
    this.#do(work, `Listening to the channel ${channel}`, () => setTimeout(again, RETRY_MS).unref());
  }

  #do(work: (client: RedisClient) => Promise<void>, doing: string, onfailed?: () => void): void {
    if (this.#closed) return;
    this.#client ??= this.#open().catch((error: unknown) => {
      this.#client = undefined;
      throw error;
    });
    this.#client.then(work).catch((error: unknown) => {
      if (this.#closed) return;
      this.#parts.report(error, doing);
      onfailed?.();
    });
  }

  async #open(): Promise<RedisClient> {
    const client = await this.#parts.open();
    this.#opened = client;
    client.on("error", (error: unknown) => {
      if (!this.#closed) this.#parts.report(error, "Listening to Redis");
    });
    client.on("ready", () => {
      for (const { ready, hear } of this.#channels.values()) if (ready) hear(undefined);
    });
    if (this.#closed) throw new McpWireError("STORE_CLOSED", "The connection to Redis was closed.", "Make a new one.");
    await client.connect();
    if (this.#closed) client.destroy();
    return client;
  }

  /** A listener that throws costs the others nothing. */
  #call(listener: ChannelListener, message: string | undefined): void {
    try {
      listener(message);
    } catch (error) {
      this.#parts.report(error, "A listener to a channel");
    }
  }
}
