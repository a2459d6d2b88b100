/**
 * Those who watch tasks, on this machine: one subscription and one look at Redis for each task, however many watch it. A look is taken
 * after every message, when messages may have been missed, and when the time of the task is over.
 */

import type { TaskRecord } from "../../tasks/contract.js";
import type { RedisConnection } from "./connection.js";
import type { ReadTask } from "./task-record.js";

export type TaskListener = (record: TaskRecord | undefined) => void;

export interface WatchParts {
  readonly connection: RedisConnection;
  /** Reads a task; what is known of it need not be sent again. */
  read(id: string, known: ReadTask | undefined): Promise<ReadTask | undefined>;
}

const RETRY_MS = 1_000;
const LONGEST_PAUSE_MS = 0x7fff_ffff;

export class TaskWatches {
  readonly #parts: WatchParts;
  readonly #watched = new Map<string, WatchedTask>();

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  add(id: string, listener: TaskListener): () => void {
    const watched = this.#watched.get(id) ?? new WatchedTask(id, this.#parts);
    this.#watched.set(id, watched);
    watched.listeners.add(listener);
    return () => {
      if (!watched.listeners.delete(listener) || watched.listeners.size > 0) return;
      watched.end();
      if (this.#watched.get(id) === watched) this.#watched.delete(id);
    };
  }

  /** What is known of a task that is watched here. */
  known(id: string): ReadTask | undefined {
    return this.#watched.get(id)?.last;
  }

  /** A task was changed from here. */
  changed(task: ReadTask): void {
    this.#watched.get(task.record.id)?.take(task);
  }

  close(): void {
    for (const watched of this.#watched.values()) watched.end();
    this.#watched.clear();
  }
}

class WatchedTask {
  readonly listeners = new Set<TaskListener>();
  last: ReadTask | undefined = undefined;
  readonly #id: string;
  readonly #parts: WatchParts;
  readonly #unsubscribe: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  #reading = false;
  #again = false;
  #ended = false;

  constructor(id: string, parts: WatchParts) {
    this.#id = id;
    this.#parts = parts;
    this.#unsubscribe = parts.connection.subscribe(`task:${id}`, (message) => {
      const seen = message !== undefined && message !== "" && Number(message) <= (this.last?.record.version ?? 0);
      if (!seen) void this.#look();
    });
  }

  /** Tells of a task that is newer than what was told. */
  take(task: ReadTask): void {
    if (this.#ended || task.record.version <= (this.last?.record.version ?? 0)) return;
    this.last = task;
    this.#tell(task.record);
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#unsubscribe();
  }

  async #look(): Promise<void> {
    this.#again = true;
    if (this.#reading) return;
    this.#reading = true;
    while (this.#again && !this.#ended) {
      this.#again = false;
      try {
        const task = await this.#parts.read(this.#id, this.last);
        if (this.#ended) break;
        if (task === undefined) this.#tell(undefined);
        else this.take(task);
        this.#lookIn(task?.leftMs);
      } catch (error) {
        this.#parts.connection.report(error, "Watching a task");
        this.#lookIn(RETRY_MS);
      }
    }
    this.#reading = false;
  }

  #lookIn(ms: number | undefined): void {
    clearTimeout(this.#timer);
    if (ms === undefined || this.#ended) return;
    this.#timer = setTimeout(() => void this.#look(), Math.min(ms + 1, LONGEST_PAUSE_MS));
    this.#timer.unref();
  }

  #tell(record: TaskRecord | undefined): void {
    for (const listener of [...this.listeners]) {
      try {
        listener(record);
      } catch (error) {
        this.#parts.connection.report(error, "A listener to a task");
      }
    }
  }
}
