/** The call that a task stands in for once it was answered: what the handler says goes on as far as the form of the task lets it. */

import { McpWireError, toWireError } from "../errors.js";
import type { IncomingCall } from "../jsonrpc/incoming.js";
import type { RequestId } from "../jsonrpc/message.js";
import { signalWords } from "../protocol/meta.js";
import type { TaskForm } from "../protocol/task-form.js";
import type { TaskWork } from "../tasks/running.js";
import type { Entry } from "./context.js";
import { originAfter } from "./task-owner.js";

export interface TaskCallParts {
  readonly work: TaskWork;
  readonly form: TaskForm;
  /** Where the call came in that made the task; absent where that was in another process. */
  readonly entry: Entry | undefined;
  report(error: McpWireError): void;
}

export class TaskCall implements IncomingCall {
  readonly #parts: TaskCallParts;
  #over = false;

  constructor(parts: TaskCallParts) {
    this.#parts = parts;
  }

  get id(): RequestId {
    return this.#parts.entry?.call.id ?? this.#parts.work.id;
  }
  get method(): string {
    return this.#parts.work.record.method;
  }
  get origin(): unknown {
    const { entry, work } = this.#parts;
    return entry?.call.origin ?? originAfter(work.record.principal);
  }
  get signal(): AbortSignal {
    return this.#parts.work.signal;
  }
  get cancelled(): boolean {
    return this.#parts.work.stopped;
  }

  progress(update: object): void {
    const { form, work } = this.#parts;
    const token = form.progressToken(work.record.params);
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
    const { work, form, entry, report } = this.#parts;
    if (this.#over || entry === undefined || work.stopped) return;
    try {
      form.say(entry.era, work.id, method, params);
    } catch (error) {
      const wrong = toWireError(error, `Sending ${method}`);
      // The task goes on without the connection that it came by.
      if (wrong.code !== "CLOSED") report(wrong);
    }
  }
}
