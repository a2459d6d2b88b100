/** Tasks in the memory of one process: bounded in number, and forgotten when their time is over. Requirements TASK-56, TASK-58, TASK-61. */

import { RpcError } from "../errors.js";
import { RpcCode } from "../jsonrpc/message.js";
import { isFinal } from "../protocol/task-facts.js";
import type { TaskPage, TaskRecord, TaskStore } from "./contract.js";

/** How much is kept. */
export interface MemoryTaskLimits {
  /** Tasks at once. */
  readonly maxTasks: number;
  /** Tasks of one owner at once. */
  readonly maxTasksPerOwner: number;
}

type Listener = (record: TaskRecord | undefined) => void;

interface Kept {
  record: TaskRecord;
  /** Until when its worker holds it, in milliseconds since 1970. */
  heldUntil: number;
  /** Its place among all that were ever created; lists are in this order. */
  readonly serial: number;
  /** Who watches it; never changed, so that whoever is told may stop watching. */
  listeners: readonly Listener[];
}

const NOBODY: readonly Listener[] = [];

/** Pauses between two looks for what has expired, however many tasks there are. */
const LEAST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 0x7fff_ffff;
const CURSOR = /^t([0-9a-z]{1,10})$/;

/** Makes a store that ends with the process. */
export function createMemoryTaskStore(limits: MemoryTaskLimits): TaskStore {
  return new MemoryTaskStore(limits.maxTasks, limits.maxTasksPerOwner);
}

class MemoryTaskStore implements TaskStore {
  readonly #max: number;
  readonly #maxPerOwner: number;
  readonly #all = new Map<string, Kept>();
  readonly #owned = new Map<string, Map<string, Kept>>();
  #serial = 0;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  #wakeAt = Number.POSITIVE_INFINITY;

  constructor(max: number, maxPerOwner: number) {
    this.#max = max;
    this.#maxPerOwner = maxPerOwner;
  }

  create(record: TaskRecord, holdMs: number): void {
    const owned = this.#owned.get(record.owner) ?? new Map<string, Kept>();
    if (this.#all.size >= this.#max || (record.owner !== "" && owned.size >= this.#maxPerOwner))
      throw new RpcError(RpcCode.InternalError, "There are too many tasks already. Try again when some have expired.");
    const kept = { record, heldUntil: Date.now() + holdMs, serial: ++this.#serial, listeners: NOBODY };
    this.#all.set(record.id, kept);
    if (record.owner !== "") this.#owned.set(record.owner, owned.set(record.id, kept));
    this.#wakeFor(endOf(record));
  }

  get(id: string): TaskRecord | undefined {
    const record = this.#all.get(id)?.record;
    return record === undefined || endOf(record) <= Date.now() ? undefined : record;
  }

  replace(record: TaskRecord, holdMs?: number): boolean {
    const kept = this.#all.get(record.id);
    const now = Date.now();
    if (kept === undefined || kept.record.version !== record.version - 1 || endOf(kept.record) <= now) return false;
    if (kept.record.worker !== record.worker && kept.heldUntil > now) return false;
    kept.record = record;
    if (holdMs !== undefined) kept.heldUntil = now + holdMs;
    this.#wakeFor(endOf(record));
    for (const listener of kept.listeners) listener(record);
    return true;
  }

  list(owner: string, cursor: string | undefined, limit: number): TaskPage | undefined {
    const after = cursor === undefined ? 0 : Number.parseInt(CURSOR.exec(cursor)?.[1] ?? "", 36);
    if (Number.isNaN(after)) return undefined;
    const now = Date.now();
    const rest = [...(this.#owned.get(owner)?.values() ?? [])].filter(
      ({ record, serial }) => serial > after && endOf(record) > now,
    );
    const shown = rest.slice(0, limit);
    const tasks = shown.map(({ record }) => record);
    const last = shown.at(-1);
    return last === undefined || rest.length === shown.length
      ? { tasks }
      : { tasks, nextCursor: `t${last.serial.toString(36)}` };
  }

  remove(id: string): void {
    const kept = this.#all.get(id);
    if (kept === undefined) return;
    const { owner } = kept.record;
    this.#all.delete(id);
    const owned = this.#owned.get(owner);
    owned?.delete(id);
    if (owned?.size === 0) this.#owned.delete(owner);
    for (const listener of kept.listeners) listener(undefined);
  }

  /** What is not there will never be: nobody creates a task under an id that was used. */
  watch(id: string, listener: Listener): () => void {
    const kept = this.#all.get(id);
    if (kept === undefined) return () => undefined;
    kept.listeners = kept.listeners.length === 0 ? [listener] : [...kept.listeners, listener];
    return () => {
      const { listeners } = kept;
      if (listeners.length > 1) kept.listeners = listeners.filter((one) => one !== listener);
      else if (listeners[0] === listener) kept.listeners = NOBODY;
    };
  }

  hold(worker: string, ids: readonly string[], holdMs: number): readonly string[] {
    const now = Date.now();
    return ids.filter((id) => {
      const kept = this.#all.get(id);
      const holds = kept?.record.worker === worker && !isFinal(kept.record.status) && endOf(kept.record) > now;
      if (holds) kept.heldUntil = now + holdMs;
      return !holds;
    });
  }

  abandoned(limit: number, skip = 0): readonly TaskRecord[] {
    const now = Date.now();
    const found: TaskRecord[] = [];
    let passed = 0;
    for (const { record, heldUntil } of this.#all.values()) {
      if (found.length === limit) break;
      const isLeft = !isFinal(record.status) && heldUntil <= now && endOf(record) > now;
      if (isLeft && ++passed > skip) found.push(record);
    }
    return found;
  }

  /** One timer for all, which keeps no process alive. */
  #wakeFor(dueAt: number): void {
    if (dueAt >= this.#wakeAt) return;
    clearTimeout(this.#timer);
    this.#wakeAt = dueAt;
    const pause = Math.min(Math.max(dueAt - Date.now(), LEAST_PAUSE_MS), LONGEST_PAUSE_MS);
    this.#timer = setTimeout(() => this.#sweep(), pause);
    if (typeof this.#timer === "object") this.#timer.unref();
  }

  #sweep(): void {
    this.#wakeAt = Number.POSITIVE_INFINITY;
    const now = Date.now();
    let next = Number.POSITIVE_INFINITY;
    for (const { record } of this.#all.values()) {
      const end = endOf(record);
      if (end <= now) this.remove(record.id);
      else next = Math.min(next, end);
    }
    if (next !== Number.POSITIVE_INFINITY) this.#wakeFor(next);
  }
}

/** When a task is over for good. */
function endOf({ createdAt, ttlMs }: TaskRecord): number {
  return ttlMs === null ? Number.POSITIVE_INFINITY : createdAt + ttlMs;
}
