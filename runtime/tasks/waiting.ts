/**
 * Waiting for the end of a task, and meanwhile carrying its questions to the client: each is asked once, by one of those who wait.
 * Requirements TASK-31, TASK-50.
 */

import { CancelledError, RpcError } from "../errors.js";
import { isThenable, type Stoppable } from "../jsonrpc/incoming.js";
import { RpcCode } from "../jsonrpc/message.js";
import { isFinal } from "../protocol/task-facts.js";
import type { Awaitable } from "./awaitable.js";
import type { TaskAnswer, TaskRecord } from "./contract.js";
import type { TaskRunner } from "./runner.js";

/** A question of a task. */
export interface Asked {
  readonly method: string;
  readonly params?: unknown;
}

/** Who waits. */
export interface Wait {
  /** Who may look at the task. */
  readonly principal: string | null;
  /** The connection by which the outcome goes. */
  readonly way: object | undefined;
  /** Tells the waiter when nobody wants the outcome any more, perhaps at once. */
  whenStopped(waiter: Stoppable): void;
  /**
   * Asks the client; `undefined` where this one cannot, and another who waits may. The signal aborts when the wait is over, and so is the
   * question.
   */
  carry(question: Asked, over: AbortSignal): Promise<TaskAnswer | undefined>;
}

export class Waiters {
  readonly runner: TaskRunner;
  /** Questions that are on their way to a client. */
  readonly #carried = new Set<string>();
  /** Lists are never changed: who is told may leave. */
  readonly #waiting = new Map<string, readonly Waiter[]>();

  constructor(runner: TaskRunner) {
    this.runner = runner;
  }

  /**
   * What is read of the task once it has ended.
   * @throws RpcError −32602 where it is not there, or gone before; what stopped the wait; what `read` throws.
   */
  untilFinal(id: string, wait: Wait, read: (record: TaskRecord) => object): Awaitable<object> {
    // Before anybody watches: what is changed after this was read is told to who watches from now on.
    const found = this.runner.get(id, wait.principal);
    if (!isThenable(found) && isFinal((found as TaskRecord).status)) return read(found as TaskRecord);
    return new Promise((resolve, reject) => new Waiter(this, id, wait, read, resolve, reject).begin(found));
  }

  /** Whether somebody waits who gets the outcome by this connection. */
  hasWaiter(id: string, way: object): boolean {
    return this.#waiting.get(id)?.some((waiter) => waiter.wait.way === way) ?? false;
  }

  /** Carries the questions of a task that nobody carries, each once by who has not tried it. */
  async carry(record: TaskRecord, tried: Set<string>, wait: Wait, over: AbortSignal): Promise<void> {
    const work = Object.entries(record.questions).map(async ([key, question]) => {
      const claim = `${record.id} ${key}`;
      if (tried.has(key) || this.#carried.has(claim)) return;
      tried.add(key);
      this.#carried.add(claim);
      try {
        const answer = await wait.carry(question, over);
        if (answer !== undefined) await this.runner.answer(record.id, { [key]: answer });
      } finally {
        this.#carried.delete(claim);
        await this.#wake(record.id);
      }
    });
    await Promise.all(work);
  }

  /** A question may be open still: whoever else waits looks again. */
  async #wake(id: string): Promise<void> {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    const record = await this.runner.store.get(id);
    for (const waiter of waiting) waiter.look(record);
  }

  join(id: string, waiter: Waiter): void {
    const others = this.#waiting.get(id);
    this.#waiting.set(id, others === undefined ? [waiter] : [...others, waiter]);
  }

  leave(id: string, waiter: Waiter): void {
    const others = this.#waiting.get(id)?.filter((one) => one !== waiter) ?? [];
    if (others.length === 0) this.#waiting.delete(id);
    else this.#waiting.set(id, others);
  }
}

/** One wait. There may be thousands, so what it needs are members, and no closures. */
class Waiter implements Stoppable {
  readonly wait: Wait;
  readonly #all: Waiters;
  readonly #id: string;
  readonly #read: (record: TaskRecord) => object;
  readonly #resolve: (outcome: object) => void;
  readonly #reject: (error: unknown) => void;
  readonly #unwatch: () => void;
  /** These are made with the first question. */
  #tried: Set<string> | undefined = undefined;
  #over: AbortController | undefined = undefined;
  /** Whether it was found out whose the task is. */
  #known = false;
  /** Whether it was told that the task is gone. */
  #gone = false;

  constructor(
    all: Waiters,
    id: string,
    wait: Wait,
    read: (record: TaskRecord) => object,
    resolve: (outcome: object) => void,
    reject: (error: unknown) => void,
  ) {
    this.wait = wait;
    this.#all = all;
    this.#id = id;
    this.#read = read;
    this.#resolve = resolve;
    this.#reject = reject;
    all.join(id, this);
    this.#unwatch = all.runner.store.watch(id, (record) => this.look(record));
  }

  begin(found: Awaitable<TaskRecord>): void {
    this.wait.whenStopped(this);
    if (isThenable(found))
      found.then(
        (record) => this.#find(record as TaskRecord),
        (error: unknown) => this.#fail(error),
      );
    else this.#find(found as TaskRecord);
  }

  stopped(reason: unknown): void {
    this.#fail(reason);
  }

  look(record: TaskRecord | undefined): void {
    // A watch tells of anybody's task, perhaps before it was found out whose it is (TASK-57).
    if (record === undefined) this.#gone = true;
    if (record === undefined ? !this.#known : record.principal !== this.wait.principal) return;
    if (record === undefined) this.#fail(new RpcError(RpcCode.InvalidParams, "The task has expired."));
    else if (isFinal(record.status)) {
      this.#end(record);
    } else if (record.status === "input_required") {
      this.#tried ??= new Set();
      this.#over ??= new AbortController();
      this.#all.carry(record, this.#tried, this.wait, this.#over.signal).catch((error: unknown) => this.#fail(error));
    }
  }

  #find(record: TaskRecord): void {
    this.#known = true;
    // What was read may be older than what was told meanwhile.
    this.look(this.#gone ? undefined : record);
  }

  #end(record: TaskRecord): void {
    this.#leave();
    try {
      this.#resolve(this.#read(record));
    } catch (error) {
      this.#reject(error);
    }
  }

  #fail(error: unknown): void {
    this.#leave();
    this.#reject(error);
  }

  #leave(): void {
    this.#unwatch();
    this.#all.leave(this.#id, this);
    this.#over?.abort(new CancelledError("The wait for the task is over, and nobody needs the answer any more.", ""));
  }
}
