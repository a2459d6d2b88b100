/**
 * Tasks as an extension has them: where a request declares it, the server may answer with a task, whose outcome stands in the task itself.
 * Requirements XTASK-01 to XTASK-43.
 */

import { type Revision, tables } from "../../../generated/revisions.js";
import { RpcError } from "../../errors.js";
import { RpcCode } from "../../jsonrpc/message.js";
import { isObject } from "../envelope.js";
import type { Terms } from "../era.js";
import { hasExtension, pollOf, taskFormIn, timeText } from "../task-facts.js";
import type { TaskForm, TaskView } from "../task-form.js";
import { needExtension, withoutReserved } from "./refusals.js";
import { fitting } from "./responses.js";
import { prepareQuestion } from "./server.js";

/** More tasks than this are listened to by several subscriptions (SEC-42). */
const MAX_WATCHED = 1_000;

const forms = new Map<string, TaskForm>();

/** @param extension its identifier. */
export function extensionTasks(extension: string): TaskForm {
  let form = forms.get(extension);
  if (form === undefined) {
    form = createForm(extension);
    forms.set(extension, form);
  }
  return form;
}

function createForm(extension: string): TaskForm {
  return {
    methods: ["tasks/get", "tasks/update", "tasks/cancel"],
    promisesTask: false,
    wants(terms, _params, tool, support) {
      if (support === "forbidden") return false;
      if (support === "required") needExtension(extension, `The tool ${tool}`, terms.clientCapabilities);
      return hasExtension(terms.clientCapabilities, extension);
    },
    lifetime: () => undefined,
    created: (task) => ({ resultType: "task", ...described(task) }),
    shown: detailed,
    // It is asked for, not guaranteed: that a task had ended is no error (XTASK-31).
    cancelled: () => ({}),
    sealed: (result) => ({ resultType: "complete", ...result }),
    question: prepareQuestion,
    refused: withoutReserved,
    // Neither progress nor log entries exist for tasks (XTASK-39).
    say: () => undefined,
    progressToken: () => undefined,
    tell: () => undefined,
  };
}

/** A notification for those who listen to a task (XTASK-38). */
export function taskNotice(task: TaskView, meta: object): { readonly method: string; readonly params: object } {
  return { method: "notifications/tasks", params: { ...detailed(task), _meta: meta } };
}

/**
 * The answers to open questions of a task, by key; others are left out (XTASK-30).
 * @throws RpcError −32602 where an answer does not fit its question.
 */
export function fittingResponses(
  task: TaskView,
  revision: Revision,
  params: unknown,
): Readonly<Record<string, unknown>> {
  const responses = isObject(params) && isObject(params.inputResponses) ? params.inputResponses : {};
  const open = Object.entries(responses).filter(([key]) => Object.hasOwn(task.questions, key));
  for (const [key, answer] of open) {
    const { method } = task.questions[key] as { readonly method: string };
    const row = tables[revision].methods[method];
    if (row !== undefined) fitting(row, method, key, answer);
  }
  return Object.fromEntries(open);
}

/**
 * The ids of tasks that a subscription wants to hear of.
 * @throws RpcError −32021 where the request did not declare the extension, −32602 for what are no ids.
 */
export function watchedIds(given: unknown, terms: Terms): readonly string[] {
  const form = taskFormIn(terms.revision);
  if (form === undefined || !("extension" in form)) return [];
  needExtension(form.extension, "Listening to tasks", terms.clientCapabilities);
  if (Array.isArray(given) && given.length <= MAX_WATCHED && given.every((id) => typeof id === "string")) return given;
  throw new RpcError(RpcCode.InvalidParams, `\`taskIds\` is no list of at most ${MAX_WATCHED} ids.`);
}

function described(task: TaskView): object {
  const { id, status, statusMessage, createdAt, updatedAt, ttlMs } = task;
  const shown = {
    taskId: id,
    status,
    createdAt: timeText(createdAt),
    lastUpdatedAt: timeText(updatedAt),
    ttlMs,
    pollIntervalMs: pollOf(task),
  };
  return statusMessage === undefined ? shown : { ...shown, statusMessage };
}

/** The task with what its status adds (XTASK-14). */
function detailed(task: TaskView): object {
  const { status, questions, outcome } = task;
  if (status === "input_required") return { ...described(task), inputRequests: questions };
  return status === "completed" || status === "failed" ? { ...described(task), ...outcome } : described(task);
}
