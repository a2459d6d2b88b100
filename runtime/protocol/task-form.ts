/**
 * The contract that hides in which form a revision has tasks: as a core feature, where the request asks for the task, or as an extension,
 * where the server decides. Requirements 06, parts A (TASK-*) and B (XTASK-*).
 */

import type { MethodEntry } from "../../generated/method-table.js";
import type { ClientCapabilities, Implementation } from "../../generated/neutral/types.js";
import type { Revision } from "../../generated/revisions.js";
import type { RpcErrorObject } from "../jsonrpc/message.js";
import type { HandlerEra, Question, ServerFacts, Terms } from "./era.js";
import { coreTasks } from "./stateful/tasks.js";
import { extensionTasks } from "./stateless/tasks.js";
import { type TaskStatus, taskFormIn } from "./task-facts.js";

/** What came of the work: exactly what the plain request would have been answered with. */
export type TaskOutcome = { readonly result: object } | { readonly error: RpcErrorObject };

/** A task as far as it is shown. Times are milliseconds since 1970. */
export interface TaskView {
  readonly id: string;
  readonly status: TaskStatus;
  readonly statusMessage?: string | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Milliseconds from `createdAt` that it is kept; null for ever. */
  readonly ttlMs: number | null;
  /** Milliseconds that a client leaves between two looks. */
  readonly pollMs: number;
  readonly outcome?: TaskOutcome | undefined;
  /** Whether the outcome is the result of a tool that reports a failure; kept apart, since lists come without outcomes. */
  readonly isError?: boolean | undefined;
  /** Open questions by key. */
  readonly questions: Readonly<Record<string, { readonly method: string; readonly params?: unknown }>>;
}

/** Who asked for a task, and in which revision: what outlives the request. */
export interface TaskClient {
  readonly revision: Revision;
  readonly info?: Implementation | undefined;
  readonly capabilities: ClientCapabilities;
}

/** Whether a tool is run as a task: never, where the client wishes, or always. */
export type TaskSupport = "forbidden" | "optional" | "required";

/** One form of tasks, as a server speaks it. */
export interface TaskForm {
  /** Methods that clients send for tasks. */
  readonly methods: readonly string[];
  /** Whether arguments that do not fit are an error, since the client waits for a task. */
  readonly promisesTask: boolean;
  /** Whether the request is run as a task. @throws RpcError where it has to be and cannot, or the other way round. */
  wants(terms: Terms, params: unknown, tool: string, support: TaskSupport): boolean;
  /** Milliseconds that the client wants the task to be kept, where it can say. */
  lifetime(params: unknown): number | undefined;
  /** The result of the request that made the task. */
  created(task: TaskView): object;
  /** The result of a look at it. */
  shown(task: TaskView): object;
  /** The result that says that it was cancelled. `ended` tells that it had ended before. @throws RpcError where that is an error. */
  cancelled(task: TaskView, ended: boolean): object;
  /** A result of the handler, as the plain request would have it. */
  sealed(result: object): object;
  /** A question as it goes into the task. @throws as the eras do. */
  question(
    terms: Terms,
    question: Question,
    facts: ServerFacts,
  ): { readonly row: MethodEntry; readonly written: unknown };
  /** Makes of what a handler threw the error for the wire. */
  refused(method: string, error: unknown, facts: ServerFacts): unknown;
  /** Sends a notification of the handler, where there is a way for it once the request is answered. */
  say(era: HandlerEra, task: string, method: string, params: object): void;
  /** The token under which the client wants progress of the task. */
  progressToken(params: unknown): string | number | undefined;
  /** Tells that the task changed, where clients hear of it without asking for it. */
  tell(era: HandlerEra, task: TaskView): void;
}

/** The form in which a revision has tasks. */
export function taskFormOf(revision: Revision): TaskForm | undefined {
  const form = taskFormIn(revision);
  if (form === undefined) return undefined;
  return "augmented" in form ? coreTasks : extensionTasks(form.extension);
}
