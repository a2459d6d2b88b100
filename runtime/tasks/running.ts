/** One task that is worked on here: its signal, its open questions, and what its handler keeps. Requirements TASK-27, TASK-36, XTASK-28. */

import { CancelledError, McpWireError, RpcError, toWireError } from "../errors.js";
import { RpcCode } from "../jsonrpc/message.js";
import { createQuestionNames } from "../protocol/stateless/rounds.js";
import { isFinal } from "../protocol/task-facts.js";
import type { TaskOutcome } from "../protocol/task-form.js";
import type { TaskAnswer, TaskRecord, TaskStore } from "./contract.js";

/** A task as its work sees it. */
export interface TaskWork {
  readonly id: string;
  /** As it was when the work began. */
  readonly record: TaskRecord;
  /** Aborts when the task was cancelled, has expired, or is not this process's any more. */
  readonly signal: AbortSignal;
  /** Whether the signal has aborted, or would have. */
  readonly stopped: boolean;
  /** Puts a question into the task and waits for its answer. `name` is the handler's own key. */
  ask(method: string, params: unknown, name: string | undefined): Promise<unknown>;
  /** Runs an effect once for the task, however often the work is begun. */
  keep(key: string, run: () => unknown): Promise<unknown>;
  /** Says in a line for people how the work stands. */
  status(message: string): void;
  /** Ends the task with what came of it. Called once. */
  end(outcome: TaskOutcome): void;
  /** Ends the task, since its work broke: what went wrong is reported, and the client learns that something did. Called instead of `end`. */
  fail(error: unknown): void;
}

/** The work of a task. An object, and no function: tasks wait by the thousand, and what is alive meanwhile is what they cost. */
export interface Work {
  /** Does it: `task.end` is called once it is done. What is thrown fails the task. */
  begin(task: TaskWork): void;
  /** Hears of each change of the task, `undefined` once it is gone; a record may be told again. Goes on where another process takes over. */
  told?(task: TaskWork, now: TaskRecord | undefined): void;
}

export interface RunningParts {
  readonly store: TaskStore;
  change(id: string, change: (record: TaskRecord) => Partial<TaskRecord> | undefined): Promise<TaskRecord>;
  report(error: McpWireError): void;
  end(task: RunningTask, outcome: TaskOutcome): void;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export class RunningTask implements TaskWork {
  readonly record: TaskRecord;
  readonly #work: Work;
  readonly #parts: RunningParts;
  readonly #worker: string;
  /** Made when first read: many handlers never look at their signal. */
  #controller: AbortController | undefined = undefined;
  #stopped: CancelledError | undefined = undefined;
  /** These are made when first needed too. */
  #waiting: Map<string, Waiting> | undefined = undefined;
  #effects: Map<string, Promise<unknown>> | undefined = undefined;
  #asked: Set<string> | undefined = undefined;
  readonly #unwatch: () => void;
  #names: ReturnType<typeof createQuestionNames> | undefined = undefined;
  /** Whether another process goes on with the task, and its changes are told here all the same. */
  #followed = false;

  constructor(record: TaskRecord, work: Work, worker: string, parts: RunningParts) {
    this.record = record;
    this.#work = work;
    this.#worker = worker;
    this.#parts = parts;
    this.#unwatch = parts.store.watch(record.id, (now) => this.look(now));
  }

  get id(): string {
    return this.record.id;
  }
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.stopped) this.#controller.abort(this.#stopped);
    }
    return this.#controller.signal;
  }
  get stopped(): boolean {
    return this.#stopped !== undefined;
  }

  begin(): void {
    try {
      this.#work.begin(this);
    } catch (error) {
      this.fail(error);
    }
  }

  end(outcome: TaskOutcome): void {
    this.#parts.end(this, outcome);
  }

  fail(error: unknown): void {
    this.#parts.report(toWireError(error, "The work of a task"));
    this.end({ error: { code: RpcCode.InternalError, message: "Internal error" } });
  }

  async ask(method: string, params: unknown, name: string | undefined): Promise<unknown> {
    this.#names ??= createQuestionNames();
    const key = name ?? this.#names(method, params);
    this.#asked ??= new Set();
    if (this.#asked.has(key)) {
      const problem = `Two questions of one task have the key ${JSON.stringify(key)}.`;
      throw new McpWireError("INVALID_USE", problem, "Give each question a key of its own.");
    }
    this.#asked.add(key);
    if (this.#stopped !== undefined) throw this.#stopped;
    this.#waiting ??= new Map();
    const waiting = this.#waiting;
    const answered = new Promise<unknown>((resolve, reject) => waiting.set(key, { resolve, reject }));
    // Whoever stops the task rejects it, perhaps before it is awaited below.
    answered.catch(() => undefined);
    const question = params === undefined ? { method } : { method, params };
    const now = await this.#change((record) =>
      isFinal(record.status) || Object.hasOwn(record.answers, key)
        ? undefined
        : { status: "input_required", questions: { ...record.questions, [key]: question }, updatedAt: Date.now() },
    );
    if (this.#stopped === undefined && now !== undefined && isFinal(now.status)) throw tooLate(method);
    return await answered;
  }

  keep(key: string, run: () => unknown): Promise<unknown> {
    this.#effects ??= new Map();
    const effects = this.#effects;
    const kept = effects.get(key);
    if (kept !== undefined) return kept;
    const effect = this.#keep(key, run);
    effects.set(key, effect);
    // What failed may be tried again, as in a plain call.
    effect.catch(() => effects.delete(key));
    return effect;
  }

  async #keep(key: string, run: () => unknown): Promise<unknown> {
    const { kept, restartable } = this.record;
    const before = Object.hasOwn(kept, key) ? kept[key] : undefined;
    if (before?.begun === true) throw unsure(key);
    if (before !== undefined) return before.value;
    // Only a second run would ever look for it.
    if (!restartable) return await run();
    await this.#note(key, { begun: true });
    // Where the task is not this process's any more, nothing is begun.
    if (this.#stopped !== undefined) throw this.#stopped;
    let value: unknown;
    try {
      value = await run();
    } catch (error) {
      await this.#note(key, undefined);
      throw error;
    }
    await this.#note(key, value === undefined ? {} : { value });
    return value;
  }

  async #note(key: string, known: TaskRecord["kept"][string] | undefined): Promise<void> {
    await this.#change(({ status, kept }) => {
      const { [key]: _before, ...others } = kept;
      return isFinal(status) ? undefined : { kept: known === undefined ? others : { ...others, [key]: known } };
    });
  }

  /** Changes the record, and takes note of how the task stands then; `undefined` where it is gone. */
  async #change(change: (record: TaskRecord) => Partial<TaskRecord> | undefined): Promise<TaskRecord | undefined> {
    let now: TaskRecord | undefined;
    try {
      now = await this.#parts.change(this.id, change);
    } catch (error) {
      // Only that the task is gone is told so, and then its work is told to stop; it is no answer of the client.
      if (!(error instanceof RpcError)) throw error;
    }
    this.look(now);
    return now;
  }

  status(statusMessage: string): void {
    this.#parts
      .change(this.id, (record) => (isFinal(record.status) ? undefined : { statusMessage, updatedAt: Date.now() }))
      .catch((error: unknown) => {
        // A task that is gone needs no status.
        if (!(error instanceof RpcError)) this.#parts.report(toWireError(error, "Keeping the status of a task"));
      });
  }

  /** Takes note of how the task stands now. */
  look(record: TaskRecord | undefined): void {
    if (record === undefined || isFinal(record.status)) this.#followed = false;
    if (record === undefined) this.stop(new CancelledError("The task has expired.", "Give it a longer `ttlMs`."));
    else if (record.status === "cancelled") this.stop(new CancelledError("The task was cancelled on request.", ""));
    else if (record.worker !== this.#worker) {
      this.#followed = this.#work.told !== undefined && !isFinal(record.status);
      this.stop(new CancelledError("The task was taken over by another process.", "Look at `leaseMs`."));
    } else if (this.#waiting !== undefined && this.#waiting.size > 0) this.#settle(this.#waiting, record);
    this.#work.told?.(this, record);
  }

  #settle(open: Map<string, Waiting>, { answers }: TaskRecord): void {
    for (const [key, waiting] of [...open]) {
      // Keys are the handler's choice, and may be names that every object has.
      const answer = Object.hasOwn(answers, key) ? answers[key] : undefined;
      if (answer === undefined) continue;
      open.delete(key);
      settle(waiting, answer);
    }
  }

  /** Ends what goes on here; with a reason, the work is told to stop. */
  stop(reason: CancelledError | undefined): void {
    if (!this.#followed) this.#unwatch();
    if (reason === undefined || this.stopped) return;
    this.#stopped = reason;
    this.#controller?.abort(reason);
    for (const waiting of this.#waiting?.values() ?? []) waiting.reject(reason);
    this.#waiting?.clear();
  }
}

function tooLate(method: string): McpWireError {
  const problem = `${method} was not asked: the task on whose behalf it was to be has ended.`;
  return new McpWireError("INVALID_USE", problem, "Ask before the handler returns.");
}

function unsure(key: string): McpWireError {
  const problem = `Whether the effect ${JSON.stringify(key)} took place is not known: the process that began it is gone.`;
  return new McpWireError("EFFECT_UNSURE", problem, "Catch this where the handler can find out, and go on from there.");
}

function settle(waiting: Waiting, answer: TaskAnswer): void {
  if ("value" in answer) waiting.resolve(answer.value);
  else {
    const { code, message, data } = answer.refused;
    waiting.reject(new RpcError(code, message, data));
  }
}
