/** What a handler is given beside its input: who asks, and ways to report, to log and to ask back. Written once for every revision. */

import type { ServerRequests } from "../../generated/neutral/methods.js";
import type {
  ClientCapabilities,
  CreateMessageRequestParams,
  CreateMessageResult,
  ElicitRequestFormParams,
  ElicitRequestURLParams,
  ElicitResult,
  Implementation,
  LoggingLevel,
  Root,
} from "../../generated/neutral/types.js";
import type { Revision } from "../../generated/revisions.js";
import { toWireError } from "../errors.js";
import type { IncomingCall } from "../jsonrpc/incoming.js";
import type { RequestId } from "../jsonrpc/message.js";
import type { AskMethod, HandlerEra, ServerFacts, Terms } from "../protocol/era.js";
import { reaches } from "../protocol/levels.js";
import { type Meta, metaOf } from "../protocol/meta.js";
import type { Traits } from "../protocol/revision.js";
import type { FormSchema, FormValues } from "../schema/form.js";
import type { HttpOrigin } from "../transport/http-exchange.js";
import type { AgentOptions, AgentResult } from "./agent-contract.js";
import type { ServerTools } from "./dispatch.js";
import type { QuestionHandle, QuestionTaskOptions } from "./question-contract.js";

/** How far a piece of work is (BASE-52). */
export interface ProgressUpdate {
  /** Grows with every report; in a unit of the handler's own. */
  readonly progress: number;
  /** What `progress` will be at the end, where that is known. */
  readonly total?: number;
  /** For people. */
  readonly message?: string;
}

/** How a question is asked. */
export interface AskOptions {
  /**
   * A name for the question: the handler's own, one for each question, and the same in every run. The client sees it where questions go
   * back as results, and may then answer under it before it was asked. Default: made of kind and params.
   */
  readonly key?: string;
  /**
   * Whether the client is asked to work on the answer as a task of its own, which is then waited for: in the revision that has those, and
   * where the client takes them; otherwise, and inside a task, the question is asked plainly. Default false.
   */
  readonly task?: boolean | QuestionTaskOptions;
}

/** `Omit` that leaves the other members of open types as they are. */
type Without<T, K extends PropertyKey> = { [P in keyof T as P extends K ? never : P]: T[P] };

/**
 * A form for the person: `message` says why, and `requestedSchema` is the form: of `Form.object`, of TypeBox's `Type.Object`, or written
 * out. Its fields are text, numbers, yes or no, and choices.
 */
export type FormQuestion<S extends FormSchema = FormSchema> = Without<
  ElicitRequestFormParams,
  "mode" | "task" | "requestedSchema"
> & { readonly requestedSchema: S };

/** What became of a form: values where the person accepted it, else a no or a form that was closed. */
export type FormOutcome<T> =
  | { readonly action: "accept"; readonly content: T }
  | { readonly action: "decline"; readonly content?: undefined }
  | { readonly action: "cancel"; readonly content?: undefined };

/** A page for the person: `message` and `url`. */
export type PageQuestion = Without<ElicitRequestURLParams, "mode" | "task">;

/** A page that the person has to be done at before a handler goes on. */
export interface PageToVisit {
  /** Why, for the person. */
  readonly message: string;
  /** Its address, or what makes it of the id of the visit: https, or this machine. It holds nothing that must not be read on the way. */
  readonly url: string | ((elicitationId: string) => string);
  /** Names the question in every run, as `key` of other questions does. Default: made of the place among the pages. */
  readonly key?: string;
  /** The id of the visit, the same in every run. Default: one at random. */
  readonly elicitationId?: string;
  /** Whether it is done already, by what the server has stored. Asked first, and while the handler waits. */
  readonly done?: () => boolean | Promise<boolean>;
}

/** How long a handler waits for a person at a page. */
export interface VisitOptions {
  /** Milliseconds until the person is asked again, where the client waits for the answer meanwhile. Default 25 000. */
  readonly waitMs?: number;
}

/** A question for the model: `messages`, `maxTokens`, and wishes such as `systemPrompt`. */
export type ModelQuestion = Without<CreateMessageRequestParams, "task">;

/** What a handler is given beside its input. */
export interface Context {
  /** The method of the request, such as `tools/call`. */
  readonly method: string;
  /** The id that the client gave the request. */
  readonly id: RequestId;
  /** The revision that the request is spoken in. */
  readonly revision: Revision;
  /** What the client says of itself, and what it can be asked. */
  readonly client: { readonly info: Implementation | undefined; readonly capabilities: ClientCapabilities };
  /**
   * The HTTP request around this one, with what `authenticate` found out; `undefined` over stdio and in process. A channel of your own gives
   * what it likes here.
   */
  readonly origin: HttpOrigin | undefined;
  /** The `_meta` of the request as it came; empty where there was none. `traceparent` and its like are passed on unchanged (BASE-30). */
  readonly meta: Meta;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Says how far the work is, if the client wants to know. A report that does not grow is dropped. */
  progress(update: ProgressUpdate): void;
  /** Says in a line for people how a task stands; does nothing for what is run as a plain call. */
  status(message: string): void;
  /** Logs to the client, if it wants entries of this level and the server offers them. `logger` names a part of the server. */
  log(level: LoggingLevel, data: unknown, logger?: string): void;
  /**
   * Lets the client come back for the answer after `retryMs` milliseconds, instead of holding a connection open for long work: ends the
   * stream of this request where transport and revision can resume it (SEP-1699). Gives false where they cannot.
   */
  disconnect(retryMs?: number): boolean;
  /**
   * Asks the person behind the client to fill in a form. An accepted answer was checked against the form, and has its type.
   * @throws McpWireError `NOT_DECLARED`, `ASK_REFUSED`, `INVALID_USE`; RpcError −32021 in revisions without questions as requests.
   */
  elicit<const S extends FormSchema>(form: FormQuestion<S>, how?: AskOptions): Promise<FormOutcome<FormValues<S>>>;
  /** Asks the person to visit a page. That they agree does not mean that they are done there (ELIC-18). */
  elicitUrl(page: PageQuestion, how?: AskOptions): Promise<ElicitResult>;
  /**
   * Lets the handler go on when the person is done at each of the pages, as `done` or `server.completeElicitation` says. Call it before
   * effects: the handler may run again from its beginning. In the revision that has an error for it, the request is answered with that
   * error, and the client calls again; in later ones and in tasks the pages are questions, and the handler waits.
   * @throws McpWireError `ASK_REFUSED` where the person does not agree, `NOT_DECLARED`, `INVALID_USE`; RpcError −32042, to be sent, or −32021.
   */
  requireUrl(pages: readonly PageToVisit[], how?: VisitOptions): Promise<void>;
  /** Asks the client's model. An answer that does not keep to `toolChoice` is refused. Throws as `elicit` does. */
  sample(params: ModelQuestion, how?: AskOptions): Promise<CreateMessageResult>;
  /**
   * Asks with a form as `elicit` does, as a task of the client, and gives what follows the task; where there is none, once the question was
   * answered. Throws as `elicit` does.
   */
  startElicit<const S extends FormSchema>(
    form: FormQuestion<S>,
    how?: AskOptions,
  ): Promise<QuestionHandle<FormOutcome<FormValues<S>>>>;
  /** Asks the model as `sample` does, in the way of `startElicit`. */
  startSample(params: ModelQuestion, how?: AskOptions): Promise<QuestionHandle<CreateMessageResult>>;
  /**
   * Lets the client's model work with tools of this server until it has an answer: asks, runs the tools it wishes for, tells it what came
   * of them, and asks again. A tool runs once for each wish, however often the handler runs.
   * @throws McpWireError as `sample` does.
   */
  agent(options: AgentOptions): Promise<AgentResult>;
  /** Asks for the directories that the client works in. Throws as `elicit` does. */
  roots(how?: AskOptions): Promise<readonly Root[]>;
  /**
   * Runs an effect once for this request, however often this is called, and although the handler may run again after a question. The value
   * has to be JSON (or nothing), since it may travel with the client between the runs. Keys are the handler's own. What threw is run again.
   * @throws McpWireError `INVALID_USE` for a value that is no JSON, in revisions where it travels.
   */
  once<T>(key: string, run: () => T | Promise<T>): Promise<T>;
}

type Questions = typeof import("./questions.js");

let questions: Questions | undefined;
let loading: Promise<Questions> | undefined;

/** Questions that start together wait for this together, and so go out together. */
function loadQuestions(): Questions | Promise<Questions> {
  loading ??= import("./questions.js").then((loaded) => {
    questions = loaded;
    return loaded;
  });
  return questions ?? loading;
}

const NO_META: Meta = Object.freeze({});

/** The context as the methods of the server see it, who know how the request is spoken. */
export interface CallContext extends Context {
  readonly terms: Terms;
  readonly traits: Traits;
  /** Where the request came in; absent where the server itself calls, as agents do. */
  readonly entry?: Entry;
}

/** The way back to the client that a request came by. */
export interface Entry {
  readonly era: HandlerEra;
  readonly call: IncomingCall;
}

/** What all contexts of a server share. */
export interface ContextParts {
  readonly facts: ServerFacts;
  /** The tools of the server, for agents. */
  readonly tools: ServerTools;
}

/** The context of one request. */
export class RequestContext implements CallContext {
  readonly terms: Terms;
  readonly #era: HandlerEra;
  readonly #call: IncomingCall;
  readonly #parts: ContextParts;
  readonly #params: unknown;
  #progress = Number.NEGATIVE_INFINITY;
  #agents = 0;

  constructor(era: HandlerEra, terms: Terms, call: IncomingCall, parts: ContextParts, params: unknown) {
    this.terms = terms;
    this.#era = era;
    this.#call = call;
    this.#parts = parts;
    this.#params = params;
  }

  get entry(): Entry {
    return { era: this.#era, call: this.#call };
  }
  get method(): string {
    return this.#call.method;
  }
  get id(): RequestId {
    return this.#call.id;
  }
  get revision(): Revision {
    return this.terms.revision;
  }
  get traits(): Traits {
    return this.terms.traits;
  }
  get client(): Context["client"] {
    return { info: this.terms.clientInfo, capabilities: this.terms.clientCapabilities };
  }
  get origin(): HttpOrigin | undefined {
    return this.#call.origin as HttpOrigin | undefined;
  }
  get meta(): Meta {
    return metaOf(this.#params) ?? NO_META;
  }
  get signal(): AbortSignal {
    return this.#call.signal;
  }

  progress(update: ProgressUpdate): void {
    if (!(update.progress > this.#progress)) return;
    this.#progress = update.progress;
    this.#call.progress(update);
  }

  status(message: string): void {
    this.#era.status?.(message);
  }

  log(level: LoggingLevel, data: unknown, logger?: string): void {
    // Entries may only come from servers that offer them (LOG-01).
    if (!reaches(level, this.terms.logLevel) || this.#parts.facts.capabilities().logging === undefined) return;
    const entry = logger === undefined ? { level, data } : { level, data, logger };
    try {
      this.#call.notify("notifications/message", entry);
    } catch (error) {
      // A log entry that cannot be sent must not fail the work.
      this.#parts.facts.report(toWireError(error, "Logging to the client"));
    }
  }

  disconnect(retryMs?: number): boolean {
    return this.#call.detach(retryMs);
  }

  async elicit<const S extends FormSchema>(
    form: FormQuestion<S>,
    how?: AskOptions,
  ): Promise<FormOutcome<FormValues<S>>> {
    const answer = await this.#ask("elicitation/create", form as unknown as ElicitRequestFormParams, how);
    return (await loadQuestions()).readForm(form.requestedSchema, answer);
  }

  elicitUrl(page: PageQuestion, how?: AskOptions): Promise<ElicitResult> {
    return this.#ask("elicitation/create", { ...page, mode: "url" } as ElicitRequestURLParams, how);
  }

  async requireUrl(pages: readonly PageToVisit[], how: VisitOptions = {}): Promise<void> {
    const { requireUrl } = await loadQuestions();
    await requireUrl(this, this.#parts.facts, pages, how);
  }

  async sample(params: ModelQuestion, how?: AskOptions): Promise<CreateMessageResult> {
    const asked = params as CreateMessageRequestParams;
    const answer = await this.#ask("sampling/createMessage", asked, how);
    return (await loadQuestions()).readSample(asked, answer);
  }

  async startElicit<const S extends FormSchema>(
    form: FormQuestion<S>,
    how?: AskOptions,
  ): Promise<QuestionHandle<FormOutcome<FormValues<S>>>> {
    return (await loadQuestions()).startQuestion(how, (wish) => this.elicit(form, wish));
  }

  async startSample(params: ModelQuestion, how?: AskOptions): Promise<QuestionHandle<CreateMessageResult>> {
    return (await loadQuestions()).startQuestion(how, (wish) => this.sample(params, wish));
  }

  async agent(options: AgentOptions): Promise<AgentResult> {
    // Counted before anything is waited for: agents that start together have the same names in every run.
    const key = options.key ?? `agent-${++this.#agents}`;
    const { runAgent } = await import("./agent.js");
    return await runAgent(this, this.#parts, key, options);
  }

  async roots(how?: AskOptions): Promise<readonly Root[]> {
    return (await this.#ask("roots/list", undefined, how)).roots;
  }

  async once<T>(key: string, run: () => T | Promise<T>): Promise<T> {
    return (await loadQuestions()).runOnce(this, this.#era, key, run) as Promise<T>;
  }

  async #ask<M extends AskMethod>(
    method: M,
    params: ServerRequests[M]["params"],
    how: AskOptions | undefined,
  ): Promise<ServerRequests[M]["result"]> {
    const question = (await loadQuestions()).questionOf(this.#era, method, params, how);
    return (await this.#era.ask(this.terms, this.#call, question)) as ServerRequests[M]["result"];
  }
}
