/**
 * Waiting for the end of a task, and meanwhile carrying its questions to the client: each is asked once, by one of those who wait.
 * Requirements TASK-31, TASK-50.
 */

import { RpcError } from "../errors.js";
import { RpcCode } from "../jsonrpc/message.js";
import { isFinal } from "../protocol/task-facts.js";
import type { TaskAnswer, TaskRecord } from "./contract.js";
import type { TaskRunner } from "./runner.js";

/** Asks the client; `undefined` where this one cannot, and another who waits may. */
export type Carry = (question: {
  readonly method: string;
  readonly params?: unknown;
}) => Promise<TaskAnswer | undefined>;

type Look = (record: TaskRecord | undefined) => void;

export class Waiters {
  readonly #runner: TaskRunner;
  /** Questions that are on their way to a client. */
  readonly #carried = new Set<string>();
  readonly #waiting = new Map<string, Set<Look>>();

  constructor(runner: TaskRunner) {
    this.#runner = runner;
  }

  /** The task once it has ended. @throws RpcError −32602 where it is gone before; the reason of the signal where that aborts. */
  async untilFinal(id: string, signal: AbortSignal, carry: Carry): Promise<TaskRecord> {
    let end = (): void => undefined;
    try {
      return await new Promise<TaskRecord>((resolve, reject) => {
        const tried = new Set<string>();
        const look: Look = (record) => {
          if (record === undefined) reject(new RpcError(RpcCode.InvalidParams, "The task has expired."));
          else if (isFinal(record.status)) resolve(record);
          else this.#carry(record, tried, carry).catch(reject);
        };
        end = this.#join(id, look);
        if (signal.aborted) reject(signal.reason);
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        Promise.resolve(this.#runner.store.get(id)).then(look, reject);
      });
    } finally {
      end();
    }
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
    const looks = this.#waiting.get(id);
    if (looks === undefined) return;
    const record = await this.#runner.store.get(id);
    for (const look of [...looks]) look(record);
  }

  #join(id: string, look: Look): () => void {
    const looks = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, looks.add(look));
    const unwatch = this.#runner.store.watch(id, look);
    return () => {
      unwatch();
      if (looks.delete(look) && looks.size === 0) this.#waiting.delete(id);
    };
  }
}
