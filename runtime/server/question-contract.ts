/** What a handler has of a question that a client answers as a task. */

import type { TaskState } from "../protocol/client-task-form.js";

/** How a question is asked as a task. */
export interface QuestionTaskOptions {
  /** Milliseconds that the client is asked to keep the answer. Default: the client's choice. */
  readonly ttlMs?: number;
}

/** A question that a client works on. */
export interface QuestionHandle<T> {
  /** The id of the task; `undefined` where the client answered without one. */
  readonly id: string | undefined;
  /** How it stands as far as is known; `undefined` where there is no task. */
  readonly state: TaskState | undefined;
  /** How it stands, now and after each change that was seen, until it has ended. Throws what looking at it fails with. */
  readonly updates: AsyncIterable<TaskState>;
  /** The answer, once it is there. Throws as the question itself does; CancelledError where the task was cancelled. */
  result(): Promise<T>;
  /** Asks the client to stop; nothing where there is no task. @throws McpWireError `ASK_REFUSED` where it has ended already. */
  cancel(): Promise<void>;
}
