/**
 * Questions to a client as tasks of it: asks for the task, waits for the answer, looks how it stands, and cancels it when nobody wants it
 * any more. Loaded with the first question. Requirements TASK-05, TASK-15, TASK-16, TASK-30, TASK-43, TASK-53.
 */

import { CancelledError, MessageError, RpcError, toWireError } from "../errors.js";
import { clientDeclares } from "../protocol/capabilities.js";
import type { TaskState } from "../protocol/client-task-form.js";
import { isObject } from "../protocol/envelope.js";
import type { QuestionWay, SendQuestion } from "../protocol/era.js";
import { resultFailures } from "../protocol/fit.js";
import { invalidResult } from "../protocol/invalid.js";
import { methodsFrom } from "../protocol/revision.js";
import { unanswered } from "../protocol/sealing.js";
import { coreClientTasks } from "../protocol/stateful/client-tasks.js";
import { isAugmented, isFinal } from "../protocol/task-facts.js";
import { StateFeed } from "../tasks/feed.js";
import type { QuestionHandle, QuestionTaskOptions } from "./question-contract.js";

const DEFAULT_POLL_MS = 1_000;
/** More than timers can do. */
const LONGEST_MS = 0x7fff_ffff;

/** The task of a question, as far as it does not depend on what is made of the answer. */
export type QuestionTask = Omit<QuestionHandle<never>, "result">;

/** Makes the way of one question. `begun` hears of the task, where there is one. */
export function asTask({ ttlMs }: QuestionTaskOptions, begun: (task: QuestionTask) => void): SendQuestion {
  return (way) => {
    const { revision, clientCapabilities } = way.terms;
    const path = `tasks.requests.${way.method.replace("/", ".")}`;
    if (!isAugmented(revision) || !clientDeclares(clientCapabilities, path)) return undefined;
    return ask(way, ttlMs, begun);
  };
}

async function ask(way: QuestionWay, ttlMs: number | undefined, begun: (task: QuestionTask) => void): Promise<unknown> {
  const { call, row, method, params } = way;
  const augmented = coreClientTasks.augment(params as object, ttlMs);
  const result = await call.request(method, augmented, {
    signal: call.signal,
    read(given) {
      const made = row.alternatives?.some(({ request, isResult }) => request === "params.task" && isResult(given));
      if (made === true) return given;
      // A client may answer at once all the same (TASK-06).
      return fittingAnswer(way, given);
    },
  });
  const state = coreClientTasks.made(result);
  if (state === undefined) return result;
  const task = new Asked(way, state);
  begun(task);
  return await task.answer();
}

/** @throws MessageError `INVALID_RESULT` */
export function fittingAnswer({ row, method }: QuestionWay, result: unknown): unknown {
  const failures = resultFailures(row, result);
  if (failures.length > 0) throw invalidResult(method, failures);
  return result;
}

class Asked implements QuestionTask {
  readonly id: string;
  readonly updates: AsyncIterable<TaskState>;
  readonly #way: QuestionWay;
  readonly #feed: StateFeed<TaskState>;
  readonly #deaf: () => void;
  #watching = false;
  #over = false;
  #wake = (): void => undefined;

  constructor(way: QuestionWay, state: TaskState) {
    this.id = state.id;
    this.#way = way;
    this.#feed = new StateFeed({ watch: () => void this.#watch() });
    this.updates = this.#feed;
    this.#feed.push(state);
    this.#deaf = way.hear((method, params) => this.#hear(method, params));
  }

  get state(): TaskState | undefined {
    return this.#feed.last;
  }

  async cancel(): Promise<void> {
    try {
      await this.#ask("tasks/cancel");
    } catch (error) {
      throw unanswered("tasks/cancel", error);
    }
  }

  /** The answer, by a request that waits for it. */
  async answer(): Promise<unknown> {
    const { call } = this.#way;
    try {
      return await call.request(
        "tasks/result",
        { taskId: this.id },
        {
          signal: call.signal,
          // A task is cancelled by a request of its own.
          cancellable: false,
          // How long a task may take is for its time to live to say.
          timeoutMs: Number.POSITIVE_INFINITY,
          read: (result) => fittingAnswer(this.#way, result),
        },
      );
    } catch (error) {
      if (call.cancelled) this.#giveUp();
      else if (error instanceof RpcError && (await this.#isCancelled()))
        throw new CancelledError("The question was cancelled, so there is no answer.", "", error);
      throw error;
    } finally {
      this.#over = true;
      this.#deaf();
      this.#wake();
    }
  }

  /** Nobody waits for the handler any more, so nobody needs the answer (TASK-53). */
  #giveUp(): void {
    const { terms, link } = this.#way;
    if (!clientDeclares(terms.clientCapabilities, "tasks.cancel")) return;
    // That it has ended meanwhile, or that the client is gone too, changes nothing.
    link.request("tasks/cancel", { taskId: this.id }).catch(() => undefined);
  }

  async #isCancelled(): Promise<boolean> {
    try {
      return (await this.#look()).status === "cancelled";
    } catch {
      // The task is gone: what it was refused with says so.
      return false;
    }
  }

  /** Looks how the task stands for those who want to see its changes. */
  async #watch(): Promise<void> {
    if (this.#watching) return;
    this.#watching = true;
    try {
      while (!this.#over) {
        await this.#look();
        if (this.#isSeenFinal) break;
        await this.#pause();
      }
      // The wait for the answer may have been over first.
      if (!this.#isSeenFinal) await this.#look();
    } catch (error) {
      this.#feed.fail(toWireError(error, "Looking at a question"));
    } finally {
      this.#feed.end();
    }
  }

  async #look(): Promise<TaskState> {
    const state = coreClientTasks.seen(await this.#ask("tasks/get"));
    if (state.id !== this.id)
      throw new MessageError(
        "INVALID_RESULT",
        "A look at one task was answered with another.",
        "The peer has to mend it.",
      );
    // News of its end may have come before the answer to a look that was sent earlier.
    if (!this.#isSeenFinal) this.#feed.push(state);
    return state;
  }

  get #isSeenFinal(): boolean {
    return this.state !== undefined && isFinal(this.state.status);
  }

  #hear(method: string, params: unknown): void {
    if (method !== "notifications/tasks/status" || !isObject(params) || params.taskId !== this.id) return;
    this.#feed.push(coreClientTasks.seen(params));
    this.#wake();
  }

  #ask(method: string): Promise<unknown> {
    const { call, terms } = this.#way;
    const row = methodsFrom(terms.revision, "server").get(method);
    return call.request(
      method,
      { taskId: this.id },
      {
        read(result) {
          const failures = row === undefined ? [] : resultFailures(row, result);
          if (failures.length > 0) throw invalidResult(method, failures);
          return result;
        },
      },
    );
  }

  /** Lets the time pass that the client wishes between two looks, or until there is news. */
  #pause(): Promise<void> {
    if (this.#over) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(this.state?.pollMs ?? DEFAULT_POLL_MS, LONGEST_MS));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
