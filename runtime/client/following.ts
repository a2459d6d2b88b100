/**
 * Follows one task: looks at it at the pace that the server wishes, answers what it asks, and fetches what came of it.
 * Requirements TASK-30 to TASK-53, XTASK-22 to XTASK-33.
 */

import type { CallToolResult } from "../../generated/neutral/types.js";
import {
  CancelledError,
  ConnectionError,
  HttpError,
  McpWireError,
  MessageError,
  RpcError,
  toWireError,
} from "../errors.js";
import { type Abortable, AbortWatch } from "../jsonrpc/abort-watch.js";
import type { ClientTaskForm, TaskState } from "../protocol/client-task-form.js";
import { isFinal } from "../protocol/task-facts.js";
import { after } from "../tasks/awaitable.js";
import { StateFeed } from "../tasks/feed.js";
import { type CallOptions, type CallParts, callMethod } from "./call.js";
import type { TaskHandle } from "./task-contract.js";

const DEFAULT_POLL_MS = 1_000;
const NO_PAUSES: readonly (() => void)[] = [];
/** More than timers can do. */
const LONGEST_MS = 0x7fff_ffff;
/** Looks in a row that the connection may lose. */
const MAX_LOST = 10;
/** Callers may give one signal to many calls. */
const aborts = new AbortWatch();

/** What is to be followed. */
export interface Followed {
  readonly id: string;
  readonly state: TaskState | undefined;
  readonly tool: string | undefined;
  readonly how: CallOptions;
  readonly answerByHand: boolean;
}

export class Following implements TaskHandle, Abortable {
  readonly id: string;
  readonly updates: AsyncIterable<TaskState>;
  readonly #parts: CallParts;
  readonly #form: ClientTaskForm;
  readonly #task: Followed;
  readonly #feed: StateFeed<TaskState>;
  /** These are made when first needed. */
  #answered: Set<string> | undefined = undefined;
  #outcome: Promise<CallToolResult> | undefined = undefined;
  #watching = false;
  /** Aborts with the caller's signal, where there is one. */
  readonly #stop: AbortController | undefined;
  #links = 0;
  /** What ends the pauses that go on; seldom more than one. */
  #pauses: readonly (() => void)[] = NO_PAUSES;

  constructor(parts: CallParts, form: ClientTaskForm, task: Followed) {
    this.id = task.id;
    this.#parts = parts;
    this.#form = form;
    this.#task = task;
    this.#stop = task.how.signal === undefined ? undefined : new AbortController();
    this.#feed = new StateFeed<TaskState>(() => this.#watch());
    this.updates = this.#feed;
    if (task.state !== undefined) this.#feed.push(task.state);
    const { onprogress } = task.how;
    if (onprogress !== undefined) parts.taskProgress.set(task.id, onprogress);
  }

  get state(): TaskState | undefined {
    return this.#feed.last;
  }

  result(): Promise<CallToolResult> {
    this.#outcome ??= this.#drive();
    return this.#outcome;
  }

  async cancel(): Promise<void> {
    await this.#ask("tasks/cancel", {});
  }

  async answer(key: string, value: unknown): Promise<void> {
    if (this.#form.asks) {
      const problem = "Questions of this task come as requests, and are answered by the callbacks of the client.";
      throw new McpWireError("NOT_IN_REVISION", problem, "Give callbacks to `connect`, and wait for the result.");
    }
    this.#answered ??= new Set();
    this.#answered.add(key);
    await this.#ask("tasks/update", { inputResponses: { [key]: value } });
  }

  onabort(signal: AbortSignal): void {
    this.#stop?.abort(signal.reason);
    this.#wake();
  }

  /** Hears of the caller's signal while something goes on. */
  #link(): void {
    const { signal } = this.#task.how;
    if (signal === undefined || this.#links++ > 0) return;
    if (signal.aborted) this.onabort(signal);
    else aborts.add(signal, this);
  }

  #unlink(): void {
    const { signal } = this.#task.how;
    if (signal !== undefined && --this.#links === 0) aborts.drop(signal, this);
  }

  #drive(): Promise<CallToolResult> {
    this.#link();
    // Thousands may wait here: a frame of an async function would cost more than all that is kept of the wait.
    if (!this.#form.asks) return this.#settled(this.#poll());
    return this.#fetch().then(
      (result) => {
        this.#over();
        return this.#read(result);
      },
      (error: unknown) => this.#settled(this.#fetchAgain(error, 0)),
    );
  }

  #settled(work: Promise<CallToolResult>): Promise<CallToolResult> {
    return work.then(
      (result) => {
        this.#over();
        return result;
      },
      (error: unknown) => this.#fail(error),
    );
  }

  async #fail(error: unknown): Promise<never> {
    try {
      const signal = this.#stop?.signal;
      if (signal?.aborted !== true) throw error;
      await this.#giveUp();
      const problem = "The task was given up by its caller, and the server was asked to cancel it.";
      throw new CancelledError(problem, "`cause` is the reason the caller gave.", signal.reason);
    } finally {
      this.#over();
    }
  }

  #over(): void {
    this.#unlink();
    this.#parts.taskProgress.delete(this.id);
    // Who looks at the task need not wait to see that it ended.
    this.#wake();
  }

  /** The outcome by a request that waits for it, and that brings what the task asks. A connection that is lost costs nothing. */
  #fetch(): Promise<unknown> {
    return this.#ask("tasks/result", {}, Number.POSITIVE_INFINITY);
  }

  async #fetchAgain(error: unknown, lost: number): Promise<CallToolResult> {
    const ended = error instanceof RpcError ? await this.#explain(error) : undefined;
    if (ended !== undefined) throw ended;
    if (lost >= MAX_LOST || !(error instanceof RpcError || isPassing(error))) throw error;
    await this.#pause();
    let result: unknown;
    try {
      result = await this.#fetch();
    } catch (failure) {
      return await this.#fetchAgain(failure, lost + 1);
    }
    return await this.#read(result);
  }

  /**
   * The error of the call, or that the task was cancelled, which looks the same; `undefined` where the task goes on, and the error is one of
   * the wait alone.
   */
  async #explain(error: RpcError): Promise<McpWireError | undefined> {
    try {
      const { status } = await this.#look();
      if (!isFinal(status)) return undefined;
      return status === "cancelled" ? cancelled(error) : error;
    } catch (failure) {
      // Otherwise the task is gone: what it was refused with says so.
      return isPassing(failure) ? undefined : error;
    }
  }

  /** The outcome by looking until it is there. */
  async #poll(): Promise<CallToolResult> {
    let failed: McpWireError | undefined;
    const fail = (error: McpWireError): void => {
      failed = error;
    };
    // How it stood when it was made is known.
    if (this.state?.status === "working") await this.#pause();
    for (let lost = 0; ; ) {
      try {
        const state = await this.#look();
        lost = 0;
        if (isFinal(state.status)) return await this.#outcomeOf(state);
        if (state.questions !== undefined) this.#answerAll(state.questions, fail);
      } catch (error) {
        if (!isPassing(error) || ++lost > MAX_LOST) throw error;
      }
      await this.#pause();
      if (failed !== undefined) {
        await this.#giveUp();
        throw failed;
      }
    }
  }

  #outcomeOf({ outcome }: TaskState): CallToolResult | PromiseLike<CallToolResult> {
    if (outcome === undefined) throw cancelled();
    if ("result" in outcome) return this.#read(outcome.result);
    const { code, message, data } = outcome.error;
    throw new RpcError(code, message, data);
  }

  /** Answers each question once, by the callbacks that answer such questions anywhere (XTASK-26, XTASK-27). */
  #answerAll(questions: NonNullable<TaskState["questions"]>, fail: (error: McpWireError) => void): void {
    if (this.#task.answerByHand) return;
    this.#answered ??= new Set();
    const answered = this.#answered;
    const { era } = this.#parts.connection.current;
    const { signal } = this.#stop ?? new AbortController();
    for (const [key, { method, params }] of Object.entries(questions)) {
      if (answered.has(key) || era.answerInput === undefined) continue;
      answered.add(key);
      era
        .answerInput(method, params, signal)
        .then((value) => this.#tell(key, value))
        .catch((error: unknown) => fail(toWireError(error, `Answering ${method}`)));
    }
  }

  /** Tells an answer, again where the connection was lost: what has an answer already keeps it (XTASK-30). */
  async #tell(key: string, value: unknown): Promise<void> {
    for (let lost = 0; ; lost++) {
      try {
        await this.#ask("tasks/update", { inputResponses: { [key]: value } });
        return;
      } catch (error) {
        if (!isPassing(error) || lost >= MAX_LOST) throw error;
      }
      await this.#pause();
    }
  }

  /** Looks at the task for those who want to see its changes. */
  async #watch(): Promise<void> {
    if (this.#watching) return;
    this.#watching = true;
    this.#link();
    try {
      if (!this.#form.asks) {
        await this.result();
        return;
      }
      this.#parts.taskNews.set(this.id, (told) => {
        this.#feed.push(this.#form.seen(told));
        this.#wake();
      });
      for (let lost = 0; ; ) {
        if (this.state !== undefined) {
          // What it needs comes by the wait for its result (TASK-50); what becomes of that is told there.
          if (this.state.status === "input_required") this.result().catch(() => undefined);
          else if (isFinal(this.state.status)) return;
          await this.#pause();
          if (isFinal(this.state.status)) return;
        }
        try {
          await this.#look();
          lost = 0;
        } catch (error) {
          if (!isPassing(error) || ++lost > MAX_LOST) throw error;
        }
      }
    } catch (error) {
      // How the call ended is told by `result`; here, only what kept from looking.
      if (this.state === undefined || !isFinal(this.state.status)) this.#feed.fail(error);
    } finally {
      this.#unlink();
      this.#parts.taskNews.delete(this.id);
      this.#feed.end();
    }
  }

  #look(): Promise<TaskState> {
    return this.#ask("tasks/get", {}).then((result) => {
      const state = this.#form.seen(result);
      if (state.id !== this.id) {
        const problem = "The server answered a look at one task with another.";
        throw new MessageError("INVALID_RESULT", problem, "The peer has to mend it.");
      }
      this.#feed.push(state);
      return state;
    });
  }

  #ask(method: string, more: object, timeoutMs: number | undefined = this.#task.how.timeoutMs): Promise<unknown> {
    // To cancel is what a caller who gave up still wants.
    const signal = method === "tasks/cancel" ? undefined : this.#stop?.signal;
    const options: { timeoutMs?: number; signal?: AbortSignal } = {};
    if (timeoutMs !== undefined) options.timeoutMs = timeoutMs;
    if (signal !== undefined) options.signal = signal;
    return callMethod(this.#parts, method, { taskId: this.id, ...more }, options);
  }

  /** The result as that of the call itself. */
  #read(result: unknown): CallToolResult | PromiseLike<CallToolResult> {
    const { connection, outputs } = this.#parts;
    const { tool } = this.#task;
    const read = connection.current.era.read("tools/call", undefined, result, refuseRounds, undefined);
    return after(read as CallToolResult, (value) =>
      outputs === undefined || tool === undefined ? value : outputs.check(tool, value),
    );
  }

  async #giveUp(): Promise<void> {
    try {
      await this.cancel();
    } catch {
      // It may have ended meanwhile, and nobody waits for it any more.
    }
  }

  /** Lets the time pass that the server wishes between two looks, or until there is news. Throws the reason of a caller who gave up. */
  #pause(): Promise<void> {
    const pollMs = Math.min(this.state?.pollMs ?? DEFAULT_POLL_MS, LONGEST_MS);
    const signal = this.#stop?.signal;
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    const over = new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#pauses = this.#pauses.length === 1 ? NO_PAUSES : this.#pauses.filter((one) => one !== wake);
        resolve();
      };
      const timer = setTimeout(wake, pollMs);
      this.#pauses = this.#pauses.length === 0 ? [wake] : [...this.#pauses, wake];
    });
    return signal === undefined ? over : over.then(() => signal.throwIfAborted());
  }

  #wake(): void {
    for (const wake of this.#pauses) wake();
  }
}

/** A connection was lost, or what stands before the servers found none: the task is still there, perhaps at another. */
function isPassing(error: unknown): boolean {
  if (error instanceof HttpError) return error.status >= 502 && error.status <= 504;
  return error instanceof ConnectionError && (error.code === "STREAM_LOST" || error.code === "REQUEST_FAILED");
}

function refuseRounds(): Promise<never> {
  const problem = "The outcome of a task asks for input, which only its request could.";
  return Promise.reject(new MessageError("INVALID_RESULT", problem, "The peer has to mend it."));
}

function cancelled(cause?: unknown): CancelledError {
  return new CancelledError("The task was cancelled, so there is no result.", "", cause);
}
