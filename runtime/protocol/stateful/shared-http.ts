/**
 * The sessions of an endpoint that shares them with other nodes: what is known of a session is kept where every node finds it, and a node
 * that gets a request makes the session of it. Answers and cancellations go to the node that waits for them. HTTP-57 to HTTP-74, SEC-14 to SEC-16.
 */

import { createHash, randomUUID } from "node:crypto";
import { toWireError } from "../../errors.js";
import { RpcCode, requestIds } from "../../jsonrpc/message.js";
import type { BusMessage } from "../../transport/bus-end.js";
import type { HttpExchange } from "../../transport/http-exchange.js";
import { isObject } from "../envelope.js";
import { type HttpParts, idOf, notFound, refuse, SESSION_HEADER, VERSION_HEADER } from "../http-parts.js";
import { signalWords } from "../meta.js";
import { Node, nodeIn } from "../nodes.js";
import { type Selection, traitsOf } from "../revision.js";
import type { SessionRecord, SessionStore } from "../session-store.js";
import { FollowedStreams } from "./followed-streams.js";
import { leastMissed, type StatefulHttp } from "./http-server.js";
import { HttpSession } from "./http-session.js";
import { Share, type ShareParts } from "./session-share.js";
import { changeBy } from "./session-state.js";

/** Ids as this package makes them; others are looked up nowhere. */
const SESSION_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * What a session is called in the store and between nodes. Its id alone lets whoever knows it go on with the session, so that neither keys nor
 * what is read along with the store may hold it (SEC-14).
 */
function nameOf(id: string): string {
  return createHash("sha256").update(id).digest("base64url");
}

interface Held {
  readonly session: HttpSession;
  readonly share: Share;
}

export class SharedHttp implements StatefulHttp {
  readonly #parts: HttpParts;
  readonly #store: SessionStore;
  readonly #node: Node;
  readonly #followed: FollowedStreams;
  readonly #served: Selection;
  /** By the name of the session. */
  readonly #held = new Map<string, Held>();
  /** Sessions that are being looked up now, and whether they ended meanwhile. */
  readonly #searches = new Set<{ readonly name: string; ended: boolean }>();

  constructor(parts: HttpParts, shared: NonNullable<HttpParts["settings"]["shared"]>) {
    this.#parts = parts;
    this.#store = shared.sessions;
    this.#served = { ...parts.selection, stateless: [] };
    this.#node = new Node(shared.bus, {
      onmessage: (message, from) => this.#take(message, from),
      onmissed: () => this.#missed(),
      report: (error) => parts.facts.report(error),
    });
    this.#followed = new FollowedStreams(this.#node, parts);
  }

  receive(exchange: HttpExchange, message: unknown): void {
    if (exchange.header(SESSION_HEADER) !== undefined) {
      this.#attempt(exchange, async () => {
        const held = await this.#find(exchange, message);
        if (held !== undefined) await this.#route(held, exchange, message);
      });
    } else if (isObject(message) && message.method === "initialize" && idOf(message) !== undefined) {
      this.#attempt(exchange, async () => {
        await this.#node.ready;
        const id = randomUUID();
        const held = this.#hold(id, exchange, message, { id: nameOf(id), home: this.#node.id, version: 1 });
        held?.session.receive(exchange, message);
      });
    } else {
      const text = "The header Mcp-Session-Id is missing. Open a session by `initialize` first.";
      refuse(exchange, 400, RpcCode.InvalidRequest, text, { id: idOf(message) });
    }
  }

  async listen(exchange: HttpExchange): Promise<void> {
    await (await this.#find(exchange))?.session.listen(exchange);
  }

  end(exchange: HttpExchange): void {
    this.#attempt(exchange, async () => {
      const held = await this.#find(exchange);
      if (held === undefined) return;
      const { name } = held.share;
      await this.#store.remove(name);
      await this.#node.tellAll({ kind: "ended", session: name });
      void held.session.begun?.close();
      exchange.respond(204, []);
    });
  }

  /** The sessions go on at other nodes. */
  async close(): Promise<void> {
    const held = [...this.#held.values()];
    for (const { share } of held) share.leaving = true;
    await Promise.all(held.map(({ session }) => session.begun?.close()));
    this.#followed.close();
    this.#node.close();
  }

  /** The session that a request names, as it is now; refuses the request where it may not use one. */
  async #find(exchange: HttpExchange, message?: unknown): Promise<Held | undefined> {
    await this.#node.ready;
    const id = exchange.header(SESSION_HEADER) ?? "";
    const { sessionIdleMs } = this.#parts.settings;
    const name = SESSION_ID.test(id) ? nameOf(id) : "";
    const record = name === "" ? undefined : await this.#look(name);
    if (record === undefined || record.principal !== (exchange.principal ?? null)) {
      if (record === undefined) void this.#held.get(name)?.session.begun?.close();
      notFound(exchange, "There is no such session (any more). Open one by `initialize`.", idOf(message));
      return undefined;
    }
    const version = exchange.header(VERSION_HEADER)?.trim();
    const { stateful } = this.#served;
    if (version !== undefined && !stateful.some((revision) => revision === version)) {
      const text = `The header MCP-Protocol-Version says ${JSON.stringify(version)}. Sessions speak ${stateful.join(", ")}. Name the one agreed on.`;
      refuse(exchange, 400, RpcCode.InvalidRequest, text, { id: idOf(message) });
      return undefined;
    }
    const held = this.#held.get(name) ?? this.#restore(id, exchange, message, record);
    if (held === undefined) return undefined;
    held.share.apply(record);
    held.session.usedAt = performance.now();
    held.session.dueAt = held.session.usedAt + sessionIdleMs / 2;
    return held;
  }

  /** What is kept of a session. What was read before it ended at another node, and came after that was said here, is nothing any more (HTTP-64). */
  async #look(name: string): Promise<SessionRecord | undefined> {
    const search = { name, ended: false };
    this.#searches.add(search);
    try {
      const record = await this.#store.get(name, this.#parts.settings.sessionIdleMs);
      return search.ended ? undefined : record;
    } finally {
      this.#searches.delete(search);
    }
  }

  /** Makes a session that began at another node. */
  #restore(id: string, exchange: HttpExchange, message: unknown, record: SessionRecord): Held | undefined {
    const held = this.#hold(id, exchange, message, record);
    if (held === undefined) return undefined;
    held.session.traits = traitsOf(record.revision);
    held.session.begun?.restore(record);
    held.share.revived(record);
    return held;
  }

  /** Lets go of a session here; it goes on where it is used next. */
  #makeRoom(): boolean {
    const idlest = leastMissed([...this.#held.values()].map(({ session }) => session));
    const held = [...this.#held.values()].find(({ session }) => session === idlest);
    if (held === undefined) return false;
    held.share.leaving = true;
    this.#held.delete(held.share.name);
    void held.session.begun?.close();
    return true;
  }

  #hold(
    id: string,
    exchange: HttpExchange,
    message: unknown,
    record: Pick<SessionRecord, "id" | "home" | "version">,
  ): Held | undefined {
    const { settings, patience } = this.#parts;
    if (this.#held.size >= settings.maxSessions && !this.#makeRoom()) {
      const text = `${this.#held.size} sessions are open, which is the limit. Try again later.`;
      refuse(exchange, 503, RpcCode.InternalError, text, { id: idOf(message), headers: ["Retry-After", "30"] });
      return undefined;
    }
    const session = new HttpSession(id, exchange.principal, this.#parts, () => {
      if (this.#held.get(record.id)?.session === session) this.#held.delete(record.id);
    });
    const hub: ShareParts = { node: this.#node, store: this.#store, parts: this.#parts, followed: this.#followed };
    const share = new Share(session, hub, record);
    session.share = share;
    session.begun = this.#parts.begin(session, this.#served, () => this.#node.createId());
    const held = { session, share };
    this.#held.set(share.name, held);
    patience.wait(session, settings.sessionIdleMs / 2);
    return held;
  }

  /** Hands on what other nodes wait for, and takes the rest. */
  async #route(held: Held, exchange: HttpExchange, message: unknown): Promise<void> {
    const { session, share } = held;
    if (!Array.isArray(message)) {
      const problem = await this.#passOn(held, message);
      if (problem === "none") {
        const change = requestIds(message).length === 0 ? changeBy(message) : undefined;
        if (change !== undefined) await share.tell((await share.change(change)).after);
        session.receive(exchange, message);
      } else if (problem === "gone") {
        const text = "The node that asked this is gone, and what it worked on is lost. Send that request again.";
        refuse(exchange, 400, RpcCode.InvalidRequest, text);
      } else exchange.respond(202, []);
      return;
    }
    const own = [];
    for (const one of message) if ((await this.#passOn(held, one)) === "none") own.push(one);
    if (own.length > 0 || message.length === 0) session.receive(exchange, own);
    else exchange.respond(202, []);
  }

  /** Gives a message to the node that it is for: whether it was taken there, or is for none. */
  async #passOn({ session, share }: Held, message: unknown): Promise<"taken" | "gone" | "none"> {
    if (!isObject(message) || (message.method !== undefined && message.id !== undefined)) return "none";
    const { cancel, progress } = signalWords;
    if (message.method === cancel?.method) {
      const id = cancel?.read(message.params)?.id;
      if (id === undefined || session.has(id)) return "none";
      await this.#node.tellAll({ kind: "cancelled", session: share.name, id, message });
      return "taken";
    }
    const isProgress = message.method !== undefined && message.method === progress?.method;
    if (message.method !== undefined && !isProgress) return "none";
    const node = nodeIn(isProgress ? progress?.read(message.params) : message.id);
    if (node === undefined || node === this.#node.id) return "none";
    const reply = await this.#node.ask(node, { kind: "deliver", session: share.name, message });
    // Progress is a courtesy.
    return isProgress || (reply as { readonly taken: boolean } | undefined)?.taken === true ? "taken" : "gone";
  }

  /** Takes what another node says, or this one to all; gives the answer where there is one. */
  #take(message: BusMessage, from: string): unknown {
    const held = this.#held.get(message.session as string);
    switch (message.kind) {
      case "there":
        return {};
      case "ended":
        for (const search of this.#searches) if (search.name === message.session) search.ended = true;
        void held?.session.begun?.close();
        return undefined;
      case "moved":
        held?.share.moved(message.to as string, message.version as number);
        return undefined;
      case "cancelled":
        if (held?.session.has(message.id as string) === true) held.session.deliver(message.message);
        return undefined;
      case "deliver":
        held?.session.deliver(message.message);
        return { taken: held !== undefined };
      case "say":
        return { taken: held !== undefined && this.#say(held, message.text as string) };
      case "changed":
        held?.share.apply(message.record as SessionRecord);
        return {};
      case "handover":
        return held?.share.handOver(message.version as number);
      case "follow":
        return held === undefined ? { live: false } : this.#followed.begin(held.session, message, from);
      case "piped":
        this.#followed.take(message, from);
        return undefined;
      case "unpipe":
        this.#followed.stop(message, from);
        return undefined;
      default:
        return undefined;
    }
  }

  #say({ session, share }: Held, text: string): boolean {
    if (share.home !== this.#node.id) return false;
    void session.standalone().write(text);
    return true;
  }

  #missed(): void {
    this.#followed.missed();
    for (const { share } of this.#held.values())
      share.missed().catch((error: unknown) => this.#parts.facts.report(toWireError(error, "Looking for a session")));
  }

  /** What the store or the bus cannot do now can be tried again. */
  #attempt(exchange: HttpExchange, run: () => Promise<void>): void {
    run().catch((error: unknown) => {
      this.#parts.facts.report(toWireError(error, "Answering a request"));
      const text = "The sessions cannot be reached. Try again later.";
      refuse(exchange, 503, RpcCode.InternalError, text, { headers: ["Retry-After", "1"] });
    });
  }
}
