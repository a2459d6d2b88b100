/**
 * One task that is followed, as far as its form makes no difference: its states, what is asked of the server about it, and how it is given up.
 * Requirements TASK-30 to TASK-53, XTASK-22 to XTASK-33.
 */

import type { CallToolResult } from "../../generated/neutral/types.js";
import { CancelledError, MessageError } from "../errors.js";
import { type Abortable, AbortWatch } from "../jsonrpc/abort-watch.js";
import type { ClientTaskForm, TaskState } from "../protocol/client-task-form.js";
import { isFinal } from "../protocol/task-facts.js";
import { after } from "../tasks/awaitable.js";
import { type FeedSource, StateFeed } from "../tasks/feed.js";
import { type CallOptions, type CallParts, callMethod } from "./call.js";
import { Looking } from "./looking.js";
import type { TaskHandle } from "./task-contract.js";

/** Callers may give one signal to many calls. */
const aborts = new AbortWatch();

/** What is to be followed. */
export interface Followed {
  readonly id: string;
  readonly state: TaskState | undefined;
  readonly tool: string | undefined;
  readonly how: CallOptions;
  readonly answerByHand: boolean;
  /** Milliseconds that the server took to make the task; 0 where that is not known. */
  readonly tookMs: number;
}

export abstract class Following extends Looking implements TaskHandle, Abortable, FeedSource {
  readonly id: string;
  readonly updates: AsyncIterable<TaskState>;
  protected readonly parts: CallParts;
  protected readonly how: CallOptions;
  protected readonly feed: StateFeed<TaskState>;
  protected readonly form: ClientTaskForm;
  readonly #tool: string | undefined;
  /** Aborts with the caller's signal, where there is one. */
  readonly #stop: AbortController | undefined;
  #outcome: Promise<CallToolResult> | undefined = undefined;
  #watching = false;
  #links = 0;

  constructor(parts: CallParts, form: ClientTaskForm, { id, state, tool, how, tookMs }: Followed) {
    super(tookMs);
    this.id = id;
    this.parts = parts;
    this.how = how;
    this.form = form;
    this.#tool = tool;
    this.#stop = how.signal === undefined ? undefined : new AbortController();
    this.feed = new StateFeed<TaskState>(this);
    this.updates = this.feed;
    if (state !== undefined) this.feed.push(state);
    if (how.onprogress !== undefined) parts.taskProgress.add(id, how.onprogress);
  }

  abstract answer(key: string, value: unknown): Promise<void>;
  /** Waits for the outcome; `over` is called when there is one. */
  protected abstract drive(): Promise<CallToolResult>;
  /** Follows the changes of the task, until `seenAll` is called. */
  protected abstract follow(): void;

  get state(): TaskState | undefined {
    return this.feed.last;
  }

  result(): Promise<CallToolResult> {
    if (this.#outcome === undefined) {
      this.#link();
      this.#outcome = this.drive();
    }
    return this.#outcome;
  }

  /** Looks at the task for those who want to see its changes. */
  watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    this.#link();
    this.follow();
  }

  async cancel(): Promise<void> {
    await this.ask("tasks/cancel", {});
  }

  onabort(signal: AbortSignal): void {
    this.#stop?.abort(signal.reason);
    this.wake();
  }

  /** Hears of the caller's signal while something goes on. */
  #link(): void {
    const { signal } = this.how;
    if (signal === undefined || this.#links++ > 0) return;
    if (signal.aborted) this.onabort(signal);
    else aborts.add(signal, this);
  }

  #unlink(): void {
    const { signal } = this.how;
    if (signal !== undefined && --this.#links === 0) aborts.drop(signal, this);
  }

  protected async fail(error: unknown): Promise<never> {
    try {
      const signal = this.#stop?.signal;
      if (signal?.aborted !== true) throw error;
      await this.giveUp();
      const problem = "The task was given up by its caller, and the server was asked to cancel it.";
      throw new CancelledError(problem, "`cause` is the reason the caller gave.", signal.reason);
    } finally {
      this.over();
    }
  }

  protected over(): void {
    this.#unlink();
    this.#hearNoProgress();
    // Who looks at the task need not wait to see that it ended.
    this.wake();
  }

  protected seenAll(): void {
    this.#unlink();
    this.parts.taskNews.drop(this.id, this);
    if (this.state !== undefined && isFinal(this.state.status)) this.#hearNoProgress();
    this.feed.end();
  }

  #hearNoProgress(): void {
    const { onprogress } = this.how;
    if (onprogress !== undefined) this.parts.taskProgress.drop(this.id, onprogress);
  }

  /** Takes what the server tells of the task without being asked. */
  news(told: unknown): void {
    this.feed.push(this.form.seen(told));
    this.wake();
  }

  protected get pauseMs(): number | undefined {
    return this.state?.pollMs;
  }
  protected get given(): AbortSignal | undefined {
    return this.#stop?.signal;
  }

  protected look(): Promise<TaskState> {
    return this.ask("tasks/get", {}).then((result) => {
      const state = this.form.seen(result);
      if (state.id !== this.id) {
        const problem = "The server answered a look at one task with another.";
        throw new MessageError("INVALID_RESULT", problem, "The peer has to mend it.");
      }
      // News of its end may have come before the answer to a look that was sent earlier.
      if (this.state === undefined || !isFinal(this.state.status)) this.feed.push(state);
      return state;
    });
  }

  protected ask(method: string, more: object, timeoutMs: number | undefined = this.how.timeoutMs): Promise<unknown> {
    // To cancel is what a caller who gave up still wants.
    const signal = method === "tasks/cancel" ? undefined : this.#stop?.signal;
    const options: { timeoutMs?: number; signal?: AbortSignal } = {};
    if (timeoutMs !== undefined) options.timeoutMs = timeoutMs;
    if (signal !== undefined) options.signal = signal;
    return callMethod(this.parts, method, { taskId: this.id, ...more }, options);
  }

  /** The result as that of the call itself. */
  protected read(result: unknown): CallToolResult | PromiseLike<CallToolResult> {
    const { connection, outputs } = this.parts;
    const tool = this.#tool;
    const read = connection.current.era.read("tools/call", undefined, result, refuseRounds, undefined);
    return after(read as CallToolResult, (value) =>
      outputs === undefined || tool === undefined ? value : outputs.check(tool, value),
    );
  }

  protected async giveUp(): Promise<void> {
    try {
      await this.cancel();
    } catch {
      // It may have ended meanwhile, and nobody waits for it any more.
    }
  }
}

function refuseRounds(): Promise<never> {
  const problem = "The outcome of a task asks for input, which only its request could.";
  return Promise.reject(new MessageError("INVALID_RESULT", problem, "The peer has to mend it."));
}

export function cancelled(cause?: unknown): CancelledError {
  return new CancelledError("The task was cancelled, so there is no result.", "", cause);
}
