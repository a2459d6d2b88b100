/**
 * What is known of a task, and where it is kept. A store is all that tasks share between requests, connections and machines; whoever
 * works on a task holds it by a lease, so that work is found again when its worker is gone. Requirements 06; TASK-54 to TASK-61, XTASK-18.
 */

import type { TaskClient, TaskView } from "../protocol/task-form.js";

/** The answer to a question: a value, or the error that the client gave instead. */
export type TaskAnswer =
  | { readonly value: unknown }
  | { readonly refused: { readonly code: number; readonly message: string; readonly data?: unknown } };

/** A task as it is kept. All of it is JSON, and no record is ever changed: a new one takes its place. */
export interface TaskRecord extends TaskView {
  /** Counts the records of the task; a record only ever replaces the one before it. */
  readonly version: number;
  /** Who created it, as authentication named them; null where nobody is told apart. No other may get at it. */
  readonly principal: string | null;
  /** Whose list it is in: the principal, or one connection; empty for nobody's. */
  readonly owner: string;
  /** The request that made it. */
  readonly method: string;
  readonly params: unknown;
  readonly client: TaskClient;
  /** Answers by the key of the question. */
  readonly answers: Readonly<Record<string, TaskAnswer>>;
  /** What `ctx.once` keeps, by key. */
  readonly kept: Readonly<Record<string, { readonly value?: unknown }>>;
  /** Whether the handler may run again from its beginning when its worker is gone. */
  readonly restartable: boolean;
  /** Who works on it, until when (milliseconds since 1970) unless renewed. */
  readonly worker: string;
  readonly leaseUntil: number;
}

/** Part of a list of tasks. */
export interface TaskPage {
  readonly tasks: readonly TaskRecord[];
  /** Where the next page begins, if there is one. */
  readonly nextCursor?: string;
}

type Awaitable<T> = T | Promise<T>;

/** Where tasks are kept. Methods may give promises, and reject where the store fails. */
export interface TaskStore {
  /**
   * Takes a new task. Once it resolves, every `get` finds it.
   * @throws RpcError −32603 where there is no room for it.
   */
  create(record: TaskRecord): Awaitable<void>;
  /** The newest record; `undefined` for a task that was never there, was removed or has expired. */
  get(id: string): Awaitable<TaskRecord | undefined>;
  /** Puts the record in the place of the one with the version before it, and says whether it was still there. */
  replace(record: TaskRecord): Awaitable<boolean>;
  /** Tasks of an owner, the oldest first. Cursors stay good while tasks come and go; `undefined` for a cursor that is none. */
  list(owner: string, cursor: string | undefined, limit: number): Awaitable<TaskPage | undefined>;
  /** Forgets a task. */
  remove(id: string): Awaitable<void>;
  /** Calls the listener after every change, with `undefined` once the task is gone; gives what ends that. */
  watch(id: string, listener: (record: TaskRecord | undefined) => void): () => void;
  /** Tasks that have not ended and whose lease ended before this time, at most `limit`. */
  abandoned(before: number, limit: number): Awaitable<readonly TaskRecord[]>;
}
