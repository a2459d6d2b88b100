/** Tasks of the core as a client sees them: it asks for the task, and fetches the outcome. Requirements TASK-09 to TASK-19, TASK-30, TASK-43. */

import type { ClientTaskForm, TaskState } from "../client-task-form.js";
import { isObject } from "../envelope.js";
import type { TaskStatus } from "../task-facts.js";

export const coreClientTasks: ClientTaskForm = {
  asks: true,
  augment: (params, ttlMs) => ({ ...params, task: ttlMs === undefined ? {} : { ttl: ttlMs } }),
  made: (result) => (isObject(result) && isObject(result.task) ? stateOf(result.task) : undefined),
  seen: (result) => stateOf(result as Task),
};

type Task = Readonly<Record<string, unknown>>;

function stateOf(task: Task): TaskState {
  return {
    id: task.taskId as string,
    status: task.status as TaskStatus,
    message: task.statusMessage as string | undefined,
    ttlMs: task.ttl as number | null,
    pollMs: task.pollInterval as number | undefined,
    questions: undefined,
    outcome: undefined,
  };
}
