/**
 * Follows one task: looks at it at the pace that the server wishes, answers what it asks, and fetches what came of it.
 * Requirements TASK-30 to TASK-53, XTASK-22 to XTASK-33.
 */

import type { CallToolResult } from "../../generated/neutral/types.js";
import { CancelledError, McpWireError, MessageError, RpcError, toWireError } from "../errors.js";
import { type Abortable, AbortWatch } from "../jsonrpc/abort-watch.js";
import type { ClientTaskForm, TaskState } from "../protocol/client-task-form.js";
import { isFinal } from "../protocol/task-facts.js";
import { after } from "../tasks/awaitable.js";
import { type FeedSource, StateFeed } from "../tasks/feed.js";
import { type CallOptions, type CallParts, callMethod } from "./call.js";
import { isPassing, Looking, MAX_LOST } from "./looking.js";
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
}

interface Settle {
  resolve(result: CallToolResult | PromiseLike<CallToolResult>): void;
  reject(error: unknown): void;
}

export class Following extends Looking implements TaskHandle, Abortable, FeedSource {
  readonly id: string;
  readonly updates: AsyncIterable<TaskState>;
  readonly #parts: CallParts;
  readonly #form: ClientTaskForm;
  readonly #tool: string | undefined;
  readonly #how: CallOptions;
  readonly #byHand: boolean;
  readonly #feed: StateFeed<TaskState>;
  /** These are made when first needed. */
  #answered: Set<string> | undefined = undefined;
  #outcome: Promise<CallToolResult> | undefined = undefined;
  /** Ends the wait for an outcome that stands in the task. */
  #settle: Settle | undefined = undefined;
  #watching = false;
  /** What kept a question of the task from being answered. */
  #failed: McpWireError | undefined = undefined;
  /** Aborts with the caller's signal, where there is one. */
  readonly #stop: AbortController | undefined;
  #links = 0;

  constructor(parts: CallParts, form: ClientTaskForm, { id, state, tool, how, answerByHand }: Followed) {
    super();
    this.id = id;
    this.#parts = parts;
    this.#form = form;
    this.#tool = tool;
    this.#how = how;
    this.#byHand = answerByHand;
    this.#stop = how.signal === undefined ? undefined : new AbortController();
    this.#feed = new StateFeed<TaskState>(this);
    this.updates = this.#feed;
    if (state !== undefined) this.#feed.push(state);
    if (how.onprogress !== undefined) parts.taskProgress.set(id, how.onprogress);
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
    this.wake();
  }

  /** Hears of the caller's signal while something goes on. */
  #link(): void {
    const { signal } = this.#how;
    if (signal === undefined || this.#links++ > 0) return;
    if (signal.aborted) this.onabort(signal);
    else aborts.add(signal, this);
  }

  #unlink(): void {
    const { signal } = this.#how;
    if (signal !== undefined && --this.#links === 0) aborts.drop(signal, this);
  }

  #drive(): Promise<CallToolResult> {
    this.#link();
    if (!this.#form.asks) return this.#found();
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

  /** The outcome by looking until it is there. */
  #found(): Promise<CallToolResult> {
    const found = new Promise<CallToolResult>((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // How it stood when it was made is known.
    if (this.state?.status === "working") this.rest();
    else this.lookOn();
    return found;
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
    this.wake();
  }

  /** The outcome by a request that waits for it, and that brings what the task asks. A connection that is lost costs nothing. */
  #fetch(): Promise<unknown> {
    return this.#ask("tasks/result", {}, Number.POSITIVE_INFINITY);
  }

  async #fetchAgain(error: unknown, lost: number): Promise<CallToolResult> {
    const ended = error instanceof RpcError ? await this.#explain(error) : undefined;
    if (ended !== undefined) throw ended;
    if (lost >= MAX_LOST || !(error instanceof RpcError || isPassing(error))) throw error;
    await this.pause();
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
      const { status } = await this.look();
      if (!isFinal(status)) return undefined;
      return status === "cancelled" ? cancelled(error) : error;
    } catch (failure) {
      // Otherwise the task is gone: what it was refused with says so.
      return isPassing(failure) ? undefined : error;
    }
  }

  #outcomeOf({ outcome }: TaskState): CallToolResult | PromiseLike<CallToolResult> {
    if (outcome === undefined) throw cancelled();
    if ("result" in outcome) return this.#read(outcome.result);
    const { code, message, data } = outcome.error;
    throw new RpcError(code, message, data);
  }

  /** Answers each question once, by the callbacks that answer such questions anywhere (XTASK-26, XTASK-27). */
  #answerAll(questions: NonNullable<TaskState["questions"]>): void {
    if (this.#byHand) return;
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
        .catch((error: unknown) => {
          this.#failed = toWireError(error, `Answering ${method}`);
        });
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
      await this.pause();
    }
  }

  /** Looks at the task for those who want to see its changes. */
  watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    this.#link();
    if (!this.#form.asks) {
      this.result().then(
        () => this.#seenAll(),
        (error: unknown) => this.broke(error),
      );
      return;
    }
    this.#parts.taskNews.set(this.id, this);
    if (this.state === undefined) this.lookOn();
    else if (this.looked()) this.rest();
  }

  /** Takes what the server tells of the task without being asked. */
  news(told: unknown): void {
    this.#feed.push(this.#form.seen(told));
    this.wake();
  }

  #seenAll(): void {
    this.#unlink();
    this.#parts.taskNews.delete(this.id);
    this.#feed.end();
  }

  protected get pauseMs(): number | undefined {
    return this.state?.pollMs;
  }
  protected get given(): AbortSignal | undefined {
    return this.#stop?.signal;
  }

  protected looked(): boolean {
    const state = this.state as TaskState;
    if (isFinal(state.status)) {
      this.#ended(state);
      return false;
    }
    if (!this.#form.asks) {
      if (state.questions !== undefined) this.#answerAll(state.questions);
    } else if (state.status === "input_required") {
      // What it needs comes by the wait for its result (TASK-50); what becomes of that is told there.
      this.result().catch(() => undefined);
    }
    return true;
  }

  protected rested(): boolean {
    const state = this.state;
    if (this.#form.asks) {
      if (state === undefined || !isFinal(state.status)) return true;
      this.#seenAll();
      return false;
    }
    if (this.#failed === undefined) return true;
    const failed = this.#failed;
    void this.#giveUp().then(() => this.broke(failed));
    return false;
  }

  /** It was seen that the task has ended. */
  #ended(state: TaskState): void {
    if (this.#settle === undefined) {
      this.#seenAll();
      return;
    }
    const outcome = this.#outcomeOf(state);
    this.#over();
    this.#settle.resolve(outcome);
  }

  protected broke(error: unknown): void {
    const settle = this.#settle;
    this.#settle = undefined;
    if (settle !== undefined) {
      settle.resolve(this.#fail(error));
      return;
    }
    // How the call ended is told by `result`; here, only what kept from looking.
    if (this.state === undefined || !isFinal(this.state.status)) this.#feed.fail(error);
    this.#seenAll();
  }

  protected look(): Promise<TaskState> {
    return this.#ask("tasks/get", {}).then((result) => {
      const state = this.#form.seen(result);
      if (state.id !== this.id) {
        const problem = "The server answered a look at one task with another.";
        throw new MessageError("INVALID_RESULT", problem, "The peer has to mend it.");
      }
      // News of its end may have come before the answer to a look that was sent earlier.
      if (this.state === undefined || !isFinal(this.state.status)) this.#feed.push(state);
      return state;
    });
  }

  #ask(method: string, more: object, timeoutMs: number | undefined = this.#how.timeoutMs): Promise<unknown> {
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
    const tool = this.#tool;
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
}

function refuseRounds(): Promise<never> {
  const problem = "The outcome of a task asks for input, which only its request could.";
  return Promise.reject(new MessageError("INVALID_RESULT", problem, "The peer has to mend it."));
}

function cancelled(cause?: unknown): CancelledError {
  return new CancelledError("The task was cancelled, so there is no result.", "", cause);
}
