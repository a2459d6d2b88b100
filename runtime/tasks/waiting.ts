/**
 * Waiting for the end of a task, and meanwhile carrying its questions to the client: each is asked once, by one of those who wait.
 * Requirements TASK-31, TASK-50.
 */

import { RpcError } from "../errors.js";
import { isThenable } from "../jsonrpc/incoming.js";
import { RpcCode } from "../jsonrpc/message.js";
import { isFinal } from "../protocol/task-facts.js";
import type { TaskAnswer, TaskRecord } from "./contract.js";
import type { TaskRunner } from "./runner.js";

/** Asks the client; `undefined` where this one cannot, and another who waits may. */
export type Carry = (question: {
  readonly method: string;
  readonly params?: unknown;
}) => Promise<TaskAnswer | undefined>;

/** Who waits. */
export interface Wait {
  /** Who may look at the task. */
  readonly principal: string | null;
  /** Called with what ends the wait when nobody wants the outcome any more. */
  readonly whenStopped: (stop: (reason: unknown) => void) => void;
  readonly carry: Carry;
  /** The connection by which the outcome goes. */
  readonly way: object | undefined;
}

interface Waiter {
  readonly way: object | undefined;
  look(record: TaskRecord | undefined): void;
}

export class Waiters {
  readonly #runner: TaskRunner;
  /** Questions that are on their way to a client. */
  readonly #carried = new Set<string>();
  /** Lists are never changed: who is told may leave. */
  readonly #waiting = new Map<string, readonly Waiter[]>();

  constructor(runner: TaskRunner) {
    this.#runner = runner;
  }

  /** The task once it has ended. @throws RpcError −32602 where it is not there, or gone before; what stopped the wait. */
  untilFinal(id: string, { principal, whenStopped, carry, way }: Wait): Promise<TaskRecord> {
    return new Promise<TaskRecord>((resolve, reject) => {
      let tried: Set<string> | undefined;
      let known = false;
      const fail = (error: unknown): void => {
        leave();
        reject(error);
      };
      const look = (record: TaskRecord | undefined): void => {
        // A watch tells of anybody's task, perhaps before it was found out whose it is (TASK-57).
        if (record === undefined ? !known : record.principal !== principal) return;
        if (record === undefined) fail(new RpcError(RpcCode.InvalidParams, "The task has expired."));
        else if (isFinal(record.status)) {
          leave();
          resolve(record);
        } else if (record.status === "input_required") {
          tried ??= new Set();
          this.#carry(record, tried, carry).catch(fail);
        }
      };
      const leave = this.#join(id, { way, look });
      whenStopped(fail);
      const find = (record: TaskRecord): void => {
        known = true;
        look(record);
      };
      try {
        const found = this.#runner.get(id, principal);
        if (isThenable(found)) found.then(find, fail);
        else find(found);
      } catch (error) {
        fail(error);
      }
    });
  }

  /** Whether somebody waits who gets the outcome by this connection. */
  hasWaiter(id: string, way: object): boolean {
    return this.#waiting.get(id)?.some((waiter) => waiter.way === way) ?? false;
  }

  async #carry(record: TaskRecord, tried: Set<string>, carry: Carry): Promise<void> {
    const work = Object.entries(record.questions).map(async ([key, question]) => {
      const claim = `${record.id} ${key}`;
      if (tried.has(key) || this.#carried.has(claim)) return;
      tried.add(key);
      this.#carried.add(claim);
      try {
        const answer = await carry(question);
        if (answer !== undefined) await this.#runner.answer(record.id, { [key]: answer });
      } finally {
        this.#carried.delete(claim);
      }
      await this.#wake(record.id);
    });
    await Promise.all(work);
  }

  /** A question may be open still: whoever else waits looks again. */
  async #wake(id: string): Promise<void> {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    const record = await this.#runner.store.get(id);
    for (const { look } of waiting) look(record);
  }

  #join(id: string, waiter: Waiter): () => void {
    this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), waiter]);
    const unwatch = this.#runner.store.watch(id, waiter.look);
    return () => {
      unwatch();
      const others = this.#waiting.get(id)?.filter((one) => one !== waiter) ?? [];
      if (others.length === 0) this.#waiting.delete(id);
      else this.#waiting.set(id, others);
    };
  }
}
