/** Tasks as the core has them: the request asks for the task, and its result is fetched by `tasks/result`. Requirements TASK-01 to TASK-62. */

import { RpcError, toWireError } from "../../errors.js";
import { RpcCode } from "../../jsonrpc/message.js";
import { isObject } from "../envelope.js";
import { MetaKey, metaOf, withMeta } from "../meta.js";
import type { TaskForm, TaskView } from "../task-form.js";
import { prepareQuestion, withoutHints } from "./server.js";

export const coreTasks: TaskForm = {
  methods: ["tasks/get", "tasks/result", "tasks/list", "tasks/cancel"],
  promisesTask: true,
  wants(_terms, params, tool, support) {
    const asked = isObject(params) && params.task !== undefined;
    if (asked && support === "forbidden")
      throw new RpcError(RpcCode.MethodNotFound, `The tool ${tool} cannot be run as a task. Call it without \`task\`.`);
    if (!asked && support === "required")
      throw new RpcError(RpcCode.MethodNotFound, `The tool ${tool} is only run as a task. Call it with \`task\`.`);
    return asked;
  },
  lifetime(params) {
    const task = isObject(params) ? params.task : undefined;
    return isObject(task) && typeof task.ttl === "number" ? task.ttl : undefined;
  },
  created: (task) => ({ task: described(task) }),
  shown: described,
  cancelled(task, ended) {
    if (ended) throw new RpcError(RpcCode.InvalidParams, `The task has ended already: it is ${statusOf(task)}.`);
    return described(task);
  },
  sealed: (result) => withoutHints(result) as object,
  question: prepareQuestion,
  refused: (_method, error) => error,
  say(era, task, method, params) {
    era.tell?.(method, related(params, task));
  },
  progressToken(params) {
    const token = metaOf(params)?.progressToken;
    return typeof token === "string" || typeof token === "number" ? token : undefined;
  },
  tell(era, task) {
    era.tell?.("notifications/tasks/status", described(task));
  },
};

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

/** What went wrong while a client was told of a task. A connection that is gone is no news. */
export function untold(error: unknown, method: string): ReturnType<typeof toWireError> | undefined {
  const wrong = toWireError(error, `Sending ${method}`);
  return wrong.code === "CLOSED" ? undefined : wrong;
}

/** A tool that reports a failure has failed here (TASK-25), although its result is kept like any other. */
function statusOf({ status, outcome }: TaskView): string {
  const broken = outcome !== undefined && "result" in outcome && (outcome.result as { isError?: unknown }).isError;
  return status === "completed" && broken === true ? "failed" : status;
}

function described(task: TaskView): object {
  const { id, createdAt, updatedAt, ttlMs, pollMs } = task;
  const status = statusOf(task);
  const statusMessage = task.statusMessage ?? (status === "failed" ? "The tool reported a failure." : undefined);
  return {
    taskId: id,
    status,
    ...(statusMessage === undefined ? {} : { statusMessage }),
    createdAt: new Date(createdAt).toISOString(),
    lastUpdatedAt: new Date(updatedAt).toISOString(),
    ttl: ttlMs,
    pollInterval: pollMs,
  };
}
