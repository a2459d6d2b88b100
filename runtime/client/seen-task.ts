/** A task in which its questions and its outcome stand, so that all is learned by looking at it. Requirements XTASK-14, XTASK-22 to XTASK-33. */

import type { CallToolResult } from "../../generated/neutral/types.js";
import { type McpWireError, RpcError, toWireError } from "../errors.js";
import type { ClientTaskForm, TaskState } from "../protocol/client-task-form.js";
import { isFinal } from "../protocol/task-facts.js";
import type { CallParts } from "./call.js";
import { cancelled, type Followed, Following } from "./following.js";
import { isPassing, MAX_LOST } from "./looking.js";

type Settle = (result: CallToolResult | PromiseLike<CallToolResult>) => void;

export class SeenTask extends Following {
  readonly #byHand: boolean;
  #settle: Settle | undefined = undefined;
  /** Made when first needed. */
  #answered: Set<string> | undefined = undefined;
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
      if (state.questions !== undefined) this.#answerAll(state.questions);
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
    const answered = this.#answered;
    const { era } = this.parts.connection.current;
    const signal = this.given ?? new AbortController().signal;
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
