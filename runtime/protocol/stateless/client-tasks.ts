/** Tasks of the extension as a client sees them: the server decides, and all that there is to know stands in the task. XTASK-05 to XTASK-25. */

import type { ClientTaskForm, TaskState } from "../client-task-form.js";
import { isObject } from "../envelope.js";
import type { TaskStatus } from "../task-facts.js";

export const extensionClientTasks: ClientTaskForm = {
  asks: false,
  augment: (params) => params,
  made: (result) => (isObject(result) && result.resultType === "task" ? stateOf(result) : undefined),
  seen: (result) => stateOf(result as Task),
};

type Task = Readonly<Record<string, unknown>>;

function stateOf(task: Task): TaskState {
  return {
    id: task.taskId as string,
    status: task.status as TaskStatus,
    message: task.statusMessage as string | undefined,
    ttlMs: task.ttlMs as number | null,
    pollMs: task.pollIntervalMs as number | undefined,
    questions: task.inputRequests as TaskState["questions"],
    outcome: outcomeOf(task),
  };
}

function outcomeOf({ status, result, error }: Task): TaskState["outcome"] {
  if (status === "completed") return { result };
  return status === "failed" ? ({ error } as TaskState["outcome"]) : undefined;
}
