/**
 * What is known of a task, and where it is kept. A store is all that tasks share between requests, connections and machines; whoever
 * works on a task holds it for a while that the clock of the store measures, so that work is found again when its worker is gone, whatever
 * time it is elsewhere. Requirements 06; TASK-54 to TASK-61, XTASK-18.
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
  /** What `ctx.once` keeps, by key; `begun` of an effect that was begun, and of whose end nothing is known. */
  readonly kept: Readonly<Record<string, { readonly value?: unknown; readonly begun?: true }>>;
  /** Whether the handler may run again from its beginning when its worker is gone. */
  readonly restartable: boolean;
  /** Who works on it. */
  readonly worker: string;
}

/** A task in a list. What came of it may be big, and is not part of it. */
export type TaskSummary = Omit<TaskView, "outcome">;

/** Part of a list of tasks. */
export interface TaskPage {
  readonly tasks: readonly TaskSummary[];
  /** Where the next page begins, if there is one. */
  readonly nextCursor?: string;
}

type Awaitable<T> = T | Promise<T>;

/** Where tasks are kept. Methods may give promises, and reject where the store fails. */
export interface TaskStore {
  /**
   * Takes a new task, which its worker holds for `holdMs` milliseconds. Once it resolves, every `get` finds it, until its `ttlMs` is over
   * by the clock of the store.
   * @throws RpcError −32603 where there is no room for it.
   */
  create(record: TaskRecord, holdMs: number): Awaitable<void>;
  /** The newest record; `undefined` for a task that was never there, was removed or has expired. */
  get(id: string): Awaitable<TaskRecord | undefined>;
  /**
   * Puts the record in the place of the one with the version before it, and says whether it was still there. A record of another worker
   * only takes the place of one that nobody holds. With `holdMs` its worker holds it for so long from now; without, the hold stays as it is.
   */
  replace(record: TaskRecord, holdMs?: number): Awaitable<boolean>;
  /**
   * Tasks of an owner, the oldest first; none of the empty owner. Cursors stay good while tasks come and go; `undefined` for a cursor that
   * is none.
   */
  list(owner: string, cursor: string | undefined, limit: number): Awaitable<TaskPage | undefined>;
  /** Forgets a task. */
  remove(id: string): Awaitable<void>;
  /**
   * Calls the listener with the newest record soon after a change, and with `undefined` once the task is gone; gives what ends that. Several
   * changes may be told as one, and a record may be told that has not changed, since a change may have been missed. The listener is never
   * called before this returns.
   */
  watch(id: string, listener: (record: TaskRecord | undefined) => void): () => void;
  /**
   * The worker holds these tasks for `holdMs` milliseconds from now; gives those that are not there, have ended, or are another's. With 0 it
   * lets go of them.
   */
  hold(worker: string, ids: readonly string[], holdMs: number): Awaitable<readonly string[]>;
  /**
   * Tasks that have not ended and that nobody holds, at most `limit`, without the first `skip` of them. Their order stays while none comes or
   * goes.
   */
  abandoned(limit: number, skip?: number): Awaitable<readonly TaskRecord[]>;
}
