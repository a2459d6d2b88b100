/** Tasks in Redis: whichever machine made a task, every other can answer for it, and go on with it where its worker is gone. */

import { createHash, randomUUID } from "node:crypto";
import { McpWireError, RpcError } from "../../errors.js";
import { isFinal } from "../../protocol/task-facts.js";
import type { TaskPage, TaskRecord, TaskStore, TaskSummary } from "../../tasks/contract.js";
import { connectionOf, type RedisConnection, type RedisOptions } from "./connection.js";
import { headOf, type ReadTask, readTask, textOf } from "./task-record.js";
import { ABANDONED, CREATE, HOLD, LIST, PARTS, type Part, READ, REMOVE, REPLACE } from "./task-scripts.js";
import { type TaskListener, TaskWatches } from "./task-watch.js";

export interface RedisTaskOptions extends RedisOptions {
  /** Tasks at once; more are refused. Default 100 000. */
  readonly maxTasks?: number;
  /** Of them, those of one principal, or of one connection that is a client's own. Default 10 000. */
  readonly maxTasksPerOwner?: number;
}

export interface RedisTaskStore extends TaskStore {
  /** Stops watching, and closes the connections that were opened for the store. */
  close(): Promise<void>;
}

const INTERNAL_ERROR = -32603;
const CURSOR = /^t([0-9a-z]{1,11})$/;

/**
 * Makes a task store in Redis, for all servers that share it.
 * @throws McpWireError `INVALID_USE` where `redis` is neither a client nor an address. Its methods throw as commands of
 * {@link RedisConnection} do.
 */
export function createRedisTaskStore(options: RedisTaskOptions): RedisTaskStore {
  return new TasksInRedis(options);
}

class TasksInRedis implements RedisTaskStore {
  readonly #connection: RedisConnection;
  readonly #own: boolean;
  readonly #maxTasks: number;
  readonly #maxTasksPerOwner: number;
  readonly #watches: TaskWatches;
  /** Parts of records that are in Redis, and the task, the part and the version that they were written as. */
  readonly #written = new WeakMap<object, string>();

  constructor(options: RedisTaskOptions) {
    const { connection, own } = connectionOf(options);
    this.#connection = connection;
    this.#own = own;
    this.#maxTasks = options.maxTasks ?? 100_000;
    this.#maxTasksPerOwner = options.maxTasksPerOwner ?? 10_000;
    this.#watches = new TaskWatches({ connection, read: (id, known) => this.#read(id, known) });
  }

  async create(record: TaskRecord, holdMs: number): Promise<void> {
    const { id, ttlMs, worker } = record;
    const limits = [this.#maxTasks, this.#maxTasksPerOwner].map(String);
    const fixed = [id, ownerKey(record.owner), String(holdMs), ttlText(ttlMs), ...limits, randomUUID(), worker];
    const texts = [headOf(record), ...PARTS.map((part) => textOf(record, part))];
    const made = await this.#connection.run(CREATE, [this.#connection.prefix], [...fixed, ...texts]);
    if (made === 0)
      throw new RpcError(INTERNAL_ERROR, "There are too many tasks already. Try again when some have expired.");
    if (made !== 1) throw new McpWireError("TASK_STORE", "There is a task with this id already.", "Give each its own.");
    this.#remember({ record, parts: PARTS.map(() => 1), leftMs: ttlMs ?? undefined });
  }

  async get(id: string): Promise<TaskRecord | undefined> {
    return (await this.#read(id, this.#watches.known(id)))?.record;
  }

  async replace(record: TaskRecord, holdMs?: number): Promise<boolean> {
    const mark = randomUUID();
    const known = PARTS.map((part) => this.#versionOf(record, part));
    const done = await this.#replace(record, holdMs, mark, known);
    // A part was not what it was taken for: all of it is sent.
    return done ?? (await this.#replace(record, holdMs, mark, [])) === true;
  }

  async list(owner: string, cursor: string | undefined, limit: number): Promise<TaskPage | undefined> {
    const after = cursor === undefined ? 0 : Number.parseInt(CURSOR.exec(cursor)?.[1] ?? "", 36);
    if (!Number.isSafeInteger(after)) return undefined;
    if (owner === "") return { tasks: [] };
    const { prefix } = this.#connection;
    const args = [ownerKey(owner), String(after), String(limit)];
    const rows = (await this.#connection.run(LIST, [prefix], args)) as [string, string][];
    const tasks = rows.slice(0, limit).map(([, head]) => JSON.parse(head) as TaskSummary);
    const last = rows[limit - 1]?.[0];
    return rows.length > limit && last !== undefined
      ? { tasks, nextCursor: `t${Number(last).toString(36)}` }
      : { tasks };
  }

  async remove(id: string): Promise<void> {
    await this.#connection.run(REMOVE, [this.#connection.prefix], [id]);
  }

  watch(id: string, listener: TaskListener): () => void {
    return this.#watches.add(id, listener);
  }

  async hold(worker: string, ids: readonly string[], holdMs: number): Promise<readonly string[]> {
    const args = [worker, String(holdMs), ...ids];
    return (await this.#connection.run(HOLD, [this.#connection.prefix], args)) as string[];
  }

  async abandoned(limit: number, skip = 0): Promise<readonly TaskRecord[]> {
    const args = [limit, skip].map(String);
    const ids = (await this.#connection.run(ABANDONED, [this.#connection.prefix], args)) as string[];
    const found = await Promise.all(ids.map((id) => this.get(id)));
    return found.filter((record) => record !== undefined && !isFinal(record.status)) as TaskRecord[];
  }

  async close(): Promise<void> {
    this.#watches.close();
    if (this.#own) await this.#connection.close();
  }

  async #read(id: string, known: ReadTask | undefined): Promise<ReadTask | undefined> {
    const versions = PARTS.map((_part, index) => String(known?.parts[index] ?? ""));
    const reply = await this.#connection.run(READ, [this.#connection.prefix], [id, ...versions]);
    const task = readTask(reply, known);
    if (task !== undefined) this.#remember(task);
    return task;
  }

  /** `undefined` where all parts have to be sent. */
  async #replace(
    record: TaskRecord,
    holdMs: number | undefined,
    mark: string,
    known: readonly (number | undefined)[],
  ): Promise<boolean | undefined> {
    const { id, version, worker, status, ttlMs } = record;
    const final = isFinal(status) ? "1" : "0";
    const fixed = [id, String(version), mark, worker, final, ttlText(ttlMs), String(holdMs ?? "")];
    const parts = PARTS.map((_part, index) => known[index] ?? version);
    const texts = PARTS.flatMap((part, index) => {
      const written = parts[index] as number;
      return [String(written), written === version ? textOf(record, part) : ""];
    });
    const args = [...fixed, headOf(record), ...texts];
    const done = await this.#connection.run(REPLACE, [this.#connection.prefix], args);
    if (done === -1) return undefined;
    if (done !== 1) return false;
    const task: ReadTask = { record, parts, leftMs: ttlMs ?? undefined };
    this.#remember(task);
    this.#watches.changed(task);
    return true;
  }

  #remember({ record, parts }: ReadTask): void {
    for (const [index, part] of PARTS.entries()) {
      const value: unknown = record[part];
      if (typeof value === "object" && value !== null) this.#written.set(value, markOf(record, part, parts[index]));
    }
  }

  /** The version at which this very part of the record was written, if it is in Redis. */
  #versionOf(record: TaskRecord, part: Part): number | undefined {
    const value: unknown = record[part];
    const mark = typeof value === "object" && value !== null ? this.#written.get(value) : undefined;
    const version = Number(mark?.slice(mark.lastIndexOf(" ") + 1));
    return version < record.version && mark === markOf(record, part, version) ? version : undefined;
  }
}

function markOf({ id }: TaskRecord, part: Part, version: number | undefined): string {
  return `${id} ${part} ${version}`;
}

/** Names of owners may be long, and are nobody's business who looks at keys. */
function ownerKey(owner: string): string {
  return owner === "" ? "" : createHash("sha256").update(owner).digest("base64url");
}

/** Redis takes whole milliseconds, and less than a life of the universe of them. */
function ttlText(ttlMs: number | null): string {
  return ttlMs === null ? "" : String(Math.min(Math.ceil(ttlMs), Number.MAX_SAFE_INTEGER / 4));
}
