/**
 * One call of a tool as a task: the work, and the call and the era that its handler sees once the request was answered. One object for all
 * of it, since tasks come by the thousand and wait: what is alive meanwhile is what they cost. Requirements TASK-32, TASK-42, TASK-52.
 */

import type { MethodEntry } from "../../generated/method-table.js";
import { McpWireError, RpcError, toWireError } from "../errors.js";
import { type IncomingCall, isThenable } from "../jsonrpc/incoming.js";
import { type RequestId, RpcCode, type RpcErrorObject } from "../jsonrpc/message.js";
import type { HandlerEra, Question, Terms } from "../protocol/era.js";
import { signalWords } from "../protocol/meta.js";
import { checkOutgoing, unanswered } from "../protocol/sealing.js";
import { untold } from "../protocol/stateful/tasks.js";
import { isFinal, offeredRow } from "../protocol/task-facts.js";
import type { TaskForm } from "../protocol/task-form.js";
import type { Checked } from "../schema/json-schema.js";
import { after } from "../tasks/awaitable.js";
import type { TaskRecord } from "../tasks/contract.js";
import type { TaskWork, Work } from "../tasks/running.js";
import type { Waiters } from "../tasks/waiting.js";
import { copyJson } from "../transport/json-copy.js";
import { type Entry, RequestContext } from "./context.js";
import type { TaskParts, TaskTool } from "./task-ends.js";
import { originAfter } from "./task-owner.js";

/** What all tasks of a server share. */
export interface RunParts extends TaskParts {
  readonly waiters: Waiters;
}

export class TaskRun implements Work, IncomingCall, HandlerEra {
  readonly #parts: RunParts;
  readonly #tool: TaskTool;
  readonly #form: TaskForm;
  readonly #terms: Terms;
  /** The connection that made the task, where it hears of it; absent where that was in another process. */
  readonly #era: HandlerEra | undefined;
  readonly #callId: RequestId | undefined;
  readonly #origin: unknown;
  /** The arguments; absent where they are still to be checked. */
  #checked: Checked | undefined;
  #task: TaskWork | undefined = undefined;
  /** The record that the connection heard of last, or will hear of otherwise; none once it cannot hear of any more. */
  #told: TaskRecord | "nothing more" | undefined = undefined;
  #over = false;

  constructor(
    parts: RunParts,
    tool: TaskTool,
    form: TaskForm,
    terms: Terms,
    entry: Entry | undefined,
    checked?: Checked,
  ) {
    this.#parts = parts;
    this.#tool = tool;
    this.#form = form;
    this.#terms = terms;
    this.#era = form.promisesTask ? entry?.era : undefined;
    this.#callId = entry?.call.id;
    this.#origin = entry?.call.origin;
    this.#checked = checked;
  }

  /** Runs the tool, and ends the task with what the plain call would have been answered with (TASK-32). */
  begin(task: TaskWork): void {
    this.#task = task;
    const checked = this.#checked ?? this.#tool.check(argumentsOf(task.record));
    // They are the handler's now.
    this.#checked = undefined;
    const value = after(checked, (known) => this.#run(known, task));
    // Written without `await`: while a handler waits, the frame of an async function would be half of what its task needs.
    if (isThenable(value))
      value.then(
        (answer) => this.#succeed(answer as object),
        (error: unknown) => this.#fail(error),
      );
    else this.#succeed(value as object);
  }

  #run(checked: Checked, task: TaskWork): unknown {
    try {
      return this.#tool.run(checked, new RequestContext(this, this.#terms, this, this.#parts, task.record.params));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #succeed(value: object): void {
    const { facts } = this.#parts;
    let result: object;
    try {
      const { method } = this;
      result = this.#form.sealed(value);
      checkOutgoing(offeredRow(this.#terms.revision, method, facts) as MethodEntry, method, result, facts);
      // What the handler does to its objects later is not the task's any more.
      result = copyJson(result) as object;
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#over = true;
    this.#begun.end({ result });
  }

  #fail(thrown: unknown): void {
    this.#over = true;
    try {
      this.#begun.end({ error: this.#errorOf(this.#form.refused(this.method, thrown, this.#parts.facts)) });
    } catch (error) {
      this.#begun.fail(error);
    }
  }

  #errorOf(error: unknown): RpcErrorObject {
    if (error instanceof RpcError) {
      const { rpcCode: code, message, data } = error;
      return data === undefined ? { code, message } : { code, message, data };
    }
    if (!this.#begun.stopped) this.#parts.facts.report(toWireError(error, `The handler of ${this.#tool.name}`));
    return { code: RpcCode.InternalError, message: "Internal error" };
  }

  /**
   * Tells the connection that made the task of its changes, for as long as it is there (TASK-42). How it ended goes to who waits for that
   * by the same connection without it.
   */
  told(task: TaskWork, now: TaskRecord | undefined): void {
    const era = this.#era;
    if (now === undefined || era === undefined || this.#told === "nothing more") return;
    if (isSame(this.#told ?? task.record, now)) return;
    this.#told = now;
    if (isFinal(now.status) && this.#parts.waiters.hasWaiter(now.id, era)) return;
    try {
      this.#form.tell(era, now);
    } catch (error) {
      this.#told = "nothing more";
      const wrong = untold(error, "the status of a task");
      if (wrong !== undefined) this.#parts.facts.report(wrong);
    }
  }

  get #begun(): TaskWork {
    return this.#task as TaskWork;
  }

  get id(): RequestId {
    return this.#callId ?? this.#begun.id;
  }
  get method(): string {
    return this.#begun.record.method;
  }
  get origin(): unknown {
    return this.#callId === undefined ? originAfter(this.#begun.record.principal) : this.#origin;
  }
  get signal(): AbortSignal {
    return this.#begun.signal;
  }
  get cancelled(): boolean {
    return this.#begun.stopped;
  }

  progress(update: object): void {
    const token = this.#form.progressToken(this.#begun.record.params);
    const words = signalWords.progress;
    if (token !== undefined && words !== undefined) this.#say(words.method, words.write(token, update));
  }

  notify(method: string, params?: unknown): undefined {
    this.#say(method, (params ?? {}) as object);
    return undefined;
  }

  /** It was answered already. */
  detach(): boolean {
    return false;
  }

  request(method: string): Promise<never> {
    const problem = `${method} was not sent: a task asks through its record.`;
    return Promise.reject(new McpWireError("INVALID_USE", problem, "Ask by the methods of the context."));
  }

  async ask(terms: Terms, _call: IncomingCall, question: Question): Promise<unknown> {
    const { written } = this.#form.question(terms, question, this.#parts.facts);
    try {
      return await this.#begun.ask(question.method, written, question.key);
    } catch (error) {
      throw unanswered(question.method, error);
    }
  }

  keep(_terms: Terms, key: string, run: () => unknown): Promise<unknown> {
    return this.#begun.keep(key, run);
  }

  status(message: string): void {
    this.#begun.status(message);
  }

  /** Says something of the handler, until the task is over (TASK-52). */
  #say(method: string, params: object): void {
    const era = this.#era;
    if (this.#over || era === undefined || this.#begun.stopped) return;
    try {
      this.#form.say(era, this.#begun.id, method, params);
    } catch (error) {
      const wrong = toWireError(error, `Sending ${method}`);
      // The task goes on without the connection that it came by.
      if (wrong.code !== "CLOSED") this.#parts.facts.report(wrong);
    }
  }
}

/** Whether nothing changed that listeners are told of. */
export function isSame(told: TaskRecord | undefined, now: TaskRecord): boolean {
  if (told?.status !== now.status || told.statusMessage !== now.statusMessage) return false;
  return told.questions === now.questions || Object.keys(told.questions).join() === Object.keys(now.questions).join();
}

function argumentsOf({ params }: TaskRecord): unknown {
  return (params as { readonly arguments?: unknown } | undefined)?.arguments ?? {};
}
