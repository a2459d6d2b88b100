/**
 * The hold of a worker on its tasks, in a store that others use too: renewed while they are worked on, and taken over where nobody holds a
 * task any more. Requirements TASK-27, XTASK-18.
 */

import { McpWireError, RpcError, toWireError } from "../errors.js";
import { RpcCode } from "../jsonrpc/message.js";
import type { Awaitable } from "./awaitable.js";
import type { TaskRecord, TaskStore } from "./contract.js";
import { ending } from "./records.js";
import type { RunningTask, Work } from "./running.js";

const MAX_RESUMED = 100;
/** More than timers can do. */
const LONGEST_PAUSE_MS = 0x7fff_ffff;
const LOST = "The process that worked on the task is gone, and its work cannot be done again.";

export interface LeaseParts {
  readonly store: TaskStore;
  readonly worker: string;
  readonly leaseMs: number;
  /** The work of a task whose worker is gone; `undefined` where it is not known here. */
  resume(record: TaskRecord): Work | undefined;
  /** Begins the work of a task that was taken over. */
  run(record: TaskRecord, work: Work): void;
  report(error: McpWireError): void;
}

export class Leases {
  readonly #parts: LeaseParts;
  readonly #running: ReadonlyMap<string, RunningTask>;
  readonly #timer: ReturnType<typeof setInterval>;
  #closed = false;
  #beating = false;
  /** Tasks left behind that nobody here can go on with; others come after them. */
  #passed = 0;

  /** @param running what is worked on here, by its ids. */
  constructor(parts: LeaseParts, running: ReadonlyMap<string, RunningTask>) {
    this.#parts = parts;
    this.#running = running;
    this.#timer = setInterval(() => void this.#beat(), signPauseMs(parts.leaseMs));
    if (typeof this.#timer === "object") this.#timer.unref();
    void this.#recover();
  }

  /** Ends the signs of life, and lets go of these tasks. */
  async close(ids: readonly string[]): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    if (ids.length > 0) await this.letGo(ids);
  }

  /** Lets others take these tasks over. */
  async letGo(ids: readonly string[]): Promise<void> {
    await this.#hold(ids, 0);
  }

  /** Renews what is worked on here, and looks for what nobody works on any more. */
  async #beat(): Promise<void> {
    if (this.#beating) return;
    this.#beating = true;
    const lost = this.#running.size === 0 ? [] : await this.#hold([...this.#running.keys()], this.#parts.leaseMs);
    // A store that is away for a moment costs nothing yet.
    if (lost === undefined) this.#parts.report(lostTouch());
    for (const id of lost ?? []) {
      const task = this.#running.get(id);
      if (task !== undefined) await this.#quietly(async () => task.look(await this.#parts.store.get(id)));
    }
    await this.#recover();
    this.#beating = false;
  }

  async #hold(ids: readonly string[], holdMs: number): Promise<readonly string[] | undefined> {
    return await this.#quietly(() => this.#parts.store.hold(this.#parts.worker, ids, holdMs));
  }

  async #recover(): Promise<void> {
    const { store, leaseMs } = this.#parts;
    const found = (await this.#quietly(() => store.abandoned(MAX_RESUMED, this.#passed))) ?? [];
    // Beyond the last one it begins again with the first.
    if (found.length < MAX_RESUMED) this.#passed = 0;
    for (const record of found) {
      const passes = this.#closed || this.#running.has(record.id);
      // Others may have written what is not understood here: that must not keep this from going on.
      const work = passes ? undefined : await this.#quietly(() => this.#parts.resume(record));
      if (work === undefined) {
        if (found.length === MAX_RESUMED) this.#passed++;
        continue;
      }
      const taken = { ...record, worker: this.#parts.worker };
      const lost = record.restartable ? {} : ending({ error: { code: RpcCode.InternalError, message: LOST } });
      const next: TaskRecord = { ...taken, ...lost, version: record.version + 1 };
      const won = await this.#quietly(() => store.replace(next, leaseMs));
      if (won === true && record.restartable) this.#parts.run(next, work);
    }
  }

  async #quietly<T>(work: () => Awaitable<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof RpcError)) this.#parts.report(toWireError(error, "The task store"));
      return undefined;
    }
  }
}

/** Milliseconds between two signs of life: a third of a lease. */
export function signPauseMs(leaseMs: number): number {
  return Math.min(leaseMs / 3, LONGEST_PAUSE_MS);
}

function lostTouch(): McpWireError {
  return new McpWireError("TASK_STORE", "The hold on a task could not be renewed.", "Look at the task store.");
}
