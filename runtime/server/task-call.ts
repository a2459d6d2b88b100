/** The call that a task stands in for once it was answered: what the handler says goes on as far as the form of the task lets it. */

import { McpWireError, toWireError } from "../errors.js";
import type { IncomingCall } from "../jsonrpc/incoming.js";
import type { RequestId } from "../jsonrpc/message.js";
import type { ServerFacts } from "../protocol/era.js";
import { signalWords } from "../protocol/meta.js";
import type { TaskForm } from "../protocol/task-form.js";
import type { TaskWork } from "../tasks/running.js";
import type { Entry } from "./context.js";
import { originAfter } from "./task-owner.js";

export class TaskCall implements IncomingCall {
  readonly #work: TaskWork;
  readonly #form: TaskForm;
  readonly #entry: Entry | undefined;
  readonly #facts: ServerFacts;
  #over = false;

  /** @param entry where the call came in that made the task; absent where that was in another process. */
  constructor(work: TaskWork, form: TaskForm, entry: Entry | undefined, facts: ServerFacts) {
    this.#work = work;
    this.#form = form;
    this.#entry = entry;
    this.#facts = facts;
  }

  get id(): RequestId {
    return this.#entry?.call.id ?? this.#work.id;
  }
  get method(): string {
    return this.#work.record.method;
  }
  get origin(): unknown {
    return this.#entry?.call.origin ?? originAfter(this.#work.record.principal);
  }
  get signal(): AbortSignal {
    return this.#work.signal;
  }
  get cancelled(): boolean {
    return this.#work.stopped;
  }

  progress(update: object): void {
    const token = this.#form.progressToken(this.#work.record.params);
    const words = signalWords.progress;
    if (token !== undefined && words !== undefined) this.#say(words.method, words.write(token, update));
  }

  notify(method: string, params?: unknown): undefined {
    this.#say(method, (params ?? {}) as object);
    return undefined;
  }

  /** It was answered already. */
  detach(): boolean {
    return false;
  }

  request(method: string): Promise<never> {
    const problem = `${method} was not sent: a task asks through its record.`;
    return Promise.reject(new McpWireError("INVALID_USE", problem, "Ask by the methods of the context."));
  }

  /** The task is over, and nothing more is said of it (TASK-52). */
  end(): void {
    this.#over = true;
  }

  #say(method: string, params: object): void {
    const entry = this.#entry;
    if (this.#over || entry === undefined || this.#work.stopped) return;
    try {
      this.#form.say(entry.era, this.#work.id, method, params);
    } catch (error) {
      const wrong = toWireError(error, `Sending ${method}`);
      // The task goes on without the connection that it came by.
      if (wrong.code !== "CLOSED") this.#facts.report(wrong);
    }
  }
}
