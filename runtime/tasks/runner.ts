/**
 * Runs the work of tasks in this process. Every change of a task is a record that replaces the one before it, so several processes can
 * look at a task and one works on it; what has ended stays as it is. Requirements TASK-20 to TASK-28, TASK-35 to TASK-37, XTASK-18 to XTASK-21.
 */

import { CancelledError, McpWireError, RpcError, toWireError } from "../errors.js";
import { isThenable } from "../jsonrpc/incoming.js";
import { RpcCode } from "../jsonrpc/message.js";
import { isFinal } from "../protocol/task-facts.js";
import type { TaskClient, TaskOutcome } from "../protocol/task-form.js";
import { type Awaitable, after } from "./awaitable.js";
import type { TaskAnswer, TaskRecord, TaskStore } from "./contract.js";
import { randomId } from "./ids.js";
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

/** A task to be created. */
export interface NewTask {
  readonly principal: string | null;
  readonly owner: string;
  readonly method: string;
  readonly params: unknown;
  readonly client: TaskClient;
  /** Milliseconds that the client wants it to be kept. */
  readonly lifetime: number | undefined;
  readonly restartable: boolean;
}

/** What becomes of a record; `undefined` leaves it as it is. */
type Change = (record: TaskRecord) => Partial<TaskRecord> | undefined;

/** Others that change the same record at the same time are few. */
const MAX_TRIES = 1_000;
const MAX_RESUMED = 100;
/** How often the outcome of a task is offered to a store that fails, a third of a lease apart. */
const FINISH_TRIES = 10;
/** More than timers can do. */
const LONGEST_PAUSE_MS = 0x7fff_ffff;

export class TaskRunner {
  readonly #settings: RunnerSettings;
  readonly #running = new Map<string, RunningTask>();
  readonly #worker = randomId();
  #timer: ReturnType<typeof setInterval> | undefined = undefined;
  #begun: RunningTask[] = [];
  /** What all tasks that run here share. */
  readonly #parts: RunningParts;
  #closed = false;
  #beating = false;
  /** Tasks left behind that nobody here can go on with; others come after them. */
  #passed = 0;

  constructor(settings: RunnerSettings) {
    this.#settings = settings;
    this.#parts = {
      store: settings.store,
      change: async (id, change) => this.#change(id, (now) => this.#mine(now, change(now))),
      report: (error) => settings.report(error),
      end: (task, outcome) => this.#end(task, outcome),
    };
    this.#startTimer();
    if (settings.shared) void this.#recover();
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
    const now = Date.now();
    // Member by member: there may be many of these, and spreading costs more than all the rest.
    const record: TaskRecord = {
      principal: task.principal,
      owner: task.owner,
      method: task.method,
      params: task.params,
      client: task.client,
      restartable: task.restartable,
      id: randomId(),
      version: 1,
      status: "working",
      // Members that come later are there from the start, so that copies are cheap.
      statusMessage: undefined,
      outcome: undefined,
      isError: undefined,
      createdAt: now,
      updatedAt: now,
      ttlMs: this.#ttlOf(task.lifetime),
      pollMs,
      questions: NOTHING,
      answers: NOTHING,
      kept: NOTHING,
      worker: this.#worker,
    };
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
    clearInterval(this.#timer);
    const reason = new CancelledError("The server was closed while the task was worked on.", "");
    const left = [...this.#running];
    this.#running.clear();
    for (const [, task] of left) task.stop(reason);
    if (this.#settings.shared && left.length > 0)
      await this.#hold(
        left.map(([id]) => id),
        0,
      );
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
      if (this.#settings.shared) void this.#hold([id], 0);
      return;
    }
    const task = new RunningTask(record, work, this.#worker, this.#parts);
    this.#running.set(id, task);
    this.#startTimer();
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
      await new Promise((resolve) => setTimeout(resolve, this.#pauseMs));
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

  #startTimer(): void {
    if (this.#timer !== undefined || this.#closed || !this.#settings.shared) return;
    this.#timer = setInterval(() => void this.#beat(), this.#pauseMs);
    if (typeof this.#timer === "object") this.#timer.unref();
  }

  /** Milliseconds between two signs of life: a third of a lease. */
  get #pauseMs(): number {
    return Math.min(this.#settings.leaseMs / 3, LONGEST_PAUSE_MS);
  }

  /** Renews what is worked on here, and looks for what nobody works on any more. */
  async #beat(): Promise<void> {
    if (this.#beating) return;
    this.#beating = true;
    const lost = this.#running.size === 0 ? [] : await this.#hold([...this.#running.keys()], this.#settings.leaseMs);
    // A store that is away for a moment costs nothing yet.
    if (lost === undefined) this.#settings.report(lostTouch());
    for (const id of lost ?? []) {
      const task = this.#running.get(id);
      if (task !== undefined) await this.#quietly(async () => task.look(await this.store.get(id)));
    }
    await this.#recover();
    this.#beating = false;
  }

  async #hold(ids: readonly string[], holdMs: number): Promise<readonly string[] | undefined> {
    return await this.#quietly(() => this.store.hold(this.#worker, ids, holdMs));
  }

  async #recover(): Promise<void> {
    const found = (await this.#quietly(() => this.store.abandoned(MAX_RESUMED, this.#passed))) ?? [];
    // Beyond the last one it begins again with the first.
    if (found.length < MAX_RESUMED) this.#passed = 0;
    for (const record of found) {
      const passes = this.#closed || this.#running.has(record.id);
      // Others may have written what is not understood here: that must not keep this from going on.
      const work = passes ? undefined : await this.#quietly(() => this.#settings.resume(record));
      if (work === undefined) {
        if (found.length === MAX_RESUMED) this.#passed++;
        continue;
      }
      const taken = { ...record, worker: this.#worker };
      const lost = record.restartable ? {} : ending({ error: { code: RpcCode.InternalError, message: LOST } });
      const next: TaskRecord = { ...taken, ...lost, version: record.version + 1 };
      const won = await this.#quietly(() => this.store.replace(next, this.#settings.leaseMs));
      if (won === true && record.restartable) this.#run(next, work);
    }
  }

  async #quietly<T>(work: () => Awaitable<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof RpcError)) this.#settings.report(toWireError(error, "The task store"));
      return undefined;
    }
  }
}

/** What most tasks have of questions, answers and effects; records are never changed. */
const NOTHING = Object.freeze({});
/** The task ended before its work began, so this is said of none. */
const NOT_BEGUN: TaskOutcome = { error: { code: RpcCode.InternalError, message: "The work was not begun." } };
const LOST = "The process that worked on the task is gone, and its work cannot be done again.";

/** The record that takes the place of another. A second spread would cost more than all else here. */
function changedFrom(record: TaskRecord, changed: Partial<TaskRecord>): TaskRecord {
  const next: Record<string, unknown> = { ...record };
  for (const key in changed) next[key] = changed[key as keyof TaskRecord];
  next.version = record.version + 1;
  return next as unknown as TaskRecord;
}

/** How a task stands once its work is done. */
function ending(outcome: TaskOutcome): Partial<TaskRecord> {
  const updatedAt = Date.now();
  if ("result" in outcome) {
    const isError = (outcome.result as { isError?: unknown }).isError === true;
    return { outcome, isError, questions: NOTHING, updatedAt, status: "completed" };
  }
  return { outcome, questions: NOTHING, updatedAt, status: "failed", statusMessage: outcome.error.message };
}

function unknownTask(): RpcError {
  return new RpcError(RpcCode.InvalidParams, "Unknown task. It may have expired.");
}

function lostTouch(): McpWireError {
  return new McpWireError("TASK_STORE", "The hold on a task could not be renewed.", "Look at the task store.");
}

/** In the next turn; browsers, where clients have tasks of their own, know no other way to it. */
const later: (run: () => void) => unknown =
  typeof setImmediate === "function" ? setImmediate : (run) => setTimeout(run, 0);
