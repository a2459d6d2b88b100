/**
 * The two contracts that hide which era is spoken: how a server takes requests and gives answers, and how a client does the
 * opposite. Everything above the protocol talks to these. ARCHITECTURE sections 1 and 5.
 */

import type { MethodEntry } from "../../generated/method-table.js";
import type { ServerRequests } from "../../generated/neutral/methods.js";
import type {
  ClientCapabilities,
  Implementation,
  LoggingLevel,
  ServerCapabilities,
} from "../../generated/neutral/types.js";
import type { Revision } from "../../generated/revisions.js";
import type { McpWireError } from "../errors.js";
import type { IncomingCall } from "../jsonrpc/incoming.js";
import type { RequestId } from "../jsonrpc/message.js";
import type { RequestOptions } from "../jsonrpc/sent-request.js";
import type { ParamHeader } from "./param-headers.js";
import type { Traits } from "./revision.js";

/** What a server may ask of the person or the model behind the client. */
export type AskMethod = "elicitation/create" | "roots/list" | "sampling/createMessage";

/** Under which terms one request is answered. */
export interface Terms {
  readonly revision: Revision;
  readonly traits: Traits;
  /** What the client says of itself: for display, never to decide anything by (LIFE-54). */
  readonly clientInfo: Implementation | undefined;
  readonly clientCapabilities: ClientCapabilities;
  /** The least severe level of log entries that this request may cause; none where it is absent. */
  readonly logLevel: LoggingLevel | undefined;
}

/** Something that happened to a server and that clients may have asked to hear of. */
export type ServerEvent =
  | { readonly type: "toolsChanged" | "promptsChanged" | "resourcesChanged" }
  | { readonly type: "resourceUpdated"; readonly uri: string };

/** What the eras need to know of the server they speak for; asked each time, since features come and go. */
export interface ServerFacts {
  readonly info: Implementation;
  readonly instructions: string | undefined;
  /** Whether results name the server in their `_meta` (LIFE-53). */
  readonly sendInfo: boolean;
  readonly cache: CacheHints;
  /** Without a revision, what all of them have. `origin` is what the transport knows of who asks. */
  capabilities(revision?: Revision, origin?: unknown): ServerCapabilities;
  /** Watches tasks for a subscription; absent where there are none. @throws RpcError where the request must not ask for it. */
  readonly watchTasks?: ((ids: unknown, terms: Terms, call: IncomingCall) => Promise<TaskWatch>) | undefined;
  /** The parameters of a request that headers mirror, beside those that every request of its method has. */
  paramHeaders(method: string, params: unknown): readonly ParamHeader[];
  report(error: McpWireError): void;
}

/** Tasks that a subscription hears of. */
export interface TaskWatch {
  /** The ids that were granted, as they are acknowledged. */
  readonly filter: object;
  /** Begins to tell, with this as the `_meta` of each notification; gives what ends that. */
  begin(meta: object): () => void;
}

/** How long a result stays fresh, and who may keep it (BASE-85 to BASE-98). */
export interface CacheHints {
  /** Milliseconds that the result stays fresh; 0 is stale at once. */
  readonly ttlMs: number;
  /** Who may keep it: this client alone, or whoever stands between and serves others too. */
  readonly cacheScope: "private" | "public";
}

/** The part of a peer that the eras use. */
export interface Link {
  request<T = unknown>(method: string, params?: unknown, options?: RequestOptions<T>): Promise<T>;
  notify(method: string, params?: unknown): Promise<void> | undefined;
}

/** The part of a client's peer that the eras use. */
export interface ClientLink extends Link {
  /** The id of the request that was sent last. */
  lastId(): RequestId;
}

/** Answers a request of the era's own, such as a handshake or a subscription. */
export type OwnHandler = (params: unknown, terms: Terms, call: IncomingCall) => unknown;

/** What a handler asks. */
export interface Question {
  readonly method: AskMethod;
  readonly params: unknown;
  /** Names the question, where the handler has a name for it. */
  readonly key: string | undefined;
  /** Makes of the params what goes out; loaded with the first question, since most servers ask none. */
  readonly write: WriteQuestion;
  /** Asks for the answer as a task of the client, where that can be; gives nothing where a plain request has to do. */
  readonly send?: SendQuestion | undefined;
}

/** What it takes to follow a task of the client. */
export interface QuestionWay {
  readonly terms: Terms;
  /** The request on whose behalf the question is asked. */
  readonly call: IncomingCall;
  /** What says a thing that belongs to no request. */
  readonly link: Link;
  readonly row: MethodEntry;
  readonly method: string;
  readonly params: unknown;
  /** Hears of notifications of the client; gives what ends that. */
  hear(listener: NoticeListener): () => void;
}

export type NoticeListener = (method: string, params: unknown) => void;
export type SendQuestion = (way: QuestionWay) => Promise<unknown> | undefined;

/** @throws McpWireError where the revision has no way to ask it. */
export type WriteQuestion = (
  row: MethodEntry,
  method: string,
  params: unknown,
  terms: Terms,
  facts: ServerFacts,
) => unknown;

/** What a handler needs of an era. A task is an era of its own in this respect. */
export interface HandlerEra {
  /** Asks the client something on behalf of a request. */
  ask(terms: Terms, call: IncomingCall, question: Question): Promise<unknown>;
  /** Runs something whose effect must happen once, however often the handler runs for the same request. */
  keep(terms: Terms, key: string, run: () => unknown): Promise<unknown>;
  /** Says something that belongs to no request; absent where nothing does. */
  tell?(method: string, params: object): void;
  /** Takes a line for people on how the work stands; absent where nobody could look at it. */
  status?(message: string): void;
}

/** One connection as a server sees it. */
export interface ServerEra<T extends Terms = Terms> extends HandlerEra {
  /**
   * Lets a request in: finds the terms and checks the request against them. Gives a promise where the request brings a state to be opened.
   * @throws RpcError where the request is not to be answered.
   */
  admit(method: string, params: unknown, call: IncomingCall): T | Promise<T>;
  /** The handler of a method that belongs to the era itself. */
  own(method: string): OwnHandler | undefined;
  /** Asks the client something on behalf of a request. */
  ask(terms: T, call: IncomingCall, question: Question): Promise<unknown>;
  /** Runs something whose effect must happen once, however often the handler runs for the same request. */
  keep(terms: T, key: string, run: () => unknown): Promise<unknown>;
  /** Makes of a handler's outcome (a value or the promise of one) what goes on the wire. */
  seal(terms: T, method: string, params: unknown, outcome: unknown): unknown;
  /** Makes of what a handler threw the error for the wire, or the promise of it. */
  refuse(terms: T, method: string, error: unknown): unknown;
  /** Tells the client of an event, if it asked to hear of it. */
  publish(event: ServerEvent): void;
  /** Takes a notification of the client. */
  notice(method: string, params: unknown): void;
  /** Ends what the client listens to, in an orderly way, before the connection is closed. */
  end(): void;
}

/** What a client learned of the server. Self-reported, and with every unknown member kept. */
export interface PeerFacts {
  /** The revision that is spoken. */
  readonly revision: Revision;
  /** What the server offers. */
  readonly serverCapabilities: ServerCapabilities;
  /** What the server says of itself: for display, never to decide anything by. */
  readonly serverInfo: Implementation | undefined;
  /** A hint for the model on how to use the server. */
  readonly instructions: string | undefined;
}

/** What a subscription wants to hear of, or was granted. */
export interface ListenFilter {
  /** Changes of the list of tools. */
  readonly tools?: boolean;
  /** Changes of the list of prompts. */
  readonly prompts?: boolean;
  /** Changes of the lists of resources and templates. */
  readonly resources?: boolean;
  /** Resources whose changes are wanted. */
  readonly uris?: readonly string[];
}

/** What a session agreed on, for a node on which it did not begin. */
export interface SessionState {
  /** The revision agreed on. */
  readonly revision: Revision;
  /** Whether the client said that it is ready. */
  readonly operating: boolean;
  /** What the client says of itself. */
  readonly client?: Implementation;
  readonly capabilities: ClientCapabilities;
  /** The least severe level of log entries that the client wants. */
  readonly logLevel?: LoggingLevel;
  /** Resources whose changes the client wants to hear of. */
  readonly subscribed: readonly string[];
}

/** A subscription that the server has agreed to. */
export interface Listening {
  /** What the server agreed to. */
  readonly agreed: ListenFilter;
  /** Resolves when no more events will come, whoever ended it; with the error that ended it, if one did. */
  readonly ended: Promise<McpWireError | undefined>;
  /** Ends it; nothing more is heard. */
  close(): Promise<void>;
}

/** A client's answers to what servers ask. */
export type Answers = {
  readonly [M in AskMethod]?: (params: ServerRequests[M]["params"], how: AnswerContext) => unknown;
};

/** What an answer may want to know. */
export interface AnswerContext {
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Who asks, as the server says of itself: show it to the person (ELIC-47), and trust it no further. */
  readonly server: Implementation | undefined;
}

/** A question whose answer the server wants as a task of the client. */
export interface AnswerTask {
  readonly method: string;
  readonly params: unknown;
  readonly revision: Revision;
  /** Gives the answer. */
  run(how: { readonly signal: AbortSignal }): unknown;
  /** Tells the server of a change. */
  tell(method: string, params: object): void;
}

/** A client's answers as tasks of its own (TASK-03). */
export interface AnswerTasks {
  /** Begins the task; the result of the request that asked for it. */
  start(task: AnswerTask): Promise<object>;
  /** Answers a method about tasks. */
  answer(method: string, params: unknown, signal: AbortSignal): Promise<object>;
}

/** How one request is sent, as far as the era cares. */
export interface SealOptions {
  /** Level of the log entries wanted for this request. */
  readonly logLevel?: LoggingLevel | undefined;
}

/** What the client era needs of the client. */
export interface ClientFacts {
  readonly info: Implementation;
  /** Whether requests name the client (LIFE-44). */
  readonly sendInfo: boolean;
  readonly capabilities: ClientCapabilities;
  readonly answers: Answers;
  /** Whether the server may make tasks of calls, where clients say so with each. */
  readonly tasks: boolean;
  /** Answers as tasks; absent where the client takes none. */
  readonly answerTasks?: AnswerTasks | undefined;
  /** How many times a server may ask for input during one request. */
  readonly maxRounds: number;
  /** Whether lists are delivered without their malformed items, and what fits a newer revision only is taken. */
  readonly dropMalformed: boolean;
  report(error: McpWireError): void;
  onevent(event: ServerEvent): void;
}

/** Sends one more round of a request. */
export type Resend = (params: unknown) => Promise<unknown>;

/** One connection as a client sees it. */
export interface ClientEra {
  /** Completes the opening; afterwards `peer` says who is there. @throws McpWireError where the sides have no revision in common. */
  open(): Promise<PeerFacts>;
  /** The params as they go on the wire. */
  seal(method: string, params: unknown, options: SealOptions): unknown;
  /**
   * Reads a result: the value, or the promise of it where the server wants input first.
   * @throws MessageError where the result does not fit.
   */
  read(method: string, params: unknown, result: unknown, resend: Resend, signal: AbortSignal | undefined): unknown;
  /** Whether what was read as the result of a call is a task, and not what the tool answers. */
  isTask(params: unknown, result: unknown): boolean;
  /** Whether giving a request up is told to the server by notification. */
  cancel(method: string): boolean;
  /** Begins to hear of events. */
  listen(filter: ListenFilter, onevent: (event: ServerEvent) => void): Promise<Listening>;
  /** Answers a question that stands in a result or in a task; absent where questions come as requests. */
  answerInput?(method: string, params: unknown, signal: AbortSignal): Promise<unknown>;
  /** Answers a request of the server; absent where servers send none and responses must not be sent (LIFE-62, STDIO-16). */
  answer?(method: string, params: unknown, call: IncomingCall): unknown;
  /** Takes a notification of the server; false where it was none that may come. */
  notice(method: string, params: unknown): boolean;
  /** The connection is gone: ends what listens and is no request, and questions to the person that nobody needs answered any more. */
  end?(reason: McpWireError | undefined): void;
}
