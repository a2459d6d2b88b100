/** Sessions in Redis: whichever node opened a session, every other can answer its requests. */

import type { SessionRecord, SessionStore } from "../../protocol/session-store.js";
import { connectionOf, type RedisConnection, type RedisOptions } from "./connection.js";
import { createScript, type Script } from "./script.js";

export interface RedisSessionStore extends SessionStore {
  /** Closes the connections that were opened for the store. */
  close(): Promise<void>;
}

/** A value is the version, a space, and the record. What was written already is recognized, since a script may run twice. */
const REPLACE: Script = createScript(`
local kept = redis.call("GET", KEYS[1])
if not kept then return 0 end
if kept ~= ARGV[2] and string.match(kept, "^%d+") ~= ARGV[1] then return 0 end
if ARGV[3] == "" then redis.call("SET", KEYS[1], ARGV[2]) else redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3]) end
return 1`);

/** The longest that Redis is told to keep something, in milliseconds: about 30 years. What is to be kept for longer has no end. */
const LONGEST_MS = 1e12;

/**
 * Makes a session store in Redis, for all servers that share it.
 * @throws McpWireError `INVALID_USE` where `redis` is neither a client nor an address. Its methods throw as commands of
 * {@link RedisConnection} do.
 */
export function createRedisSessionStore(options: RedisOptions): RedisSessionStore {
  return new SessionsInRedis(options);
}

class SessionsInRedis implements RedisSessionStore {
  readonly #connection: RedisConnection;
  readonly #own: boolean;

  constructor(options: RedisOptions) {
    const { connection, own } = connectionOf(options);
    this.#connection = connection;
    this.#own = own;
  }

  async create(record: SessionRecord, idleMs: number): Promise<void> {
    const ms = timeOf(idleMs);
    await this.#connection.command(["SET", this.#key(record.id), textOf(record), ...(ms === "" ? [] : ["PX", ms])]);
  }

  async get(id: string, idleMs?: number): Promise<SessionRecord | undefined> {
    const ms = idleMs === undefined ? "" : timeOf(idleMs);
    const command = ms === "" ? ["GET", this.#key(id)] : ["GETEX", this.#key(id), "PX", ms];
    const text = await this.#connection.command(command);
    return typeof text === "string" ? (JSON.parse(text.slice(text.indexOf(" "))) as SessionRecord) : undefined;
  }

  async replace(record: SessionRecord, idleMs: number): Promise<boolean> {
    const args = [String(record.version - 1), textOf(record), timeOf(idleMs)];
    return (await this.#connection.run(REPLACE, [this.#key(record.id)], args)) === 1;
  }

  async remove(id: string): Promise<void> {
    await this.#connection.command(["DEL", this.#key(id)]);
  }

  async close(): Promise<void> {
    if (this.#own) await this.#connection.close();
  }

  #key(id: string): string {
    return `${this.#connection.prefix}session:${id}`;
  }
}

function textOf(record: SessionRecord): string {
  return `${record.version} ${JSON.stringify(record)}`;
}

/** Whole milliseconds of at least one; empty where there is no end. */
function timeOf(ms: number): string {
  return ms > LONGEST_MS ? "" : String(Math.max(Math.ceil(ms), 1));
}
