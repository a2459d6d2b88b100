/**
 * One session as this node shares it with others. What belongs to no request has one node, the session's home: the one that was asked last
 * for its stream. The others tell it; a home that is gone is taken over, and what may have been missed is said to have changed.
 */

import { McpWireError, RpcError, toWireError } from "../../errors.js";
import {
  failureOf,
  type RequestId,
  RpcCode,
  type RpcFailure,
  type RpcPayload,
  requestIds,
} from "../../jsonrpc/message.js";
import type { HttpExchange } from "../../transport/http-exchange.js";
import { eventOf } from "../events.js";
import type { HttpParts } from "../http-parts.js";
import type { Node } from "../nodes.js";
import type { SessionRecord, SessionStore } from "../session-store.js";
import { type FollowedStreams, streamNameOf } from "./followed-streams.js";
import type { HttpSession } from "./http-session.js";
import { changesIn, openedBy, type SessionChange } from "./session-state.js";
import type { SessionShare } from "./share-contract.js";

/** What the sessions of a node have in common. */
export interface ShareParts {
  readonly node: Node;
  readonly store: SessionStore;
  readonly parts: HttpParts;
  readonly followed: FollowedStreams;
}

/** What a home gives to the next one. */
export interface HandedOver {
  readonly waited: readonly string[];
  /** Whether there was more, which is lost. */
  readonly lost: boolean;
}

/** Nodes that change the same session at the same time are few. */
const MAX_TRIES = 100;
/** A home that moves goes somewhere, and soon. */
const MAX_HOMES = 4;

export class Share implements SessionShare {
  leaving = false;
  /** What the session is called in the store and between nodes. */
  readonly name: string;
  /** The node that has what belongs to no request, as far as it is known here. */
  home: string;
  readonly #session: HttpSession;
  readonly #hub: ShareParts;
  /** Of the record that this node knows, and of the one that said where the home is. */
  #version: number;
  #homeVersion: number;
  #lastStream = 0;
  #claiming: Promise<void> | undefined = undefined;
  /** The version by which it is claimed, once that is known. */
  #claimed: Promise<number> = Promise.resolve(0);
  /** Whether a home before this one is gone with what waited there, and the client was not told. */
  #lost = false;
  /** Whether the store has had the session. */
  #kept = false;
  readonly #moving = new Set<() => void>();

  constructor(session: HttpSession, hub: ShareParts, record: Pick<SessionRecord, "id" | "home" | "version">) {
    this.#session = session;
    this.#hub = hub;
    this.name = record.id;
    this.home = record.home;
    this.#version = record.version;
    this.#homeVersion = record.version;
  }

  get #isHome(): boolean {
    return this.home === this.#hub.node.id;
  }

  streamName(prefix: string, ids: readonly RequestId[] | undefined): string {
    if (ids === undefined) return `${prefix}all`;
    return streamNameOf(`${prefix}${this.#hub.node.id}.${(++this.#lastStream).toString(36)}`, ids);
  }

  keep(asked: unknown, answer: RpcPayload): Promise<RpcPayload> | undefined {
    const opened = openedBy(asked, answer);
    const changes = opened === undefined ? changesIn(asked, answer) : [];
    if (opened === undefined && changes.length === 0) return undefined;
    const { node, store, parts } = this.#hub;
    const kept = async (): Promise<RpcPayload> => {
      try {
        const { principal = null } = this.#session;
        if (opened !== undefined)
          await store.create({ ...opened, id: this.name, principal, home: node.id }, parts.settings.sessionIdleMs);
        this.#kept = true;
        for (const change of changes) await this.tell((await this.change(change)).after);
        return answer;
      } catch (error) {
        parts.facts.report(toWireError(error, "Keeping a session"));
        const failure = new RpcError(RpcCode.InternalError, "The session could not be kept. Try again later.");
        const failures = requestIds(asked).map((id): RpcFailure => failureOf(id, failure));
        return Array.isArray(asked) ? failures : (failures[0] as RpcFailure);
      }
    };
    return kept();
  }

  /** @throws McpWireError `SESSION_STORE` where the session is gone, or cannot be changed. */
  async change(change: SessionChange): Promise<{ readonly before: SessionRecord; readonly after: SessionRecord }> {
    const { store, parts } = this.#hub;
    const { sessionIdleMs } = parts.settings;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const before = await store.get(this.name, sessionIdleMs);
      if (before === undefined) break;
      const after = { ...before, ...change(before), version: before.version + 1 };
      if (!(await store.replace(after, sessionIdleMs))) continue;
      this.apply(after);
      return { before, after };
    }
    const problem = "A session could not be changed: it has ended, or others kept changing it.";
    throw new McpWireError("SESSION_STORE", problem, "Look at the session store: `replace` has to compare versions.");
  }

  /** Lets the home know how the session is now: it hears of events without being asked anything. */
  async tell(record: SessionRecord): Promise<void> {
    const { node } = this.#hub;
    if (record.home !== node.id) await node.ask(record.home, { kind: "changed", session: record.id, record });
  }

  /** Goes on with what a record says, if it is newer than what is known. */
  apply(record: SessionRecord): void {
    if (record.version <= this.#version) return;
    this.#version = record.version;
    this.#session.begun?.restore(record);
  }

  /** This node has let go of the session before, and has it again. */
  revived(record: SessionRecord): void {
    this.#kept = true;
    if (this.#isHome) this.#mayHaveChanged(record, true);
  }

  say(message: RpcPayload, text: string): Promise<void> | undefined {
    if (this.#isHome) return this.#session.standalone().write(text);
    const { method, params } = message as { readonly method?: string; readonly params?: unknown };
    // Every node hears of events by itself, the home too.
    if (method !== undefined && eventOf(method, params) !== undefined) return undefined;
    return this.#sendHome(text).catch((error: unknown) => {
      this.#hub.parts.facts.report(toWireError(error, "Telling another node what belongs to no request"));
    });
  }

  async claim(): Promise<void> {
    if (this.#isHome && this.#claiming === undefined) return;
    this.#claiming ??= this.#take().finally(() => {
      this.#claiming = undefined;
    });
    await this.#claiming;
  }

  /** A node says that it is the home now. */
  moved(home: string, version: number): void {
    if (version <= this.#homeVersion) return;
    this.#homeVersion = version;
    this.home = home;
    for (const told of this.#moving) told();
  }

  /**
   * Gives what waits to the home that follows, which the record of this version named: once that is known here, and with what is still on its
   * way here from the home before, where that was taken over only just now.
   */
  async handOver(version: number): Promise<HandedOver> {
    await this.#untilMoved(version);
    const claiming = this.#claiming;
    if (claiming !== undefined && (await this.#claimed) < version) await claiming.catch(() => undefined);
    const lost = this.#lost;
    this.#lost = false;
    return { waited: await this.#session.standalone().handOver(), lost };
  }

  async follow(exchange: HttpExchange, stream: string, lastId: string): Promise<void> {
    await this.#hub.followed.follow(this.name, exchange, stream, lastId);
  }

  idle(): void {
    const { parts } = this.#hub;
    const again = (): void => parts.patience.wait(this.#session, parts.settings.sessionIdleMs / 2);
    const failed = (error: unknown): void => {
      parts.facts.report(toWireError(error, "Looking for a session"));
      again();
    };
    this.#stays().then((stays) => {
      if (stays) again();
      else void this.#session.begun?.close();
    }, failed);
  }

  /** Messages may have been missed: looks where the home is, and says of resources what may have been said meanwhile. */
  async missed(): Promise<void> {
    const claiming = this.#claiming;
    if (claiming !== undefined) {
      await this.#sayAgain();
      // What it fails with is told to who claims.
      await claiming.catch(() => undefined);
    }
    const record = await this.#hub.store.get(this.name);
    if (record === undefined) {
      // That it ended was said meanwhile; one that is only just being opened is not there yet.
      if (this.#kept) void this.#session.begun?.close();
      return;
    }
    if (this.#claiming === undefined && record.version > this.#homeVersion) this.moved(record.home, record.version);
    this.apply(record);
    if (this.#isHome) this.#mayHaveChanged(record, false);
  }

  async #stays(): Promise<boolean> {
    const { store, parts } = this.#hub;
    if (this.#session.busy) return (await store.get(this.name, parts.settings.sessionIdleMs)) !== undefined;
    if ((await store.get(this.name)) === undefined) return false;
    if (this.#isHome) return true;
    this.leaving = true;
    return false;
  }

  async #take(): Promise<void> {
    const { node } = this.#hub;
    const changed = this.change(() => ({ home: node.id }));
    this.#claimed = changed.then(
      ({ after }) => after.version,
      () => 0,
    );
    const { before, after } = await changed;
    let given: HandedOver | undefined;
    try {
      const arrived = this.#untilMoved(after.version);
      await this.#tellMoved(after.version);
      await arrived;
      if (before.home === node.id) return;
      // Asked even where yet another node is the home by now: nobody else asks, and that one asks here.
      const message = { kind: "handover", session: this.name, version: after.version };
      given = (await node.ask(before.home, message)) as HandedOver | undefined;
      this.#session.standalone().takeOver(given?.waited ?? []);
    } finally {
      if (before.home !== node.id && given?.lost !== false) this.#lost = true;
    }
    if (!this.#lost || !this.#isHome) return;
    this.#lost = false;
    this.#mayHaveChanged(after, true);
  }

  /** That this is the home now is waited for, and may be among what was missed. */
  async #sayAgain(): Promise<void> {
    const version = await this.#claimed;
    if (version > this.#homeVersion) await this.#tellMoved(version);
  }

  #tellMoved(version: number): Promise<void> {
    const { node } = this.#hub;
    return node.tellAll({ kind: "moved", session: this.name, to: node.id, version });
  }

  async #untilMoved(version: number): Promise<void> {
    while (this.#homeVersion < version) await this.#nextMove();
  }

  #nextMove(): Promise<void> {
    return new Promise((resolve) => {
      const told = (): void => {
        this.#moving.delete(told);
        resolve();
      };
      this.#moving.add(told);
    });
  }

  async #sendHome(text: string): Promise<void> {
    const { node, store } = this.#hub;
    for (let tries = 0; tries < MAX_HOMES && !this.#isHome; tries++) {
      const message = { kind: "say", session: this.name, text };
      const reply = (await node.ask(this.home, message)) as { readonly taken: boolean } | undefined;
      if (reply?.taken === true) return;
      const record = reply === undefined ? undefined : await store.get(this.name);
      if (record === undefined || record.home === node.id) await this.claim();
      else if (record.version > this.#homeVersion) this.moved(record.home, record.version);
    }
    await this.#session.standalone().write(text);
  }

  /** What was said by a home that is gone is not known, so everything is said to have changed: that is true often enough, and never harms. */
  #mayHaveChanged(record: SessionRecord, lists: boolean): void {
    const { tools, prompts, resources } = this.#hub.parts.facts.capabilities(record.revision);
    const { begun } = this.#session;
    if (lists && tools?.listChanged === true) begun?.publish({ type: "toolsChanged" });
    if (lists && prompts?.listChanged === true) begun?.publish({ type: "promptsChanged" });
    if (lists && resources?.listChanged === true) begun?.publish({ type: "resourcesChanged" });
    for (const uri of record.subscribed) begun?.publish({ type: "resourceUpdated", uri });
  }
}
