/** The two forms of tasks as a client sees them: how one asks for a task, and what its state and its outcome look like. */

import type { Revision } from "../../generated/revisions.js";
import type { RpcErrorObject } from "../jsonrpc/message.js";
import { coreClientTasks } from "./stateful/client-tasks.js";
import { extensionClientTasks } from "./stateless/client-tasks.js";
import { type TaskStatus, taskFormIn } from "./task-facts.js";

/** How a task of a server stands. */
export interface TaskState {
  readonly id: string;
  readonly status: TaskStatus;
  /** A line for people. */
  readonly message: string | undefined;
  /** Milliseconds that the server keeps it, from its beginning; null for ever. */
  readonly ttlMs: number | null;
  /** Milliseconds to leave between two looks. */
  readonly pollMs: number | undefined;
  /** Open questions by key, where they stand in the task. */
  readonly questions: Readonly<Record<string, { readonly method: string; readonly params?: unknown }>> | undefined;
  /** What came of it, where that stands in the task. */
  readonly outcome: { readonly result: unknown } | { readonly error: RpcErrorObject } | undefined;
}

export interface ClientTaskForm {
  /** Whether a call is only run as a task where the client asks for it, and the outcome is fetched by a request of its own. */
  readonly asks: boolean;
  /** The params of a call that may become a task. `ttlMs` is how long the client wants it kept. */
  augment(params: object, ttlMs: number | undefined): object;
  /** The task in the result of a call, where there is one. */
  made(result: unknown): TaskState | undefined;
  /** The state in the result of a look. */
  seen(result: unknown): TaskState;
}

/** The form in which a revision has tasks. */
export function clientTaskFormOf(revision: Revision): ClientTaskForm | undefined {
  const form = taskFormIn(revision);
  if (form === undefined) return undefined;
  return "augmented" in form ? coreClientTasks : extensionClientTasks;
}
