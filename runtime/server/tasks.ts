/** Tools as tasks: makes the task of a call, runs the tool with a context like any other, and answers what clients ask about tasks. */

import type { MethodEntry } from "../../generated/method-table.js";
import { RpcError, toWireError } from "../errors.js";
import type { IncomingCall } from "../jsonrpc/incoming.js";
import { RpcCode, type RpcErrorObject } from "../jsonrpc/message.js";
import type { HandlerEra, TaskWatch, Terms } from "../protocol/era.js";
import { unfit, unknownMethod } from "../protocol/fit.js";
import { traitsOf } from "../protocol/revision.js";
import { checkOutgoing, unanswered } from "../protocol/sealing.js";
import { fetched } from "../protocol/stateful/task-words.js";
import { untold } from "../protocol/stateful/tasks.js";
import { fittingResponses, taskNotice, watchedIds } from "../protocol/stateless/tasks.js";
import { isFinal, offeredRow } from "../protocol/task-facts.js";
import { type TaskForm, type TaskOutcome, taskFormOf } from "../protocol/task-form.js";
import type { Checked } from "../schema/json-schema.js";
import type { TaskRecord } from "../tasks/contract.js";
import { TaskRunner } from "../tasks/runner.js";
import type { TaskWork } from "../tasks/running.js";
import { createMemoryTaskStore } from "../tasks/store-memory.js";
import { Waiters } from "../tasks/waiting.js";
import { type CallContext, type Entry, RequestContext } from "./context.js";
import { createTaskCall } from "./task-call.js";
import { isToldApart, type TaskParts, type TaskTool } from "./task-ends.js";
import { ownerOf, principalOf } from "./task-owner.js";
import { carry } from "./task-question.js";

export interface Tasks {
  /** Answers a call of a tool: with a task, or plainly. */
  call(tool: TaskTool, params: unknown, ctx: CallContext): Promise<unknown>;
  /** Answers a method about tasks. */
  answer(method: string, params: unknown, ctx: CallContext): Promise<unknown>;
  watch(ids: unknown, terms: Terms, call: IncomingCall): Promise<TaskWatch>;
}

export function createTasks(parts: TaskParts): Tasks {
  return new ServerTasks(parts);
}

type Params = { readonly [key: string]: unknown } | undefined;

class ServerTasks implements Tasks {
  readonly #parts: TaskParts;
  readonly #runner: TaskRunner;
  readonly #waiters: Waiters;

  constructor(parts: TaskParts) {
    const { store, ttlMs = 3_600_000, maxTtlMs = 86_400_000, pollMs = 500, leaseMs = 30_000 } = parts.options;
    const { maxTasks = 100_000, maxTasksPerClient = 10_000 } = parts.options;
    this.#parts = parts;
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
    parts.endpoints.add(this.#runner);
  }

  async call(tool: TaskTool, given: unknown, ctx: CallContext): Promise<unknown> {
    const { entry } = ctx;
    const form = taskFormOf(ctx.revision);
    if (form === undefined && entry !== undefined && tool.support === "required") {
      const message = `The tool ${tool.name} is only run as a task, which ${ctx.revision} does not have. Speak a newer revision.`;
      throw new RpcError(RpcCode.MethodNotFound, message);
    }
    const params = given as Params;
    const wanted = entry !== undefined && form?.wants(ctx.terms, params, tool.name, tool.support) === true;
    const checked = await tool.check(params?.arguments ?? {});
    if (!wanted || form === undefined || (!checked.ok && !form.promisesTask)) return await tool.run(checked, ctx);
    if (!checked.ok) throw unfit(`Invalid arguments for ${tool.name}`, checked.failures);
    return await this.#create(tool, checked, params, ctx, entry, form);
  }

  async #create(
    tool: TaskTool,
    checked: Checked,
    params: Params,
    ctx: CallContext,
    entry: Entry,
    form: TaskForm,
  ): Promise<object> {
    const { revision, traits, clientInfo, clientCapabilities, logLevel } = ctx.terms;
    const record = await this.#runner.start(
      {
        principal: principalOf(ctx.origin),
        owner: ownerOf(ctx),
        method: ctx.method,
        params,
        client: {
          revision,
          ...(clientInfo === undefined ? {} : { info: clientInfo }),
          capabilities: clientCapabilities,
        },
        lifetime: form.lifetime(params),
        restartable: tool.restartable,
      },
      (work) => {
        const terms = { revision, traits, clientInfo, clientCapabilities, logLevel };
        return this.#perform(work, tool, checked, terms, form, entry);
      },
    );
    if (form.promisesTask) this.#tell(record, entry.era, form);
    return form.created(record);
  }

  /** The work of a task whose worker is gone, from its beginning. */
  #resume(record: TaskRecord): ((work: TaskWork) => Promise<TaskOutcome>) | undefined {
    const params = record.params as { readonly name?: unknown; readonly arguments?: unknown };
    const tool = typeof params.name === "string" ? this.#parts.find(params.name) : undefined;
    const form = taskFormOf(record.client.revision);
    if (tool === undefined || form === undefined) return undefined;
    const { revision, info, capabilities } = record.client;
    const traits = traitsOf(revision);
    const terms = { revision, traits, clientInfo: info, clientCapabilities: capabilities, logLevel: undefined };
    return async (work) => this.#perform(work, tool, await tool.check(params.arguments ?? {}), terms, form, undefined);
  }

  /** Runs the tool, and gives what the plain call would have been answered with (TASK-32). */
  async #perform(
    work: TaskWork,
    tool: TaskTool,
    checked: Checked,
    terms: Terms,
    form: TaskForm,
    entry: Entry | undefined,
  ): Promise<TaskOutcome> {
    const { facts } = this.#parts;
    const { method, params } = work.record;
    const own = createTaskCall({ work, form, entry, report: (error) => facts.report(error) });
    const ctx = new RequestContext(this.#eraOf(work, terms, form), terms, own.call, this.#parts, params);
    try {
      const result = form.sealed((await tool.run(checked, ctx)) as object);
      checkOutgoing(offeredRow(terms.revision, method, facts) as MethodEntry, method, result, facts);
      // What the handler does to its objects later is not the task's any more.
      return { result: JSON.parse(JSON.stringify(result)) as object };
    } catch (error) {
      return { error: this.#errorOf(form.refused(method, error, facts), work, tool) };
    } finally {
      own.end();
    }
  }

  #eraOf(work: TaskWork, terms: Terms, form: TaskForm): HandlerEra {
    const { facts } = this.#parts;
    return {
      async ask(_terms, _call, question) {
        const { written } = form.question(terms, question, facts);
        try {
          return await work.ask(question.method, written, question.key);
        } catch (error) {
          throw unanswered(question.method, error);
        }
      },
      keep: (_terms, key, run) => work.keep(key, run),
      status: (message) => work.status(message),
    };
  }

  #errorOf(error: unknown, work: TaskWork, tool: TaskTool): RpcErrorObject {
    if (error instanceof RpcError) {
      const { rpcCode: code, message, data } = error;
      return data === undefined ? { code, message } : { code, message, data };
    }
    if (!work.stopped) this.#parts.facts.report(toWireError(error, `The handler of ${tool.name}`));
    return { code: RpcCode.InternalError, message: "Internal error" };
  }

  /** Tells the connection that made the task of its changes, for as long as it is there (TASK-42). */
  #tell(record: TaskRecord, era: HandlerEra, form: TaskForm): void {
    let told = standingOf(record);
    const stop = this.#runner.store.watch(record.id, (now) => {
      if (now === undefined || isFinal(now.status)) stop();
      if (now === undefined || standingOf(now) === told) return;
      told = standingOf(now);
      try {
        form.tell(era, now);
      } catch (error) {
        stop();
        const wrong = untold(error, "the status of a task");
        if (wrong !== undefined) this.#parts.facts.report(wrong);
      }
    });
  }

  async answer(method: string, given: unknown, ctx: CallContext): Promise<unknown> {
    const form = taskFormOf(ctx.revision);
    if (form?.methods.includes(method) !== true) throw unknownMethod(method);
    if (method === "tasks/list") return await this.#list(given as Params, ctx, form);
    const task = await this.#runner.get((given as Params)?.taskId, principalOf(ctx.origin));
    switch (method) {
      case "tasks/cancel": {
        const { record, ended } = await this.#runner.cancel(task.id);
        return form.cancelled(record, ended);
      }
      case "tasks/update": {
        const values = fittingResponses(task, ctx.revision, given);
        const answers = Object.entries(values).map(([key, value]) => [key, { value }] as const);
        await this.#runner.answer(task.id, Object.fromEntries(answers));
        return {};
      }
      case "tasks/result":
        return fetched(await this.#waiters.untilFinal(task.id, ctx.signal, (asked) => carry(asked, task.id, ctx)));
      default:
        return form.shown(task);
    }
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
    const found = await Promise.all(watchedIds(given, terms).map((id) => store.get(id)));
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
    let told = "";
    const look = (task: TaskRecord | undefined): void => {
      if (task === undefined || isFinal(task.status)) stop();
      if (task === undefined || standingOf(task) === told) return;
      told = standingOf(task);
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
    Promise.resolve(store.get(id)).then(look, failed);
    return stop;
  }
}

/** What of a task its listeners are told of. */
function standingOf({ status, statusMessage, questions }: TaskRecord): string {
  return JSON.stringify([status, statusMessage, Object.keys(questions)]);
}
