/** The way of a server to tasks, loaded when the first of them is used: who has no tool with `task` carries nothing of it. */

import type { ServerCapabilities } from "../../generated/neutral/types.js";
import type { Revision } from "../../generated/revisions.js";
import type { ServerFacts } from "../protocol/era.js";
import { taskFormIn } from "../protocol/task-facts.js";
import type { TaskSupport } from "../protocol/task-form.js";
import type { Checked } from "../schema/json-schema.js";
import type { TaskStore } from "../tasks/contract.js";
import type { CallContext, ContextParts } from "./context.js";
import type { MethodHandler } from "./features.js";
import type { Tasks } from "./tasks.js";

/** How tasks are kept and for how long. */
export interface TaskOptions {
  /** Where tasks are kept. Default: in the memory of this process. */
  readonly store?: TaskStore;
  /** Tasks that are kept in memory at once; more are refused. Default 100 000. */
  readonly maxTasks?: number;
  /** Of them, those of one principal, or of one connection that is a client's own. Default 10 000. */
  readonly maxTasksPerClient?: number;
  /** Milliseconds that a task and its result are kept where the client does not say. Default 3 600 000. */
  readonly ttlMs?: number;
  /** Milliseconds that a task is kept at most; `Infinity` for no bound. Default 86 400 000. */
  readonly maxTtlMs?: number;
  /** Milliseconds that clients are told to leave between two looks at a task, at most: the young are looked at sooner. Default 500. */
  readonly pollMs?: number;
  /** Milliseconds after which a task in a `store` of yours whose worker shows no sign of life is taken over. Default 30 000. */
  readonly leaseMs?: number;
}

/** A tool as its tasks see it. */
export interface TaskTool {
  readonly name: string;
  readonly support: TaskSupport;
  readonly restartable: boolean;
  check(given: unknown): Checked | PromiseLike<Checked>;
  run(checked: Checked, ctx: CallContext): unknown;
}

export interface TaskParts extends ContextParts {
  readonly options: TaskOptions;
  readonly handlers: Map<string, MethodHandler>;
  readonly pageSize: number;
  readonly find: (tool: string) => TaskTool | undefined;
  /** What is closed with the server. */
  readonly endpoints: Set<{ close(): Promise<void> }>;
}

export interface TaskEnds {
  call(tool: TaskTool, params: unknown, ctx: CallContext): unknown;
  readonly watch: NonNullable<ServerFacts["watchTasks"]>;
}

export function createTaskEnds(parts: TaskParts): TaskEnds {
  let loading: Promise<Tasks> | undefined;
  let tasks: Tasks | undefined;
  const load = (): Promise<Tasks> => {
    loading ??= import("./tasks.js").then(({ createTasks }) => (tasks = createTasks(parts)));
    return loading;
  };
  // What is being loaded when the server closes is closed too.
  parts.endpoints.add({ close: async () => (await loading)?.close() });
  const withTasks = <T>(use: (tasks: Tasks) => T | PromiseLike<T>): T | PromiseLike<T> =>
    tasks === undefined ? load().then(use) : use(tasks);
  for (const verb of ["get", "result", "list", "cancel", "update"])
    parts.handlers.set(`tasks/${verb}`, (params, ctx) =>
      withTasks((loaded) => loaded.answer(`tasks/${verb}`, params, ctx)),
    );
  // What others left behind in a store is taken up without waiting for a request.
  if (parts.options.store !== undefined) void load();
  return {
    call: (tool, params, ctx) => withTasks((loaded) => loaded.call(tool, params, ctx)),
    watch: async (ids, terms, call) => await withTasks((loaded) => loaded.watch(ids, terms, call)),
  };
}

/** What is declared where there are tasks. They are only listed for clients that can be told apart (TASK-59). */
export function taskCapabilities(revision: Revision | undefined, origin: unknown): ServerCapabilities | undefined {
  const form = revision === undefined ? undefined : taskFormIn(revision);
  if (form === undefined) return undefined;
  if ("extension" in form) return { extensions: { [form.extension]: {} } };
  const list = isToldApart(origin) ? { list: {} } : {};
  return { tasks: { ...list, cancel: {}, requests: { tools: { call: {} } } } };
}

/** Whether who asks has a name, or is the only client of its connection. */
export function isToldApart(origin: unknown): boolean {
  return origin === undefined || typeof (origin as { principal?: unknown } | null)?.principal === "string";
}
