/**
 * Events in Redis, one stream of Redis for each stream of a session: the id that a client comes back with names the stream and the entry,
 * so it can come back to any machine.
 */

import { randomUUID } from "node:crypto";
import type { EventStore, StoredTail } from "../../transport/event-store.js";
import { connectionOf, type RedisConnection, type RedisOptions } from "./connection.js";
import { createScript, type Script } from "./script.js";

export interface RedisEventOptions extends RedisOptions {
  /** Events kept of one stream; beyond it the oldest are forgotten. Default 1 000. */
  readonly maxEvents?: number;
  /** Bytes kept of one stream; beyond it the oldest events are forgotten. Default 16 Mi. */
  readonly maxBytes?: number;
  /** Milliseconds that a stream is kept after its last event. Default 3 600 000. */
  readonly ttlMs?: number;
}

export interface RedisEventStore extends EventStore {
  append(stream: string, data: string): Promise<string>;
  after(id: string): Promise<StoredTail | undefined>;
  drop(stream: string): Promise<void>;
  /** Closes the connections that were opened for the store. */
  close(): Promise<void>;
}

/** Entry ids of Redis as it writes them. */
const ENTRY = /^(0|[1-9]\d{0,15})-(0|[1-9]\d{0,15})$/;

/**
 * stream, data, writer, mark, events at most, bytes at most, time to live → id of the entry. A writer that sends the same again, since the
 * connection broke, is told what it was not told.
 */
const APPEND: Script = createScript(`
local events, facts = KEYS[1], KEYS[2]
local last = redis.call("HGET", facts, ARGV[2])
if last then
  local mark, id = string.match(last, "^(%S+) (%S+)$")
  if mark == ARGV[3] then return id end
end
local id = redis.call("XADD", events, "*", "d", ARGV[1])
local size = redis.call("HINCRBY", facts, "size", #ARGV[1])
local count = redis.call("XLEN", events)
while count > tonumber(ARGV[4]) or size > tonumber(ARGV[5]) do
  local oldest = redis.call("XRANGE", events, "-", "+", "COUNT", 1)[1]
  if not oldest then break end
  redis.call("XDEL", events, oldest[1])
  size = redis.call("HINCRBY", facts, "size", -#oldest[2][2])
  count = count - 1
end
redis.call("HSET", facts, ARGV[2], ARGV[3] .. " " .. id)
redis.call("PEXPIRE", events, ARGV[6])
redis.call("PEXPIRE", facts, ARGV[6])
return id`);

/** entry → what followed it; nothing where it is not there. */
const AFTER: Script = createScript(`
if #redis.call("XRANGE", KEYS[1], ARGV[1], ARGV[1]) == 0 then return false end
local found = {}
for i, entry in ipairs(redis.call("XRANGE", KEYS[1], "(" .. ARGV[1], "+")) do found[i] = {entry[1], entry[2][2]} end
return found`);

/**
 * Makes an event store in Redis, for all servers that share it.
 * @throws McpWireError `INVALID_USE` where `redis` is neither a client nor an address. Its methods throw as commands of
 * {@link RedisConnection} do.
 */
export function createRedisEventStore(options: RedisEventOptions): RedisEventStore {
  return new EventsInRedis(options);
}

class EventsInRedis implements RedisEventStore {
  readonly #connection: RedisConnection;
  readonly #own: boolean;
  readonly #limits: readonly string[];
  readonly #writer = randomUUID();
  /** What is being appended, by stream: only the last mark of a writer is known, so it writes one event after the other. */
  readonly #appending = new Map<string, Promise<unknown>>();
  #marks = 0;

  constructor(options: RedisEventOptions) {
    const { maxEvents = 1_000, maxBytes = 16 * 1024 * 1024, ttlMs = 3_600_000 } = options;
    const { connection, own } = connectionOf(options);
    this.#connection = connection;
    this.#own = own;
    this.#limits = [maxEvents, maxBytes, Math.ceil(ttlMs)].map(String);
  }

  async append(stream: string, data: string): Promise<string> {
    const mark = (++this.#marks).toString(36);
    const before = this.#appending.get(stream);
    const append = async (): Promise<string> => {
      const args = [data, this.#writer, mark, ...this.#limits];
      return `${stream}.${(await this.#connection.run(APPEND, this.#keys(stream), args)) as string}`;
    };
    const appended = before === undefined ? append() : before.then(append, append);
    this.#appending.set(stream, appended);
    try {
      return await appended;
    } finally {
      if (this.#appending.get(stream) === appended) this.#appending.delete(stream);
    }
  }

  async after(id: string): Promise<StoredTail | undefined> {
    const dot = id.lastIndexOf(".");
    const [stream, entry] = [id.slice(0, Math.max(dot, 0)), id.slice(dot + 1)];
    if (dot < 0 || !ENTRY.test(entry)) return undefined;
    const reply = await this.#connection.run(AFTER, this.#keys(stream).slice(0, 1), [entry]);
    if (reply === null) return undefined;
    const events = (reply as [string, string][]).map(([found, data]) => ({ id: `${stream}.${found}`, data }));
    return { stream, events };
  }

  async drop(stream: string): Promise<void> {
    await this.#connection.command(["DEL", ...this.#keys(stream)]);
  }

  async close(): Promise<void> {
    if (this.#own) await this.#connection.close();
  }

  #keys(stream: string): string[] {
    const { prefix } = this.#connection;
    return [`${prefix}events:${stream}`, `${prefix}events-of:${stream}`];
  }
}
