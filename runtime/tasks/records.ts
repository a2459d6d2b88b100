/** Records of tasks: made, changed and ended. A record is never changed: the next one takes its place. */

import type { TaskClient, TaskOutcome } from "../protocol/task-form.js";
import type { TaskRecord } from "./contract.js";
import { randomId } from "./ids.js";

/** A task to be created. */
export interface NewTask {
  readonly principal: string | null;
  readonly owner: string;
  readonly method: string;
  readonly params: unknown;
  readonly client: TaskClient;
  /** Milliseconds that the client wants it to be kept. */
  readonly lifetime: number | undefined;
  readonly restartable: boolean;
}

/** How long a task is kept and how soon it is looked at again, and who works on it. */
export interface RecordTerms {
  readonly ttlMs: number | null;
  readonly pollMs: number;
  readonly worker: string;
}

/** What most tasks have of questions, answers and effects. */
export const NOTHING: Readonly<Record<string, never>> = Object.freeze({});

/** The first record of a task. Written member by member: there may be many of these, and spreading costs more than all the rest. */
export function newRecord(task: NewTask, { ttlMs, pollMs, worker }: RecordTerms): TaskRecord {
  const now = Date.now();
  return {
    principal: task.principal,
    owner: task.owner,
    method: task.method,
    params: task.params,
    client: task.client,
    restartable: task.restartable,
    id: randomId(),
    version: 1,
    status: "working",
    // Members that come later are there from the start, so that copies are cheap.
    statusMessage: undefined,
    outcome: undefined,
    isError: undefined,
    createdAt: now,
    updatedAt: now,
    ttlMs,
    pollMs,
    questions: NOTHING,
    answers: NOTHING,
    kept: NOTHING,
    worker,
  };
}

/** The record that takes the place of another. A second spread would cost more than all else here. */
export function changedFrom(record: TaskRecord, changed: Partial<TaskRecord>): TaskRecord {
  const next: Record<string, unknown> = { ...record };
  for (const key in changed) next[key] = changed[key as keyof TaskRecord];
  next.version = record.version + 1;
  return next as unknown as TaskRecord;
}

/** How a task stands once its work is done. */
export function ending(outcome: TaskOutcome): Partial<TaskRecord> {
  const updatedAt = Date.now();
  if ("result" in outcome) {
    const isError = (outcome.result as { isError?: unknown }).isError === true;
    return { outcome, isError, questions: NOTHING, updatedAt, status: "completed" };
  }
  return { outcome, questions: NOTHING, updatedAt, status: "failed", statusMessage: outcome.error.message };
}
