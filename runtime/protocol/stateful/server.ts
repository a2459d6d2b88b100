/**
 * The server's side of the stateful era: a handshake fixes revision and capabilities for the session, and questions go to the
 * client as requests. Lifecycle of revisions with `initialize`; requirements LIFE-07 to LIFE-26, LIFE-38 to LIFE-41.
 */

import type { MethodEntry } from "../../../generated/method-table.js";
import type {
  ClientCapabilities,
  Implementation,
  InitializeRequestParams,
  LoggingLevel,
} from "../../../generated/neutral/types.js";
import type { Revision } from "../../../generated/revisions.js";
import { McpWireError, RpcError } from "../../errors.js";
import { type IncomingCall, isThenable } from "../../jsonrpc/incoming.js";
import { RpcCode } from "../../jsonrpc/message.js";
import { capabilitiesIn, clientDeclares, neededFor } from "../capabilities.js";
import type {
  Link,
  NoticeListener,
  OwnHandler,
  Question,
  ServerEra,
  ServerEvent,
  ServerFacts,
  SessionState,
  Terms,
} from "../era.js";
import { covers, noticeOf } from "../events.js";
import { checkRequest, resultFailures, unknownMethod } from "../fit.js";
import { invalidResult } from "../invalid.js";
import { isRevision, methodsFrom, type Traits, traitsOf } from "../revision.js";
import { checkFrozen, checkOutgoing, unanswered } from "../sealing.js";

/** The code of the error that asks for pages; what else it takes is loaded with the first one. */
const URL_REQUIRED = -32042;

/** How a session can stand: nothing was said, the handshake was answered, the client confirmed it. */
type Phase = "new" | "opened" | "operating";

export interface StatefulServer extends ServerEra<Session> {
  /** Whether a handshake fixed the era of this connection. */
  readonly opened: boolean;
  /** The revision of the session, once there is one. */
  readonly revision: Revision | undefined;
  /** Goes on with a session that began or changed elsewhere. */
  restore(state: SessionState): void;
}

/** @param served newest first; never empty. */
export function createStatefulServer(served: readonly Revision[], facts: ServerFacts, link: Link): StatefulServer {
  return new Stateful(served, facts, link);
}

/** The terms of every request of one session. */
class Session implements Terms {
  clientInfo: Implementation | undefined = undefined;
  clientCapabilities: ClientCapabilities = {};
  logLevel: LoggingLevel | undefined = "info";
  readonly revision: Revision;
  readonly traits: Traits;
  readonly methods: ReadonlyMap<string, MethodEntry>;

  constructor(revision: Revision) {
    this.revision = revision;
    this.traits = traitsOf(revision);
    this.methods = methodsFrom(revision, "client");
  }
}

class Stateful implements StatefulServer {
  readonly #served: readonly Revision[];
  readonly #facts: ServerFacts;
  readonly #link: Link;
  #phase: Phase = "new";
  #session: Session;
  #subscribed: Set<string> | undefined = undefined;
  /** Made when first needed: there are many connections, and few ask for tasks. */
  #listeners: Set<NoticeListener> | undefined = undefined;

  constructor(served: readonly Revision[], facts: ServerFacts, link: Link) {
    this.#served = served;
    this.#facts = facts;
    this.#link = link;
    this.#session = new Session(served[0] as Revision);
  }

  get opened(): boolean {
    return this.#phase !== "new";
  }

  get revision(): Revision | undefined {
    return this.#phase === "new" ? undefined : this.#session.revision;
  }

  admit(method: string, params: unknown): Session {
    const session = this.#session;
    if (this.#phase === "new" && method !== "initialize" && method !== "ping") {
      if (!session.methods.has(method)) throw unknownMethod(method);
      throw new RpcError(RpcCode.InvalidRequest, `${method} came before initialize. Send initialize first.`);
    }
    checkRequest(session.methods.get(method), method, params);
    return session;
  }

  own(method: string): OwnHandler | undefined {
    switch (method) {
      case "initialize":
        return (params, _terms, call) => this.#initialize(params as InitializeRequestParams, call.origin);
      case "ping":
        return () => ({});
      case "logging/setLevel":
        return this.#facts.capabilities().logging === undefined ? undefined : (params) => this.#setLevel(params);
      case "resources/subscribe":
      case "resources/unsubscribe":
        return this.#facts.capabilities().resources?.subscribe === true
          ? (params) => this.#subscribe(method, params)
          : undefined;
      default:
        return undefined;
    }
  }

  async ask(session: Session, call: IncomingCall, question: Question): Promise<unknown> {
    const { method } = question;
    const { row, written: params } = prepareQuestion(session, question, this.#facts);
    const link = this.#link;
    const hear = (listener: NoticeListener): (() => void) => {
      this.#listeners = (this.#listeners ?? new Set()).add(listener);
      return () => this.#listeners?.delete(listener);
    };
    try {
      const sent = question.send?.({ terms: session, call, link, row, method, params, hear });
      if (sent !== undefined) return await sent;
      return await call.request(method, params, {
        // Who gave the request up needs no answer to what was asked for it.
        signal: call.signal,
        read(result) {
          const failures = resultFailures(row, result);
          if (failures.length > 0) throw invalidResult(method, failures);
          return result;
        },
      });
    } catch (error) {
      throw unanswered(method, error);
    }
  }

  /** A handler runs once here, so its effects do too. */
  async keep(_session: Session, _key: string, run: () => unknown): Promise<unknown> {
    return await run();
  }

  seal(session: Session, method: string, params: unknown, outcome: unknown): unknown {
    if (isThenable(outcome))
      return outcome.then(
        (value) => this.seal(session, method, params, value),
        async (error) => {
          throw await this.refuse(session, method, error);
        },
      );
    const row = session.methods.get(method) as MethodEntry;
    const result = withoutHints(outcome);
    if (result === outcome && Object.isFrozen(result)) checkFrozen(row, method, result as object, this.#facts);
    else checkOutgoing(row, method, result, this.#facts);
    return result;
  }

  /** One code means one thing only, and clients act on it (ELIC-40, ELIC-41). */
  refuse(session: Session, method: string, error: unknown): unknown {
    if ((error as RpcError | undefined)?.rpcCode !== URL_REQUIRED) return error;
    return import("../url-required.js").then(({ refuseMisused }) =>
      refuseMisused(session.revision, error as RpcError, method, this.#facts),
    );
  }

  publish(event: ServerEvent): void {
    if (this.#phase !== "operating") return;
    if (event.type === "resourceUpdated") {
      const heard = [...(this.#subscribed ?? [])].some((uri) => covers(uri, event.uri));
      if (!heard) return;
    }
    const { method, params } = noticeOf(event);
    this.#link.notify(method, params);
  }

  tell(method: string, params: object): void {
    this.#link.notify(method, params);
  }

  notice(method: string, params: unknown): void {
    if (method === "notifications/initialized" && this.#phase === "opened") this.#phase = "operating";
    for (const listener of this.#listeners ?? []) listener(method, params);
  }

  end(): void {
    this.#subscribed = undefined;
  }

  restore({ revision, operating, client, capabilities, logLevel, subscribed }: SessionState): void {
    // What is under way goes on under the same terms.
    if (this.#phase === "new") this.#session = new Session(revision);
    this.#session.clientInfo = client;
    this.#session.clientCapabilities = capabilities;
    this.#session.logLevel = logLevel;
    this.#phase = operating ? "operating" : "opened";
    this.#subscribed = new Set(subscribed);
  }

  #initialize(params: InitializeRequestParams, origin: unknown): object {
    if (this.#phase !== "new")
      throw new RpcError(RpcCode.InvalidRequest, "This session is initialized already. Open a new connection.");
    const { protocolVersion, capabilities, clientInfo } = params;
    const offered = isRevision(protocolVersion) && this.#served.includes(protocolVersion);
    const revision = offered ? protocolVersion : (this.#served[0] as Revision);
    this.#session = new Session(revision);
    this.#session.clientInfo = clientInfo;
    this.#session.clientCapabilities = capabilities;
    this.#phase = "opened";
    const { info, instructions } = this.#facts;
    return {
      protocolVersion: revision,
      capabilities: capabilitiesIn(revision, "server", this.#facts.capabilities(revision, origin)),
      serverInfo: info,
      ...(instructions === undefined ? {} : { instructions }),
    };
  }

  #setLevel(params: unknown): object {
    this.#session.logLevel = (params as { level: LoggingLevel }).level;
    return {};
  }

  #subscribe(method: string, params: unknown): object {
    const { uri } = params as { uri: string };
    this.#subscribed ??= new Set();
    if (method === "resources/subscribe") this.#subscribed.add(uri);
    else this.#subscribed.delete(uri);
    return {};
  }
}

/**
 * A question as it goes out, and the row of its method.
 * @throws McpWireError `NOT_DECLARED`, or `INVALID_USE` where the revision has no way to ask it.
 */
export function prepareQuestion(
  terms: Terms,
  { method, params, write }: Question,
  facts: ServerFacts,
): { readonly row: MethodEntry; readonly written: unknown } {
  const row = methodsFrom(terms.revision, "server").get(method);
  const missing = neededFor(method, params).filter((path) => !clientDeclares(terms.clientCapabilities, path));
  if (row === undefined || missing.length > 0) {
    const what =
      row === undefined ? `${terms.revision} has no ${method}` : `the client did not declare ${missing.join(" and ")}`;
    throw new McpWireError(
      "NOT_DECLARED",
      `${method} was not asked: ${what}.`,
      "Look at `ctx.client` first, or do without.",
    );
  }
  return { row, written: write(row, method, params, terms, facts) };
}

/** What only the other era has on results is left out: it is harmless, but not defined here (BASE-35). */
export function withoutHints(result: unknown): unknown {
  const given = result as { ttlMs?: unknown; cacheScope?: unknown; resultType?: unknown };
  if (given?.ttlMs === undefined && given?.cacheScope === undefined && given?.resultType === undefined) return result;
  const { ttlMs: _ttlMs, cacheScope: _cacheScope, resultType: _resultType, ...rest } = given;
  return rest;
}
