/**
 * Runs the work of tasks in this process. Every change of a task is a record that replaces the one before it, so several processes can
 * look at a task and one works on it; what has ended stays as it is. Requirements TASK-20 to TASK-28, TASK-35 to TASK-37, XTASK-18 to XTASK-21.
 */

import { CancelledError, McpWireError, RpcError, toWireError } from "../errors.js";
import { isThenable } from "../jsonrpc/incoming.js";
import { RpcCode } from "../jsonrpc/message.js";
import { isFinal } from "../protocol/task-facts.js";
import type { TaskOutcome } from "../protocol/task-form.js";
import { type Awaitable, after } from "./awaitable.js";
import type { TaskAnswer, TaskRecord, TaskStore } from "./contract.js";
import { randomId } from "./ids.js";
import { Leases, signPauseMs } from "./leases.js";
import { changedFrom, ending, type NewTask, NOTHING, newRecord } from "./records.js";
import { type RunningParts, RunningTask, type Work } from "./running.js";

export interface RunnerSettings {
  readonly store: TaskStore;
  readonly ttlMs: number;
  readonly maxTtlMs: number;
  readonly pollMs: number;
  readonly leaseMs: number;
  /** Whether others may leave tasks behind in the store. */
  readonly shared: boolean;
  /** The work of a task whose worker is gone; `undefined` where it is not known here. */
  resume(record: TaskRecord): Work | undefined;
  report(error: McpWireError): void;
}

/** What becomes of a record; `undefined` leaves it as it is. */
type Change = (record: TaskRecord) => Partial<TaskRecord> | undefined;

/** Others that change the same record at the same time are few. */
const MAX_TRIES = 1_000;
/** How often the outcome of a task is offered to a store that fails, a third of a lease apart. */
const FINISH_TRIES = 10;

export class TaskRunner {
  readonly #settings: RunnerSettings;
  readonly #running = new Map<string, RunningTask>();
  readonly #worker = randomId();
  /** Absent where nobody else could take a task over. */
  readonly #leases: Leases | undefined;
  #begun: RunningTask[] = [];
  /** What all tasks that run here share. */
  readonly #parts: RunningParts;
  #closed = false;

  constructor(settings: RunnerSettings) {
    this.#settings = settings;
    this.#parts = {
      store: settings.store,
      change: async (id, change) => this.#change(id, (now) => this.#mine(now, change(now))),
      report: (error) => settings.report(error),
      end: (task, outcome) => this.#end(task, outcome),
    };
    const run = (record: TaskRecord, work: Work): void => this.#run(record, work);
    const held = { ...settings, worker: this.#worker, run };
    this.#leases = settings.shared ? new Leases(held, this.#running) : undefined;
  }

  get store(): TaskStore {
    return this.#settings.store;
  }

  /**
   * Creates a task, and begins its work once whoever asked can be answered. No promise is made where the store makes none, here and below.
   * @throws RpcError −32603 where there is no room, or the server is closing.
   */
  start(task: NewTask, work: Work): Awaitable<TaskRecord> {
    if (this.#closed) throw new RpcError(RpcCode.InternalError, "The server is closing. Try again later.");
    const { store, pollMs, leaseMs } = this.#settings;
    const ttlMs = this.#ttlOf(task.lifetime);
    const record = newRecord(task, { ttlMs, pollMs, worker: this.#worker });
    return after(store.create(record, leaseMs), () => {
      this.#run(record, work);
      return record;
    });
  }

  /** @throws RpcError −32602 for a task that is not there, or that is somebody else's: nobody learns which (TASK-44, TASK-57). */
  get(id: unknown, principal: string | null): Awaitable<TaskRecord> {
    return after(typeof id === "string" ? this.store.get(id) : undefined, (record) => {
      if (record === undefined || record.principal !== principal) throw unknownTask();
      return record;
    });
  }

  /** Cancels a task that has not ended. Says whether it had. */
  async cancel(id: string): Promise<{ readonly record: TaskRecord; readonly ended: boolean }> {
    let ended = false;
    const record = await this.#change(id, ({ status }) => {
      ended = isFinal(status);
      return ended
        ? undefined
        : {
            status: "cancelled",
            statusMessage: "The task was cancelled on request.",
            questions: NOTHING,
            updatedAt: Date.now(),
          };
    });
    return { record, ended };
  }

  /** Settles open questions; answers to others are ignored (XTASK-30). */
  async answer(id: string, answers: Readonly<Record<string, TaskAnswer>>): Promise<void> {
    await this.#change(id, (record) => {
      const taken = Object.entries(answers).filter(([key]) => Object.hasOwn(record.questions, key));
      if (taken.length === 0 || isFinal(record.status)) return undefined;
      const questions = { ...record.questions };
      for (const [key] of taken) delete questions[key];
      const status = Object.keys(questions).length === 0 ? "working" : "input_required";
      return { status, questions, answers: { ...record.answers, ...Object.fromEntries(taken) }, updatedAt: Date.now() };
    });
  }

  /** Stops what runs here. What has not ended is left for others, or for later. */
  async close(): Promise<void> {
    this.#closed = true;
    const reason = new CancelledError("The server was closed while the task was worked on.", "");
    const left = [...this.#running];
    this.#running.clear();
    for (const [, task] of left) task.stop(reason);
    await this.#leases?.close(left.map(([id]) => id));
  }

  /** No less than nothing, and no more than is allowed; for ever where that is allowed and wanted. */
  #ttlOf(wanted: number | undefined): number | null {
    const { ttlMs, maxTtlMs } = this.#settings;
    const ttl = Math.min(Math.max(wanted ?? ttlMs, 0), maxTtlMs);
    return Number.isFinite(ttl) ? Math.ceil(ttl) : null;
  }

  #run(record: TaskRecord, work: Work): void {
    const { id } = record;
    if (this.#closed) {
      // It came to be while this was closed: others begin it.
      void this.#leases?.letGo([id]);
      return;
    }
    const task = new RunningTask(record, work, this.#worker, this.#parts);
    this.#running.set(id, task);
    // The answer to the request goes first. Tasks that are made together begin together.
    if (this.#begun.push(task) === 1) later(() => this.#begin());
  }

  #begin(): void {
    const begun = this.#begun;
    this.#begun = [];
    for (const task of begun) {
      if (task.stopped) this.#end(task, NOT_BEGUN);
      else task.begin();
    }
  }

  #end(task: RunningTask, outcome: TaskOutcome): void {
    try {
      const kept = this.#keep(task, outcome);
      if (!isThenable(kept)) this.#over(task, kept as TaskRecord | undefined);
      else
        kept.then(
          (record) => this.#over(task, record as TaskRecord | undefined),
          (error: unknown) => void this.#endAgain(task, outcome, error),
        );
    } catch (error) {
      void this.#endAgain(task, outcome, error);
    }
  }

  /** A store that is away may come back, and what was worked for is still here. */
  async #endAgain(task: RunningTask, outcome: TaskOutcome, failure: unknown): Promise<void> {
    let error = failure;
    // A task that has expired is one that nobody will ask for.
    for (let tries = 1; !(error instanceof RpcError); tries++) {
      this.#settings.report(toWireError(error, "Keeping the outcome of a task"));
      if (tries === FINISH_TRIES) break;
      await new Promise((resolve) => setTimeout(resolve, signPauseMs(this.#settings.leaseMs)));
      try {
        this.#over(task, await this.#keep(task, outcome));
        return;
      } catch (again) {
        error = again;
      }
    }
    this.#over(task, undefined);
  }

  /** Who stops here has nothing to say about how the task ends. */
  #keep(task: RunningTask, outcome: TaskOutcome): Awaitable<TaskRecord | undefined> {
    if (this.#running.get(task.id) !== task) return undefined;
    return this.#change(task.id, (record) => this.#mine(record, isFinal(record.status) ? undefined : ending(outcome)));
  }

  #over(task: RunningTask, record: TaskRecord | undefined): void {
    // A store may tell of the end only after nobody here watches any more.
    if (record !== undefined) task.look(record);
    if (this.#running.get(task.id) === task) this.#running.delete(task.id);
    task.stop(undefined);
  }

  /** A change by this worker: nothing of it happens where another has taken the task over. */
  #mine(record: TaskRecord, change: Partial<TaskRecord> | undefined): Partial<TaskRecord> | undefined {
    return record.worker === this.#worker ? change : undefined;
  }

  /** @throws RpcError −32602 where the task is gone, McpWireError `TASK_STORE`. */
  #change(id: string, change: Change, tries = 1): Awaitable<TaskRecord> {
    return after(this.store.get(id), (record) => {
      if (record === undefined) throw unknownTask();
      const changed = change(record);
      if (changed === undefined) return record;
      const next = changedFrom(record, changed);
      return after(this.store.replace(next), (replaced) => {
        if (replaced) return next;
        if (tries < MAX_TRIES) return this.#change(id, change, tries + 1);
        const problem = `A task could not be changed in ${MAX_TRIES} attempts, since others changed it.`;
        throw new McpWireError("TASK_STORE", problem, "Look at the task store: `replace` has to compare versions.");
      });
    });
  }
}

/** The task ended before its work began, so this is said of none. */
const NOT_BEGUN: TaskOutcome = { error: { code: RpcCode.InternalError, message: "The work was not begun." } };
function unknownTask(): RpcError {
  return new RpcError(RpcCode.InvalidParams, "Unknown task. It may have expired.");
}

/** In the next turn; browsers, where clients have tasks of their own, know no other way to it. */
const later: (run: () => void) => unknown =
  typeof setImmediate === "function" ? setImmediate : (run) => setTimeout(run, 0);
