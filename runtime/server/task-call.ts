/** The call that a task stands in for once it was answered: what the handler says goes on as far as the form of the task lets it. */

import { McpWireError, toWireError } from "../errors.js";
import type { IncomingCall } from "../jsonrpc/incoming.js";
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

export function createTaskCall({ work, form, entry, report }: TaskCallParts): {
  readonly call: IncomingCall;
  /** The task is over, and nothing more is said of it (TASK-52). */
  end(): void;
} {
  const { record } = work;
  let over = false;
  const say = (method: string, params: object): void => {
    if (over || entry === undefined || work.stopped) return;
    try {
      form.say(entry.era, record.id, method, params);
    } catch (error) {
      const wrong = toWireError(error, `Sending ${method}`);
      // The task goes on without the connection that it came by.
      if (wrong.code !== "CLOSED") report(wrong);
    }
  };
  const own: IncomingCall = {
    id: entry?.call.id ?? record.id,
    method: record.method,
    origin: entry?.call.origin ?? originAfter(record.principal),
    get signal() {
      return work.signal;
    },
    get cancelled() {
      return work.stopped;
    },
    progress(update) {
      const token = form.progressToken(record.params);
      const words = signalWords.progress;
      if (token !== undefined && words !== undefined) say(words.method, words.write(token, update));
    },
    notify(method, params) {
      say(method, (params ?? {}) as object);
      return undefined;
    },
    // It was answered already.
    detach: () => false,
    request(method) {
      const problem = `${method} was not sent: a task asks through its record.`;
      return Promise.reject(new McpWireError("INVALID_USE", problem, "Ask by the methods of the context."));
    },
  };
  return {
    call: own,
    end() {
      over = true;
    },
  };
}
