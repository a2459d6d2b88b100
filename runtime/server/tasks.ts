/** Tools as tasks: makes the task of a call, runs the tool with a context like any other, and answers what clients ask about tasks. */

import { RpcError, toWireError } from "../errors.js";
import type { IncomingCall, Stoppable } from "../jsonrpc/incoming.js";
import { RpcCode } from "../jsonrpc/message.js";
import type { HandlerEra, TaskWatch, Terms } from "../protocol/era.js";
import { unfit, unknownMethod } from "../protocol/fit.js";
import { isRevision, traitsOf } from "../protocol/revision.js";
import { fetched } from "../protocol/stateful/task-words.js";
import { untold } from "../protocol/stateful/tasks.js";
import { fittingResponses, taskNotice, watchedIds } from "../protocol/stateless/tasks.js";
import { isFinal } from "../protocol/task-facts.js";
import { type TaskForm, taskFormOf } from "../protocol/task-form.js";
import type { Checked } from "../schema/json-schema.js";
import { type Awaitable, after } from "../tasks/awaitable.js";
import type { TaskAnswer, TaskRecord } from "../tasks/contract.js";
import { TaskRunner } from "../tasks/runner.js";
import { createMemoryTaskStore } from "../tasks/store-memory.js";
import { type Asked, type Wait, Waiters } from "../tasks/waiting.js";
import type { CallContext, Entry } from "./context.js";
import { isToldApart, type TaskParts, type TaskTool } from "./task-ends.js";
import { ownerOf, principalOf } from "./task-owner.js";
import { carry } from "./task-question.js";
import { isSame, type RunParts, TaskRun } from "./task-run.js";

export interface Tasks {
  /** Answers a call of a tool: with a task, or plainly. */
  call(tool: TaskTool, params: unknown, ctx: CallContext): Awaitable<unknown>;
  /** Answers a method about tasks. */
  answer(method: string, params: unknown, ctx: CallContext): Awaitable<unknown>;
  watch(ids: unknown, terms: Terms, call: IncomingCall): Promise<TaskWatch>;
  /** Stops what is worked on. */
  close(): Promise<void>;
}

export function createTasks(parts: TaskParts): Tasks {
  return new ServerTasks(parts);
}

type Params = { readonly [key: string]: unknown } | undefined;

class ServerTasks implements Tasks {
  readonly #parts: RunParts;
  readonly #runner: TaskRunner;
  readonly #waiters: Waiters;
  #closed = false;

  constructor(parts: TaskParts) {
    const { store, ttlMs = 3_600_000, maxTtlMs = 86_400_000, pollMs = 500, leaseMs = 30_000 } = parts.options;
    const { maxTasks = 100_000, maxTasksPerClient = 10_000 } = parts.options;
    this.#runner = new TaskRunner({
      store: store ?? createMemoryTaskStore({ maxTasks, maxTasksPerOwner: maxTasksPerClient }),
      shared: store !== undefined,
      ttlMs,
      maxTtlMs,
      pollMs,
      leaseMs,
      resume: (record) => this.#resume(record),
      report: (error) => parts.facts.report(error),
    });
    this.#waiters = new Waiters(this.#runner);
    this.#parts = { ...parts, waiters: this.#waiters };
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#runner.close();
  }

  call(tool: TaskTool, given: unknown, ctx: CallContext): Awaitable<unknown> {
    const { entry } = ctx;
    const form = taskFormOf(ctx.revision);
    if (form === undefined && entry !== undefined && tool.support === "required") {
      const message = `The tool ${tool.name} is only run as a task, which ${ctx.revision} does not have. Speak a newer revision.`;
      throw new RpcError(RpcCode.MethodNotFound, message);
    }
    const params = given as Params;
    const wanted = entry !== undefined && form?.wants(ctx.terms, params, tool.name, tool.support) === true;
    return after(tool.check(params?.arguments ?? {}), (checked) => {
      if (!wanted || form === undefined || (!checked.ok && !form.promisesTask)) return tool.run(checked, ctx);
      if (!checked.ok) throw unfit(`Invalid arguments for ${tool.name}`, checked.failures);
      return this.#create(tool, checked, params, ctx, entry, form);
    });
  }

  #create(
    tool: TaskTool,
    checked: Checked,
    params: Params,
    ctx: CallContext,
    entry: Entry,
    form: TaskForm,
  ): Awaitable<object> {
    const { terms } = ctx;
    const { revision, clientInfo, clientCapabilities } = terms;
    const made = this.#runner.start(
      {
        principal: principalOf(ctx.origin),
        owner: ownerOf(ctx),
        method: ctx.method,
        params,
        client: {
          revision,
          info: clientInfo,
          capabilities: clientCapabilities,
        },
        lifetime: form.lifetime(params),
        restartable: tool.restartable,
      },
      new TaskRun(this.#parts, tool, form, terms, entry, checked),
    );
    return after(made, (task) => {
      // Nobody has learned of it, so nobody can give it up later. What breaks since this server closes is left to others.
      if (entry.call.cancelled && !this.#closed) this.#forget(task);
      return form.created(task);
    });
  }

  #forget({ id }: TaskRecord): void {
    this.#runner.cancel(id).catch((error: unknown) => {
      this.#parts.facts.report(toWireError(error, "Cancelling a task whose request was given up"));
    });
  }

  /** The work of a task whose worker is gone, from its beginning. */
  #resume(record: TaskRecord): TaskRun | undefined {
    const { name } = (record.params ?? {}) as { readonly name?: unknown };
    const tool = typeof name === "string" ? this.#parts.find(name) : undefined;
    // A newer server may have made it, in a revision that this one does not know.
    const form = isRevision(record.client.revision) ? taskFormOf(record.client.revision) : undefined;
    if (tool === undefined || form === undefined) return undefined;
    const { revision, info, capabilities } = record.client;
    const traits = traitsOf(revision);
    const terms = { revision, traits, clientInfo: info, clientCapabilities: capabilities, logLevel: undefined };
    return new TaskRun(this.#parts, tool, form, terms, undefined);
  }

  answer(method: string, given: unknown, ctx: CallContext): Awaitable<unknown> {
    const form = taskFormOf(ctx.revision);
    if (form?.methods.includes(method) !== true) throw unknownMethod(method);
    if (method === "tasks/list") return this.#list(given as Params, ctx, form);
    const taskId = (given as Params)?.taskId as string;
    const principal = principalOf(ctx.origin);
    if (method !== "tasks/result") {
      const found = this.#runner.get(taskId, principal);
      return after(found, (task) =>
        method === "tasks/get" ? form.shown(task) : this.#change(method, task, given, ctx),
      );
    }
    return this.#waiters.untilFinal(taskId, new ResultWait(taskId, principal, ctx), fetched);
  }

  async #change(method: string, task: TaskRecord, given: unknown, ctx: CallContext): Promise<object> {
    if (method === "tasks/cancel") {
      const { record, ended } = await this.#runner.cancel(task.id);
      return (taskFormOf(ctx.revision) as TaskForm).cancelled(record, ended);
    }
    const values = fittingResponses(task, ctx.revision, given);
    const answers = Object.entries(values).map(([key, value]) => [key, { value }] as const);
    await this.#runner.answer(task.id, Object.fromEntries(answers));
    return {};
  }

  async #list(params: Params, ctx: CallContext, form: TaskForm): Promise<object> {
    if (!isToldApart(ctx.origin)) throw unknownMethod("tasks/list");
    const cursor = params?.cursor as string | undefined;
    const page = await this.#runner.store.list(ownerOf(ctx), cursor, this.#parts.pageSize);
    if (page === undefined) throw new RpcError(RpcCode.InvalidParams, "Invalid cursor. Begin again without one.");
    const { tasks, nextCursor } = page;
    return { tasks: tasks.map((task) => form.shown(task)), ...(nextCursor === undefined ? {} : { nextCursor }) };
  }

  async watch(given: unknown, terms: Terms, call: IncomingCall): Promise<TaskWatch> {
    const principal = principalOf(call.origin);
    const { store } = this.#runner;
    const found = await Promise.all([...new Set(watchedIds(given, terms))].map((id) => store.get(id)));
    const taskIds = found.filter((task) => task?.principal === principal).map((task) => (task as TaskRecord).id);
    return {
      filter: { taskIds },
      begin: (meta) => {
        const stops = taskIds.map((id) => this.#push(id, meta, call));
        return () => {
          for (const stop of stops) stop();
        };
      },
    };
  }

  /** Tells a listener how a task stands, now and after every change. */
  #push(id: string, meta: object, call: IncomingCall): () => void {
    const { store } = this.#runner;
    let told: TaskRecord | undefined;
    const look = (task: TaskRecord | undefined): void => {
      // What is read below may be older than what the watch told meanwhile.
      if (told !== undefined && task !== undefined && task.version < told.version) return;
      if (task === undefined || isFinal(task.status)) stop();
      if (task === undefined || isSame(told, task)) return;
      told = task;
      const { method, params } = taskNotice(task, meta);
      try {
        call.notify(method, params);
      } catch (error) {
        stop();
        const wrong = untold(error, method);
        if (wrong !== undefined) this.#parts.facts.report(wrong);
      }
    };
    const stop = store.watch(id, look);
    const failed = (error: unknown): void => this.#parts.facts.report(toWireError(error, "Reading a task"));
    new Promise<TaskRecord | undefined>((resolve) => resolve(store.get(id))).then(look, failed);
    return stop;
  }
}

/** A request that waits for the result of a task. */
class ResultWait implements Wait {
  readonly principal: string | null;
  readonly #id: string;
  readonly #ctx: CallContext;

  constructor(id: string, principal: string | null, ctx: CallContext) {
    this.#id = id;
    this.principal = principal;
    this.#ctx = ctx;
  }

  get way(): HandlerEra | undefined {
    return this.#ctx.entry?.era;
  }

  whenStopped(waiter: Stoppable): void {
    const { call } = this.#ctx.entry as Entry;
    if (call.cancelled) waiter.stopped(this.#ctx.signal.reason);
    else call.onstop = waiter;
  }

  carry(question: Asked, over: AbortSignal): Promise<TaskAnswer | undefined> {
    return carry(question, this.#id, this.#ctx, over);
  }
}
