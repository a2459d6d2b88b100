/**
 * The way of all stores to Redis. A command that meets a broken connection is sent again until the patience is over, so every command and
 * script that comes here is one that may run twice; what lasts longer fails with an error that says so.
 */

import { McpWireError } from "../../errors.js";
import { checkClient, openClient, type RedisArgument, type RedisClient } from "./client.js";
import type { Script } from "./script.js";
import { type ChannelListener, Subscriptions } from "./subscriptions.js";

/** Where Redis is, and how it is used. */
export interface RedisConnectionOptions {
  /**
   * A connected client of the package `redis`, which stays the caller's to close; or the address of a server (`redis://…`, `rediss://…`), for
   * which connections are opened.
   */
  readonly redis: RedisClient | string;
  /** What all keys and channels begin with. Default `mcpwire:`. */
  readonly prefix?: string;
  /** Milliseconds that a command waits for a connection that is away before it fails. Default 5 000. */
  readonly patienceMs?: number;
  /** Told of lost connections and of what failed in the background. Default: a warning of the process. */
  readonly onerror?: (error: McpWireError) => void;
}

/** As {@link RedisConnectionOptions}; or a connection that several stores share, whose own options hold. */
export interface RedisOptions extends Omit<RedisConnectionOptions, "redis"> {
  readonly redis: RedisClient | RedisConnection | string;
}

const PAUSE_MS = 25;
/** Beginnings of refusals that end by themselves: the server loads its data, or another takes over. */
const PASSING = /^(LOADING|TRYAGAIN|MASTERDOWN|READONLY|CLUSTERDOWN|BUSY )/;

export class RedisConnection {
  readonly prefix: string;
  readonly #patienceMs: number;
  readonly #onerror: (error: McpWireError) => void;
  readonly #url: string | undefined;
  readonly #given: RedisClient | undefined;
  readonly #subscriptions: Subscriptions;
  #client: Promise<RedisClient> | undefined = undefined;
  #opened: RedisClient | undefined = undefined;
  #closed = false;
  /** What the client last said of the connection. */
  #why: unknown = undefined;

  /** @throws McpWireError `INVALID_USE` where `redis` is neither a client nor an address. */
  constructor({ redis, prefix = "mcpwire:", patienceMs = 5_000, onerror = warn }: RedisConnectionOptions) {
    if (typeof redis !== "string") checkClient(redis);
    this.prefix = prefix;
    this.#patienceMs = patienceMs;
    this.#onerror = onerror;
    this.#url = typeof redis === "string" ? redis : undefined;
    this.#given = typeof redis === "string" ? undefined : redis;
    this.#given?.on("error", this.#lost);
    this.#subscriptions = new Subscriptions({
      // Subscribing waits until the server is there: nobody waits for it.
      open: async () => (await this.#connected()).duplicate({ disableOfflineQueue: false }),
      report: (error, doing) => this.report(error, doing),
    });
  }

  /** Runs a script; see {@link createScript}. */
  async run(script: Script, keys: readonly string[], args: readonly RedisArgument[] = []): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await this.command(["EVALSHA", script.digest, ...rest]);
    } catch (error) {
      const { cause } = error as { cause?: unknown };
      if (!(cause instanceof Error) || !cause.message.startsWith("NOSCRIPT")) throw error;
      return await this.command(["EVAL", script.lua, ...rest]);
    }
  }

  /**
   * Sends a command that may run twice, and gives its reply.
   * @throws McpWireError `STORE_UNREACHABLE` where there is no connection in time; `STORE_REFUSED` for what Redis refuses;
   * `STORE_CLOSED` once this is closed.
   */
  async command(args: readonly RedisArgument[]): Promise<unknown> {
    const giveUpAt = Date.now() + this.#patienceMs;
    let last: unknown;
    for (let first = true; first || Date.now() < giveUpAt; first = false) {
      if (this.#closed) throw closed();
      if (!first) await pause(PAUSE_MS);
      try {
        return await this.#within(giveUpAt, this.#send(args));
      } catch (error) {
        if (error instanceof McpWireError) throw error;
        last = error;
        if (isRefusal(error)) throw refused(args, error);
      }
      if (this.#given?.isOpen === false) break;
    }
    throw unreachable(this.#why ?? last);
  }

  /** Listens to a channel, which `prefix` stands before; gives what ends that. The first call of the listener says that it listens. */
  subscribe(channel: string, listener: ChannelListener): () => void {
    return this.#subscriptions.add(this.prefix + channel, listener);
  }

  /** Tells of what failed where nobody waits for it. */
  report(error: unknown, doing: string): void {
    if (error instanceof McpWireError) this.#onerror(error);
    else {
      const text = error instanceof Error ? error.message : String(error);
      this.#onerror(new McpWireError("STORE_FAILED", `${doing} failed: ${text}.`, "See `cause`.", error));
    }
  }

  /** Closes what was opened here. A client that was given stays open. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#subscriptions.close();
    this.#given?.off("error", this.#lost);
    this.#opened?.destroy();
    await Promise.resolve();
  }

  readonly #lost = (error: unknown): void => {
    this.#why = error;
    if (!this.#closed) this.report(error, "The connection to Redis");
  };

  async #send(args: readonly RedisArgument[]): Promise<unknown> {
    const client = await this.#connected();
    if (!client.isReady) throw new Error("There is no connection.");
    return await client.sendCommand(args, { typeMapping: {} });
  }

  async #connected(): Promise<RedisClient> {
    if (this.#given !== undefined) return this.#given;
    this.#client ??= this.#open(this.#url as string).catch((error: unknown) => {
      this.#client = undefined;
      throw error;
    });
    return await this.#client;
  }

  /** Does not wait for the server: the client goes on trying, and commands wait as long as they may. */
  async #open(url: string): Promise<RedisClient> {
    const client = await openClient(url);
    if (this.#closed) throw closed();
    this.#opened = client;
    client.on("error", this.#lost);
    client.connect().catch(this.#lost);
    return client;
  }

  /** A server that takes a command and says nothing is as good as away. */
  async #within<T>(giveUpAt: number, work: Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const wait = Math.max(giveUpAt - Date.now(), PAUSE_MS);
      timer = setTimeout(() => reject(new Error("There was no answer.")), wait);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
      work.catch(() => undefined);
    }
  }
}

/** The connection to use, and whether it is to be closed by who asked. */
export function connectionOf(options: RedisOptions): { readonly connection: RedisConnection; readonly own: boolean } {
  const { redis, ...rest } = options;
  if (redis instanceof RedisConnection) return { connection: redis, own: false };
  return { connection: new RedisConnection({ ...rest, redis }), own: true };
}

/** Redis itself answered, and will answer the same again. */
function isRefusal(error: unknown): error is Error {
  return error instanceof Error && /^[A-Z]{3,} /.test(error.message) && !PASSING.test(error.message);
}

function refused(args: readonly RedisArgument[], error: Error): McpWireError {
  const problem = `Redis refused ${String(args[0])}: ${error.message.slice(0, 300)}.`;
  return new McpWireError("STORE_REFUSED", problem, "Look at the settings and rights of the server.", error);
}

function unreachable(cause: unknown): McpWireError {
  const text = cause instanceof Error ? ` (${cause.message})` : "";
  const wayOut = "Look at the server and the way to it; what was asked for can be asked for again.";
  return new McpWireError("STORE_UNREACHABLE", `Redis could not be reached in time${text}.`, wayOut, cause);
}

function closed(): McpWireError {
  return new McpWireError("STORE_CLOSED", "The connection to Redis was closed.", "Make a new one.");
}

function warn(error: McpWireError): void {
  process.emitWarning(error);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
