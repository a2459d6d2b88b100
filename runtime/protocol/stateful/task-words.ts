/** Tasks in the words of the core, whichever side runs them. Requirements TASK-18, TASK-25 to TASK-28, TASK-32 to TASK-34, TASK-47. */

import { RpcError } from "../../errors.js";
import { RpcCode } from "../../jsonrpc/message.js";
import { MetaKey, withMeta } from "../meta.js";
import { pollOf, timeText } from "../task-facts.js";
import type { TaskView } from "../task-form.js";

/** A payload that says to which task it belongs (TASK-33, TASK-47). */
export function related(payload: object | undefined, taskId: string): Record<string, unknown> {
  return withMeta(payload, { [MetaKey.relatedTask]: { taskId } });
}

/**
 * What `tasks/result` answers for a task that has ended.
 * @throws RpcError the error of the plain request, or −32602 where the task was cancelled.
 */
export function fetched(task: TaskView): object {
  const { outcome } = task;
  if (outcome === undefined) throw new RpcError(RpcCode.InvalidParams, "The task was cancelled, so it has no result.");
  if ("result" in outcome) return related(outcome.result, task.id);
  const { code, message, data } = outcome.error;
  throw new RpcError(code, message, data);
}

/** A tool that reports a failure has failed here (TASK-25), although its result is kept like any other. */
export function statusOf({ status, isError }: TaskView): string {
  return status === "completed" && isError === true ? "failed" : status;
}

/** The task as it is shown. */
export function described(task: TaskView): object {
  const { id, createdAt, updatedAt, ttlMs } = task;
  const status = statusOf(task);
  const statusMessage = task.statusMessage ?? (status === "failed" ? "The tool reported a failure." : undefined);
  const shown = {
    taskId: id,
    status,
    createdAt: timeText(createdAt),
    lastUpdatedAt: timeText(updatedAt),
    ttl: ttlMs,
    pollInterval: pollOf(task),
  };
  return statusMessage === undefined ? shown : { ...shown, statusMessage };
}
