/** A task in which its questions and its outcome stand, so that all is learned by looking at it. Requirements XTASK-14, XTASK-22 to XTASK-33. */

import type { CallToolResult } from "../../generated/neutral/types.js";
import { CancelledError, type McpWireError, RpcError, toWireError } from "../errors.js";
import type { ClientTaskForm, TaskState } from "../protocol/client-task-form.js";
import { isFinal } from "../protocol/task-facts.js";
import type { CallParts } from "./call.js";
import { cancelled, type Followed, Following } from "./following.js";
import { isPassing, MAX_LOST } from "./looking.js";

type Settle = (result: CallToolResult | PromiseLike<CallToolResult>) => void;

export class SeenTask extends Following {
  readonly #byHand: boolean;
  #settle: Settle | undefined = undefined;
  /** These are made when first needed. */
  #answered: Set<string> | undefined = undefined;
  /** Questions that callbacks are busy with. */
  #asking: Map<string, AbortController> | undefined = undefined;
  /** What kept a question of the task from being answered. */
  #failed: McpWireError | undefined = undefined;

  constructor(parts: CallParts, form: ClientTaskForm, task: Followed) {
    super(parts, form, task);
    this.#byHand = task.answerByHand;
  }

  async answer(key: string, value: unknown): Promise<void> {
    this.#answered ??= new Set();
    this.#answered.add(key);
    await this.#update(key, value);
  }

  protected drive(): Promise<CallToolResult> {
    const found = new Promise<CallToolResult>((resolve) => {
      this.#settle = resolve;
    });
    // How it stood when it was made is known.
    if (this.state?.status === "working") this.rest();
    else this.lookOn();
    return found;
  }

  protected follow(): void {
    this.result().then(
      () => this.seenAll(),
      (error: unknown) => {
        // How the call ended is told by `result`; here, only what kept from looking.
        if (this.state === undefined || !isFinal(this.state.status)) this.feed.fail(error);
        this.seenAll();
      },
    );
  }

  protected looked(): boolean {
    const state = this.state as TaskState;
    if (!isFinal(state.status)) {
      const { questions = {} } = state;
      this.#takeBack(questions);
      this.#answerAll(questions);
      return true;
    }
    const outcome = this.#outcomeOf(state);
    this.over();
    this.#settle?.(outcome);
    return false;
  }

  protected rested(): boolean {
    if (this.#failed === undefined) return true;
    const failed = this.#failed;
    void this.giveUp().then(() => this.broke(failed));
    return false;
  }

  protected broke(error: unknown): void {
    this.#settle?.(this.fail(error));
  }

  #outcomeOf({ outcome }: TaskState): CallToolResult | PromiseLike<CallToolResult> {
    if (outcome === undefined) throw cancelled();
    if ("result" in outcome) return this.read(outcome.result);
    const { code, message, data } = outcome.error;
    throw new RpcError(code, message, data);
  }

  /** Answers each question once, by the callbacks that answer such questions anywhere (XTASK-26, XTASK-27). */
  #answerAll(questions: NonNullable<TaskState["questions"]>): void {
    if (this.#byHand) return;
    this.#answered ??= new Set();
    this.#asking ??= new Map();
    const [answered, asking] = [this.#answered, this.#asking];
    const { era } = this.parts.connection.current;
    for (const [key, { method, params }] of Object.entries(questions)) {
      if (answered.has(key) || era.answerInput === undefined) continue;
      answered.add(key);
      const asked = new AbortController();
      asking.set(key, asked);
      const signal = this.given === undefined ? asked.signal : AbortSignal.any([this.given, asked.signal]);
      era
        .answerInput(method, params, signal)
        .then((value) => {
          asking.delete(key);
          return this.#tell(key, value);
        })
        .catch((error: unknown) => {
          asking.delete(key);
          // What was taken back needs no answer.
          if (!asked.signal.aborted) this.#failed = toWireError(error, `Answering ${method}`);
        });
    }
  }

  /** Stops the callbacks that are busy with questions that are not open any more. */
  #takeBack(open: object): void {
    for (const [key, asked] of this.#asking ?? []) {
      if (Object.hasOwn(open, key)) continue;
      asked.abort(new CancelledError("The question is not open any more, so nobody needs its answer.", ""));
    }
  }

  protected override over(): void {
    this.#takeBack({});
    super.over();
  }

  /** Tells an answer, again where the connection was lost: what has an answer already keeps it (XTASK-30). */
  async #tell(key: string, value: unknown): Promise<void> {
    for (let lost = 0; ; lost++) {
      try {
        await this.#update(key, value);
        return;
      } catch (error) {
        if (!isPassing(error) || lost >= MAX_LOST) throw error;
      }
      await this.pause();
    }
  }

  #update(key: string, value: unknown): Promise<unknown> {
    return this.ask("tasks/update", { inputResponses: { [key]: value } });
  }
}
