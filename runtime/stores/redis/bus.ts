/** Messages between nodes by the channels of Redis. */

import type { Bus, BusListener } from "../../transport/bus.js";
import { connectionOf, type RedisConnection, type RedisOptions } from "./connection.js";

export interface RedisBus extends Bus {
  publish(topic: string, message: string): Promise<number>;
  /** Closes the connections that were opened for the bus. */
  close(): Promise<void>;
}

/**
 * Makes a bus in Redis, for all servers that share it.
 * @throws McpWireError `INVALID_USE` where `redis` is neither a client nor an address. `publish` throws as commands of
 * {@link RedisConnection} do.
 */
export function createRedisBus(options: RedisOptions): RedisBus {
  return new BusInRedis(options);
}

class BusInRedis implements RedisBus {
  readonly #connection: RedisConnection;
  readonly #own: boolean;

  constructor(options: RedisOptions) {
    const { connection, own } = connectionOf(options);
    this.#connection = connection;
    this.#own = own;
  }

  async publish(topic: string, message: string): Promise<number> {
    const channel = `${this.#connection.prefix}bus:${topic}`;
    return Number(await this.#connection.command(["PUBLISH", channel, message]));
  }

  subscribe(topic: string, listener: BusListener): () => void {
    return this.#connection.subscribe(`bus:${topic}`, listener);
  }

  async close(): Promise<void> {
    if (this.#own) await this.#connection.close();
  }
}
