/** Tasks that servers run for a client: begun, waited for, and found again. Loaded when there is a first task. Requirements TASK-09 to TASK-13, XTASK-05. */

import type { CallToolResult } from "../../generated/neutral/types.js";
import { McpWireError } from "../errors.js";
import { type ClientTaskForm, clientTaskFormOf, type TaskState } from "../protocol/client-task-form.js";
import { StateFeed } from "../tasks/feed.js";
import { type CallOptions, type CallParts, callMethod } from "./call.js";
import { FetchedTask } from "./fetched-task.js";
import type { Followed, Following } from "./following.js";
import { SeenTask } from "./seen-task.js";
import type { StartOptions, TaskHandle } from "./task-contract.js";

/** Begins a call, as a task where that is possible. `augment` says whether to ask for one, where clients do. */
export function startTask(
  parts: CallParts,
  params: { readonly name: string },
  options: StartOptions,
  augment = true,
): Promise<TaskHandle> {
  const { ttlMs, answerByHand = false } = options;
  const form = formOf(parts);
  const sentAt = performance.now();
  const given = augment ? form.augment(params, ttlMs) : params;
  return callMethod(parts, "tools/call", given, options, true).then((result) => {
    const state = form.made(result);
    if (state === undefined) return answered(result as CallToolResult);
    return follow(parts, form, {
      id: state.id,
      state,
      tool: params.name,
      how: options,
      answerByHand,
      tookMs: performance.now() - sentAt,
    });
  });
}

/** Waits for a call that the server made a task of. */
export async function followTask(
  parts: CallParts,
  params: { readonly name: string },
  result: unknown,
  options: CallOptions,
): Promise<CallToolResult> {
  const form = formOf(parts);
  const state = form.made(result) as TaskState;
  const task = { id: state.id, state, tool: params.name, how: options, answerByHand: false, tookMs: 0 };
  return await follow(parts, form, task).result();
}

/** Finds a task again. */
export function findTask(parts: CallParts, id: string, options: StartOptions): TaskHandle {
  const { answerByHand = false } = options;
  return follow(parts, formOf(parts), { id, state: undefined, tool: undefined, how: options, answerByHand, tookMs: 0 });
}

function follow(parts: CallParts, form: ClientTaskForm, task: Followed): Following {
  return form.asks ? new FetchedTask(parts, form, task) : new SeenTask(parts, form, task);
}

function formOf({ connection }: CallParts): ClientTaskForm {
  const { revision } = connection.current.facts;
  const form = clientTaskFormOf(revision);
  if (form !== undefined) return form;
  throw new McpWireError("NOT_IN_REVISION", `${revision} has no tasks.`, "Call the tool by `callTool`.");
}

/** A call that was answered without a task. */
function answered(result: CallToolResult): TaskHandle {
  const over = async (): Promise<never> => {
    throw new McpWireError("INVALID_USE", "The call was answered already; there is no task.", "Look at `id` first.");
  };
  return {
    id: undefined,
    state: undefined,
    updates: new StateFeed(),
    result: async () => result,
    cancel: over,
    answer: over,
  };
}
