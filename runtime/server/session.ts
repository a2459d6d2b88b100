/** One connection of a server: its peer and its eras. Everything that belongs to a client lives here, and nothing else does. */

import { type McpWireError, toWireError } from "../errors.js";
import type { Channel } from "../jsonrpc/channel.js";
import { DEFAULT_TIMEOUT_MS, type Peer, type PeerOptions } from "../jsonrpc/contract.js";
import { type IncomingCall, isThenable } from "../jsonrpc/incoming.js";
import type { RequestId } from "../jsonrpc/message.js";
import { createPeer } from "../jsonrpc/peer.js";
import type { SignalWords } from "../jsonrpc/signals.js";
import { type Acceptor, createAcceptor } from "../protocol/accept.js";
import type { ServerEra, ServerEvent, ServerFacts, SessionState, Terms } from "../protocol/era.js";
import { unknownMethod } from "../protocol/fit.js";
import { signalWords } from "../protocol/meta.js";
import type { Selection } from "../protocol/revision.js";
import type { Sealer } from "../protocol/stateless/state.js";
import { RequestContext } from "./context.js";
import { type ServerTools, throughAll } from "./dispatch.js";
import type { Around, MethodHandler } from "./features.js";
import type { ServerOptions } from "./server.js";

/** What every session of a server shares. */
export interface SessionParts {
  readonly selection: Selection;
  readonly facts: ServerFacts;
  readonly tools: ServerTools;
  readonly sealer: () => Promise<Sealer>;
  /** Whether the sealer's key was made up by this process. */
  readonly randomKey: boolean;
  readonly handlers: ReadonlyMap<string, MethodHandler>;
  readonly middleware: ReadonlyMap<string, readonly Around[]>;
  /** What the server was made with, as far as its connections go by it. */
  readonly options: Pick<ServerOptions, "timeoutMs" | "scopes" | "methodScopes">;
  /** The connections that are open. */
  readonly sessions: Set<Session>;
  /** What connections come in by, to be closed with the server. */
  readonly endpoints: Set<{ close(): Promise<void> }>;
}

/** One connection of a server. */
export interface Session {
  /** Tells the client of an event, if it asked to hear of it. */
  publish(event: ServerEvent): void;
  /** Where this stands for other nodes: says there that a person is done at a page, and gives whether a client was told. */
  complete?(elicitationId: string): Promise<boolean>;
  /** Ends subscriptions with their results, then the connection. */
  close(): Promise<void>;
}

/** A session that other nodes may serve too. */
export interface SharedSession extends Session {
  /** Goes on with what was agreed elsewhere. */
  restore(state: SessionState): void;
}

/** Opens the channel and serves it. */
export async function openSession(channel: Channel, parts: SessionParts): Promise<Session> {
  const { session, opened } = beginSession(channel, parts, parts.selection);
  await opened;
  return session;
}

/** The same for channels that open at once, with the revisions that may come on it, and with ids for questions where 1, 2, 3 will not do. */
export function beginSession(
  channel: Channel,
  parts: SessionParts,
  served: Selection,
  createId?: () => RequestId,
): { readonly session: SharedSession; readonly opened: Promise<void> | undefined } {
  const session = new ServerSession(channel, parts, served, createId);
  parts.sessions.add(session);
  return { session, opened: session.peer.open() };
}

/** A session is what its peer tells things to, as one object: over HTTP there may be one for every request. */
class ServerSession implements SharedSession, PeerOptions {
  readonly words: SignalWords = signalWords;
  readonly answerMalformed = true;
  readonly timeoutMs: number;
  declare readonly createId?: () => RequestId;
  readonly peer: Peer;
  readonly #parts: SessionParts;
  readonly #acceptor: Acceptor;

  constructor(channel: Channel, parts: SessionParts, served: Selection, createId: (() => RequestId) | undefined) {
    this.#parts = parts;
    if (createId !== undefined) this.createId = createId;
    this.timeoutMs = parts.options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.peer = createPeer(channel, this);
    this.#acceptor = createAcceptor(served, parts.facts, this.peer, parts.sealer);
  }

  batches(): boolean {
    return this.#acceptor.batches();
  }
  onrequest(method: string, params: unknown, call: IncomingCall): unknown {
    return answer(method, params, call, this.#acceptor, this.#parts);
  }
  onnotification(method: string, params: unknown): void {
    this.#acceptor.notice(method, params);
  }
  onerror(error: McpWireError): void {
    this.#parts.facts.report(error);
  }
  onend(): void {
    // Nobody is left to end a subscription, and nobody has to wait for it.
    this.#acceptor.end();
  }
  onclose(): void {
    this.#parts.sessions.delete(this);
  }

  publish(event: ServerEvent): void {
    if (this.peer.closed) return;
    try {
      this.#acceptor.publish(event);
    } catch (error) {
      const wrong = toWireError(error, `Telling a client of ${event.type}`);
      // A client that has just gone is no news.
      if (wrong.code !== "CLOSED") this.onerror(wrong);
    }
  }

  restore(state: SessionState): void {
    this.#acceptor.restore(state);
  }

  async close(): Promise<void> {
    this.#acceptor.end();
    // The results that end subscriptions leave before the connection does.
    await new Promise((resolve) => setImmediate(resolve));
    await this.peer.close();
  }
}

function answer(method: string, params: unknown, call: IncomingCall, acceptor: Acceptor, parts: SessionParts): unknown {
  const era = acceptor.choose(method, params);
  const terms = era.admit(method, params, call);
  if (isThenable(terms)) return terms.then((later) => answerIn(era, later as Terms, method, params, call, parts));
  return answerIn(era, terms as Terms, method, params, call, parts);
}

function answerIn(
  era: ServerEra,
  terms: Terms,
  method: string,
  params: unknown,
  call: IncomingCall,
  parts: SessionParts,
): unknown {
  const own = era.own(method);
  const feature = parts.handlers.get(method);
  if (own === undefined && feature === undefined) throw unknownMethod(method);
  const ctx = new RequestContext(era, terms, call, parts, params);
  const base: MethodHandler = own === undefined ? (feature as MethodHandler) : (given) => own(given, terms, call);
  try {
    const chain = parts.middleware.get(method);
    const outcome = chain === undefined ? base(params, ctx) : throughAll(chain, base, params, ctx);
    return era.seal(terms, method, params, outcome);
  } catch (error) {
    const refused = era.refuse(terms, method, error);
    if (isThenable(refused)) return refuseLater(refused);
    throw refused;
  }
}

async function refuseLater(error: PromiseLike<unknown>): Promise<never> {
  throw await error;
}
