/** Tasks as the core has them: the request asks for the task, and its result is fetched by `tasks/result`. Requirements TASK-01 to TASK-62. */

import { RpcError, toWireError } from "../../errors.js";
import { RpcCode } from "../../jsonrpc/message.js";
import { isObject } from "../envelope.js";
import { metaOf } from "../meta.js";
import type { TaskForm } from "../task-form.js";
import { prepareQuestion, withoutHints } from "./server.js";
import { described, related, statusOf } from "./task-words.js";

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

/** What went wrong while a client was told of a task. A connection that is gone is no news. */
export function untold(error: unknown, method: string): ReturnType<typeof toWireError> | undefined {
  const wrong = toWireError(error, `Sending ${method}`);
  return wrong.code === "CLOSED" ? undefined : wrong;
}
