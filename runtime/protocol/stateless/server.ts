/**
 * The server's side of the stateless era: every request brings its own revision and capabilities, questions go back as results, and
 * events flow only to who listens. Versioning, multi round-trip requests and subscriptions; LIFE-43 to LIFE-65, MRTR-*, SUB-*.
 */

import type { MethodEntry } from "../../../generated/method-table.js";
import type {
  ClientCapabilities,
  Implementation,
  InputResponseRequestParams,
  LoggingLevel,
  SubscriptionFilter,
} from "../../../generated/neutral/types.js";
import { type Revision, tables } from "../../../generated/revisions.js";
import { RpcError } from "../../errors.js";
import { type IncomingCall, isThenable } from "../../jsonrpc/incoming.js";
import { type RequestId, RpcCode } from "../../jsonrpc/message.js";
import { asCapabilities, capabilitiesIn, clientDeclares, neededFor } from "../capabilities.js";
import { isObject } from "../envelope.js";
import type {
  ListenFilter,
  OwnHandler,
  Question,
  ServerEra,
  ServerEvent,
  ServerFacts,
  TaskWatch,
  Terms,
} from "../era.js";
import { concerns, noticeOf } from "../events.js";
import { checkRequest } from "../fit.js";
import { type Meta, MetaKey, metaOf } from "../meta.js";
import { methodsFrom, type Traits, traitsOf } from "../revision.js";
import { checkOutgoing } from "../sealing.js";
import { offeredRow } from "../task-facts.js";
import { StatelessCode } from "./codes.js";
import { filterOf, grant } from "./grants.js";
import { needExtension, undeclared, withoutReserved } from "./refusals.js";
import type { Rounds, Suspend } from "./rounds.js";
import type { Memory, Sealer } from "./state.js";

export interface StatelessServer extends ServerEra<Request> {
  /** Whether a request other than a probe was let in. */
  readonly used: boolean;
}

/** What the eras of one connection share. */
export interface StatelessParts {
  readonly served: readonly Revision[];
  /** Revisions of every era, to be named to clients that ask for another. */
  readonly supported: readonly Revision[];
  readonly facts: ServerFacts;
  readonly sealer: () => Promise<Sealer>;
}

export function createStatelessServer(parts: StatelessParts): StatelessServer {
  return new Stateless(parts);
}

/** The terms of one request; most requests never need its rounds. */
class Request implements Terms {
  /** Ends the round; set once the handler has to be waited for. */
  onsuspend: Suspend | undefined = undefined;
  #rounds: Rounds | undefined = undefined;
  readonly revision: Revision;
  readonly #meta: Meta;
  readonly memory: Memory | undefined;
  /** As they came: handlers may change theirs, and a retry comes with these. */
  readonly params: InputResponseRequestParams;

  readonly origin: unknown;

  constructor(revision: Revision, meta: Meta, origin: unknown, memory: Memory | undefined, params: unknown) {
    this.revision = revision;
    this.origin = origin;
    this.#meta = meta;
    this.memory = memory;
    this.params = params as InputResponseRequestParams;
  }

  get traits(): Traits {
    return traitsOf(this.revision);
  }
  get clientInfo(): Implementation | undefined {
    return this.#meta[MetaKey.clientInfo] as Implementation | undefined;
  }
  get clientCapabilities(): ClientCapabilities {
    return this.#meta[MetaKey.clientCapabilities] as ClientCapabilities;
  }
  get logLevel(): LoggingLevel | undefined {
    return this.#meta[MetaKey.logLevel] as LoggingLevel | undefined;
  }
  /** Made when the handler first asks or keeps something. */
  async needRounds(): Promise<Rounds> {
    const make = makeRounds ?? (await loadRounds());
    this.#rounds ??= make(this.memory, this.params.inputResponses, (requests, memory) =>
      this.onsuspend?.(requests, memory),
    );
    return this.#rounds;
  }
}

type MakeRounds = (...given: ConstructorParameters<typeof Rounds>) => Rounds;

let makeRounds: MakeRounds | undefined;

/** Loaded when a handler first asks or keeps something: most never do. */
async function loadRounds(): Promise<MakeRounds> {
  const { Rounds } = await import("./rounds.js");
  makeRounds = (...given) => new Rounds(...given);
  return makeRounds;
}

interface Listener {
  readonly call: IncomingCall;
  readonly filter: ListenFilter;
  finish(result: unknown): void;
}

class Stateless implements StatelessServer {
  used = false;
  readonly #parts: StatelessParts;
  #listeners: Map<RequestId, Listener> | undefined = undefined;
  #info: { readonly [key: string]: unknown } | undefined = undefined;

  constructor(parts: StatelessParts) {
    this.#parts = parts;
  }

  admit(method: string, params: unknown, call: IncomingCall): Request | Promise<Request> {
    const meta = metaOf(params);
    const version = meta?.[MetaKey.protocolVersion];
    if (meta === undefined || typeof version !== "string") {
      const failure = {
        pointer: `/params/_meta/${MetaKey.protocolVersion.replace("/", "~1")}`,
        expected: "string",
        actual: "missing",
      };
      const { supported } = this.#parts;
      const message = `${method} names no protocol version in _meta, and there was no initialize. Served are ${supported.join(", ")}.`;
      throw new RpcError(RpcCode.InvalidParams, message, { failures: [failure], supported });
    }
    const revision = this.#parts.served.find((served) => served === version);
    if (revision === undefined) {
      const { supported } = this.#parts;
      const message = `Unsupported protocol version ${version}. Served are ${supported.join(", ")}.`;
      throw new RpcError(StatelessCode.UnsupportedVersion, message, { supported, requested: version });
    }
    const row = offeredRow(revision, method, this.#parts.facts);
    // What is answered to a task is judged by the task's own questions: answers to others are ignored (XTASK-30).
    const answers = row?.extension !== undefined && isObject(params) && isObject(params.inputResponses);
    checkRequest(row, method, answers ? { ...params, inputResponses: {} } : params);
    if (row?.extension !== undefined)
      needExtension(row.extension, method, meta[MetaKey.clientCapabilities] as ClientCapabilities);
    if (method !== "server/discover") this.used = true;
    const asks = mayNeedInput(row);
    const { requestState, inputResponses } = params as InputResponseRequestParams;
    const own = asks && canBeAsked(meta) ? JSON.parse(JSON.stringify(params)) : params;
    const admitted = (memory?: Memory): Request => new Request(revision, meta, call.origin, memory, own);
    if (typeof requestState !== "string" || !asks) return admitted();
    return this.#memoryIn(requestState, inputResponses, params, revision, call).then(admitted);
  }

  own(method: string): OwnHandler | undefined {
    if (method === "server/discover") return (_params, terms) => this.#discover(terms);
    if (method === "subscriptions/listen") return (params, terms, call) => this.#listen(params, terms, call);
    return undefined;
  }

  async ask(terms: Request, _call: IncomingCall, question: Question): Promise<unknown> {
    const { row, written } = prepareQuestion(terms, question, this.#parts.facts);
    const rounds = await terms.needRounds();
    return await rounds.ask(row, question.method, written, question.key);
  }

  async keep(terms: Request, key: string, run: () => unknown): Promise<unknown> {
    const rounds = await terms.needRounds();
    return await rounds.keep(key, run);
  }

  seal(terms: Request, method: string, _params: unknown, outcome: unknown): unknown {
    if (!isThenable(outcome)) return this.#complete(terms, method, outcome);
    const row = methodsFrom(terms.revision, "client").get(method);
    const refuse = (error: unknown): never => {
      throw this.refuse(terms, method, error);
    };
    if (!mayNeedInput(row)) return outcome.then((value) => this.#complete(terms, method, value), refuse);
    return new Promise((resolve, reject) => {
      outcome.then((value) => resolve(this.#complete(terms, method, value)), refuse).then(undefined, reject);
      terms.onsuspend = (inputRequests, memory) => {
        const ask = ({ seal }: Sealer): void => {
          const requestState = seal(memory, { method, params: terms.params, origin: terms.origin });
          resolve({ resultType: "input_required", inputRequests, requestState, ...this.#infoMeta(undefined) });
        };
        this.#parts.sealer().then(ask).then(undefined, reject);
      };
    });
  }

  refuse(_terms: Request, method: string, error: unknown): unknown {
    return withoutReserved(method, error, this.#parts.facts);
  }

  publish(event: ServerEvent): void {
    const { method, params } = noticeOf(event);
    for (const { call, filter } of this.#listeners?.values() ?? []) {
      if (concerns(event, filter)) call.notify(method, { ...params, _meta: { [MetaKey.subscriptionId]: call.id } });
    }
  }

  notice(): void {
    // The only notification of this era is the cancellation, which the peer took already.
  }

  end(): void {
    for (const listener of [...(this.#listeners?.values() ?? [])])
      listener.finish(subscriptionResult(listener.call.id));
  }

  #complete(terms: Request, method: string, value: unknown): unknown {
    const row = offeredRow(terms.revision, method, this.#parts.facts) as MethodEntry;
    const hints = row.cacheable === true ? this.#parts.facts.cache : undefined;
    const result = { resultType: "complete", ...hints, ...(value as object), ...this.#infoMeta(value) };
    checkOutgoing(row, method, result, this.#parts.facts);
    return result;
  }

  /** The member `_meta` with the server's name in it, where it sends its name. */
  #infoMeta(value: unknown): object | undefined {
    if (!this.#parts.facts.sendInfo) return undefined;
    this.#info ??= { [MetaKey.serverInfo]: this.#parts.facts.info };
    const own = metaOf(value);
    return { _meta: own === undefined ? this.#info : { ...this.#info, ...own } };
  }

  async #memoryIn(
    requestState: string,
    responses: unknown,
    params: unknown,
    revision: Revision,
    { method, origin }: IncomingCall,
  ): Promise<Memory> {
    const [{ open }, { takeAnswers }] = await Promise.all([this.#parts.sealer(), import("./responses.js")]);
    const memory = open(requestState, { method, params, origin });
    return takeAnswers(memory, responses, new Map(Object.entries(tables[revision].methods)));
  }

  #discover(terms: Terms): object {
    const { facts, supported } = this.#parts;
    return {
      supportedVersions: supported,
      capabilities: capabilitiesIn(terms.revision, "server", facts.capabilities(terms.revision)),
      ...(facts.instructions === undefined ? {} : { instructions: facts.instructions }),
    };
  }

  #listen(params: unknown, terms: Terms, call: IncomingCall): Promise<unknown> {
    const wanted = (params as { notifications: SubscriptionFilter & { taskIds?: unknown } }).notifications;
    const watch =
      wanted.taskIds === undefined ? undefined : this.#parts.facts.watchTasks?.(wanted.taskIds, terms, call);
    return watch === undefined
      ? this.#open(wanted, terms, call)
      : watch.then((tasks) => this.#open(wanted, terms, call, tasks));
  }

  #open(wanted: SubscriptionFilter, terms: Terms, call: IncomingCall, tasks?: TaskWatch): Promise<unknown> {
    const granted = grant(wanted, capabilitiesIn(terms.revision, "server", this.#parts.facts.capabilities()));
    const listeners = this.#listeners ?? new Map<RequestId, Listener>();
    this.#listeners = listeners;
    return new Promise((resolve) => {
      let forget = (): void => undefined;
      const finish = (result: unknown): void => {
        forget();
        if (listeners.delete(call.id)) resolve(result);
      };
      const gone = (): void => {
        forget();
        listeners.delete(call.id);
      };
      call.signal.addEventListener("abort", gone, { once: true });
      listeners.set(call.id, { call, filter: filterOf(granted), finish });
      const _meta = { [MetaKey.subscriptionId]: call.id };
      const notifications = tasks === undefined ? granted : { ...granted, ...tasks.filter };
      call.notify("notifications/subscriptions/acknowledged", { _meta, notifications });
      if (tasks !== undefined) forget = tasks.begin(_meta);
    });
  }
}

/**
 * A question as it goes out, and the row of its method.
 * @throws RpcError −32021 where the request did not declare what it needs; McpWireError `INVALID_USE`.
 */
export function prepareQuestion(
  terms: Terms,
  { method, params, write }: Question,
  facts: ServerFacts,
): { readonly row: MethodEntry; readonly written: unknown } {
  const missing = neededFor(method, params).filter((path) => !clientDeclares(terms.clientCapabilities, path));
  if (missing.length > 0) throw undeclared(method, missing.join(", "), asCapabilities(missing));
  const row = tables[terms.revision].methods[method] as MethodEntry;
  return { row, written: write(row, method, params, terms, facts) };
}

/** Whether the client answers any questions: most of what is asked for comes from clients that do not. */
function canBeAsked(meta: Meta): boolean {
  const { elicitation, sampling, roots } = meta[MetaKey.clientCapabilities] as ClientCapabilities;
  return (elicitation ?? sampling ?? roots) !== undefined;
}

/** Whether a method's result may ask for input (MRTR-03, MRTR-04). */
function mayNeedInput(row: MethodEntry | undefined): boolean {
  return row?.alternatives?.some(({ resultType }) => resultType === "input_required") ?? false;
}

function subscriptionResult(id: RequestId): object {
  return { _meta: { [MetaKey.subscriptionId]: id } };
}
