/**
 * Answers of a client as tasks that it runs: the server gets an id at once, and the answer when there is one. Loaded with the first
 * question that is asked so. Requirements TASK-01 to TASK-06, TASK-15 to TASK-48, in the direction from server to client.
 */

import { type McpWireError, RpcError, toWireError } from "../errors.js";
import type { Stoppable } from "../jsonrpc/incoming.js";
import { RpcCode, type RpcErrorObject } from "../jsonrpc/message.js";
import type { AnswerTask, AnswerTasks } from "../protocol/era.js";
import { described, fetched } from "../protocol/stateful/task-words.js";
import { isFinal } from "../protocol/task-facts.js";
import type { TaskOutcome } from "../protocol/task-form.js";
import type { TaskRecord } from "../tasks/contract.js";
import { TaskRunner } from "../tasks/runner.js";
import type { TaskWork } from "../tasks/running.js";
import { createMemoryTaskStore } from "../tasks/store-memory.js";
import { Waiters } from "../tasks/waiting.js";
import type { AnswerTaskOptions } from "./answers.js";

/** All tasks of a client are in one list: it has one server. */
const OWNER = "server";
const PAGE = 100;

export interface OwnTasks extends AnswerTasks {
  /** Stops what is worked on. */
  close(): Promise<void>;
}

export function createOwnTasks(options: AnswerTaskOptions, report: (error: McpWireError) => void): OwnTasks {
  return new ClientTasks(options, report);
}

class ClientTasks implements OwnTasks {
  readonly #runner: TaskRunner;
  readonly #waiters: Waiters;
  readonly #report: (error: McpWireError) => void;

  constructor(options: AnswerTaskOptions, report: (error: McpWireError) => void) {
    const { ttlMs = 3_600_000, maxTtlMs = 86_400_000, pollMs = 500, maxTasks = 1_000 } = options;
    this.#report = report;
    this.#runner = new TaskRunner({
      store: createMemoryTaskStore({ maxTasks, maxTasksPerOwner: maxTasks }),
      shared: false,
      ttlMs,
      maxTtlMs,
      pollMs,
      // Nobody else could take a task over.
      leaseMs: 30_000,
      resume: () => undefined,
      report,
    });
    this.#waiters = new Waiters(this.#runner);
  }

  async start(task: AnswerTask): Promise<object> {
    const { method, params, revision } = task;
    const { ttl } = (params as { readonly task: { readonly ttl?: unknown } }).task;
    const record = await this.#runner.start(
      {
        principal: null,
        owner: OWNER,
        method,
        params,
        client: { revision, capabilities: {} },
        lifetime: typeof ttl === "number" ? ttl : undefined,
        restartable: false,
      },
      {
        begin: (work) =>
          void this.#perform(work, task).then(
            (outcome) => work.end(outcome),
            (error: unknown) => work.fail(error),
          ),
      },
    );
    this.#tell(record, task);
    return { task: described(record) };
  }

  async answer(method: string, params: unknown, signal: AbortSignal): Promise<object> {
    if (method === "tasks/list") return await this.#list((params as { readonly cursor?: string } | undefined)?.cursor);
    const { taskId } = params as { readonly taskId: string };
    if (method === "tasks/result") {
      const whenStopped = (waiter: Stoppable): void =>
        signal.addEventListener("abort", () => waiter.stopped(signal.reason), { once: true });
      const wait = { principal: null, whenStopped, carry: askNothing, way: undefined };
      return await this.#waiters.untilFinal(taskId, wait, fetched);
    }
    const task = await this.#runner.get(taskId, null);
    switch (method) {
      case "tasks/cancel": {
        const { record, ended } = await this.#runner.cancel(task.id);
        if (!ended) return described(record);
        throw new RpcError(RpcCode.InvalidParams, `The task has ended already: it is ${record.status}.`);
      }
      default:
        return described(task);
    }
  }

  close(): Promise<void> {
    return this.#runner.close();
  }

  /** What the plain request would have been answered with (TASK-32). */
  async #perform(work: TaskWork, task: AnswerTask): Promise<TaskOutcome> {
    try {
      const result = await task.run({
        get signal() {
          return work.signal;
        },
      });
      return { result: JSON.parse(JSON.stringify(result)) as object };
    } catch (error) {
      return { error: this.#errorOf(error, work) };
    }
  }

  #errorOf(error: unknown, { stopped, record }: TaskWork): RpcErrorObject {
    if (error instanceof RpcError) {
      const { rpcCode: code, message, data } = error;
      return data === undefined ? { code, message } : { code, message, data };
    }
    if (!stopped) this.#report(toWireError(error, `The answer to ${record.method}`));
    return { code: RpcCode.InternalError, message: "Internal error" };
  }

  async #list(cursor: string | undefined): Promise<object> {
    const page = await this.#runner.store.list(OWNER, cursor, PAGE);
    if (page === undefined) throw new RpcError(RpcCode.InvalidParams, "Invalid cursor. Begin again without one.");
    const { tasks, nextCursor } = page;
    return { tasks: tasks.map(described), ...(nextCursor === undefined ? {} : { nextCursor }) };
  }

  /** Tells the server of each change, for as long as it is there (TASK-42). */
  #tell({ id }: TaskRecord, task: AnswerTask): void {
    const stop = this.#runner.store.watch(id, (now) => {
      if (now === undefined || isFinal(now.status)) stop();
      if (now === undefined) return;
      try {
        task.tell("notifications/tasks/status", described(now));
      } catch (error) {
        stop();
        const wrong = toWireError(error, "Telling of a task");
        if (wrong.code !== "CLOSED") this.#report(wrong);
      }
    });
  }
}

/** An answer asks nothing of who wants it. */
async function askNothing(): Promise<undefined> {
  return undefined;
}
