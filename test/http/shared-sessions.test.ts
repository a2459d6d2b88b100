/** What could go wrong between nodes that share sessions: secrets in what they share, and things that happen in the same instant. */

import { afterEach, describe, expect, test } from "vitest";
import {
  createMemorySessionStore,
  type SessionRecord,
  type SessionStore,
} from "../../runtime/protocol/session-store.js";
import { type Bus, type BusListener, createMemoryBus } from "../../runtime/transport/bus.js";
import { createMemoryEventStore } from "../../runtime/transport/event-store.js";
import { verifies } from "../verifies.js";
import { type Headers, type RawHttp, type RawSession, send, serve } from "./raw.js";
import { defineScene } from "./scene.js";

const closes: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closes.splice(0)) await close();
});

type Stores = { readonly sessions: SessionStore; readonly bus: Bus };
const events = createMemoryEventStore();

async function startNode(stores: Stores): Promise<RawHttp> {
  const node = await serve((server) => void defineScene(server), {}, { ...stores, events });
  closes.push(() => node.server.close());
  return node;
}

const get = (node: RawHttp, { headers }: RawSession, more: Headers = {}): ReturnType<typeof send> =>
  send("GET", node.url, { Accept: "text/event-stream", ...headers, ...more });
const change = ({ server }: RawHttp): void => server.tool("added", {}, () => "").remove();

/** Something that waits until it is let go. */
class Gate {
  reached = 0;
  #open: (() => void) | undefined = undefined;
  readonly #passed = new Promise<void>((resolve) => {
    this.#open = resolve;
  });

  open(): void {
    this.#open?.();
  }

  async pass(): Promise<void> {
    this.reached++;
    await this.#passed;
  }
}

describe("what nodes share", () => {
  test(`never holds the id of a session${verifies("SEC-14")}`, async () => {
    const seen: string[] = [];
    const tell = <T extends unknown[]>(...args: T): T => {
      seen.push(JSON.stringify(args));
      return args;
    };
    const inner = { sessions: createMemorySessionStore(), bus: createMemoryBus() };
    const stores: Stores = {
      sessions: {
        create: (...args) => inner.sessions.create(...tell(...args)),
        get: (...args) => inner.sessions.get(...tell(...args)),
        replace: (...args) => inner.sessions.replace(...tell(...args)),
        remove: (...args) => inner.sessions.remove(...tell(...args)),
      },
      bus: {
        publish: (...args) => inner.bus.publish(...tell(...args)),
        subscribe: (...args) => inner.bus.subscribe(...args),
      },
    };
    const [here, there] = [await startNode(stores), await startNode(stores)];
    const session = await here.open("2025-11-25");
    await (await session.ask(1, "logging/setLevel", { level: "error" })).whole();
    const stream = await get(there, session);
    change(here);
    await expect.poll(() => stream.messages).toHaveLength(1);
    const notice = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: "none" } };
    expect((await there.post(notice, session.headers)).status).toBe(202);
    expect((await send("DELETE", there.url, session.headers)).status).toBe(204);
    await stream.whole();
    for (const kind of ["moved", "cancelled", "ended", "handover"])
      expect(seen.some((text) => text.includes(kind))).toBe(true);
    expect(seen.filter((text) => text.includes(session.id))).toEqual([]);
  });
});

describe("nodes in the same instant", () => {
  test(`lose nothing that waits where two take over the stream of a session${verifies("HTTP-30", "HTTP-37")}`, async () => {
    const sessions = createMemorySessionStore();
    const bus = createMemoryBus();
    const late = new Gate();
    const told: string[] = [];
    const tapped = (name: string, gate?: Gate): Bus => ({
      subscribe: (...args) => bus.subscribe(...args),
      async publish(topic, text) {
        const moves = text.includes('"kind":"moved"');
        if (moves) await gate?.pass();
        const reached = await bus.publish(topic, text);
        if (moves) told.push(name);
        return reached;
      },
    });
    const here = await startNode({ sessions, bus });
    const [slow, fast] = [
      await startNode({ sessions, bus: tapped("slow", late) }),
      await startNode({ sessions, bus: tapped("fast") }),
    ];
    const session = await here.open("2025-11-25");
    // Nobody is connected yet: it waits where the session was opened.
    change(here);
    await (await session.ask(1, "ping")).whole();
    const first = get(slow, session);
    await expect.poll(() => late.reached).toBe(1);
    const second = get(fast, session);
    await expect.poll(() => told).toEqual(["fast"]);
    late.open();
    const streams = await Promise.all([first, second]);
    const methods = (): unknown[] => streams.flatMap(({ messages }) => messages.map(({ method }) => method));
    await expect.poll(methods).toEqual(["notifications/tools/list_changed"]);
    change(fast);
    await expect.poll(methods).toHaveLength(2);
    for (const stream of streams) stream.cut();
  });

  test(`do not go on with a session that ends while it is looked up${verifies("HTTP-63", "HTTP-64")}`, async () => {
    const sessions = createMemorySessionStore();
    const bus = createMemoryBus();
    const late = new Gate();
    const slow: SessionStore = {
      ...sessions,
      async get(...args) {
        const record = sessions.get(...args);
        await late.pass();
        return await record;
      },
    };
    const [here, there] = [await startNode({ sessions, bus }), await startNode({ sessions: slow, bus })];
    const session = await here.open("2025-11-25");
    const asked = there.post({ jsonrpc: "2.0", id: 1, method: "ping" }, session.headers);
    await expect.poll(() => late.reached).toBe(1);
    expect((await session.end()).status).toBe(204);
    late.open();
    expect((await asked).status).toBe(404);
  });

  test(`close what ended while messages of others were missed${verifies("HTTP-64", "HTTP-38")}`, async () => {
    const sessions = createMemorySessionStore();
    const bus = createMemoryBus();
    const listeners: BusListener[] = [];
    const deaf: Bus = {
      publish: (...args) => bus.publish(...args),
      subscribe(topic, listener) {
        listeners.push(listener);
        return bus.subscribe(topic, (text) => {
          if (text?.includes('"kind":"ended"') !== true) listener(text);
        });
      },
    };
    const [here, there] = [await startNode({ sessions, bus }), await startNode({ sessions, bus: deaf })];
    const session = await here.open("2025-11-25");
    const stream = await get(there, session);
    expect((await session.end()).status).toBe(204);
    for (const listener of listeners) listener(undefined);
    await expect.poll(() => stream.ended).toBe(true);
  });
});

describe("what a client says", () => {
  const notes = (message: object): object => ({ jsonrpc: "2.0", ...message });

  test(`changes a session by requests that are answered, and not by notifications of their names${verifies("BASE-04", "LOG-03", "RES-07")}`, async () => {
    const inner = createMemorySessionStore();
    const kept: SessionRecord[] = [];
    const sessions: SessionStore = {
      create: (...args) => inner.create(...args),
      get: (...args) => inner.get(...args),
      remove: (...args) => inner.remove(...args),
      replace(record, idleMs) {
        kept.push(record);
        return inner.replace(record, idleMs);
      },
    };
    const bus = createMemoryBus();
    const [here, there] = [await startNode({ sessions, bus }), await startNode({ sessions, bus })];
    for (const revision of ["2025-03-26", "2025-11-25"] as const) {
      const session = await here.open(revision);
      const odd = [
        notes({ method: "logging/setLevel" }),
        notes({ method: "logging/setLevel", params: { level: "emergency" } }),
        notes({ method: "resources/subscribe", params: { uri: { not: "text" } } }),
        notes({ method: "resources/unsubscribe" }),
      ];
      for (const message of odd) expect((await there.post(message, session.headers)).status).toBe(202);
      if (revision === "2025-03-26") expect((await there.post(odd, session.headers)).status).toBe(202);
      expect(kept.at(-1)).toMatchObject({ operating: true, logLevel: "info", subscribed: [] });
    }
    expect([here, there].flatMap(({ errors }) => errors.map(String))).toEqual([]);
  });
});

describe("a bus that loses a message", () => {
  test(`keeps nobody from taking over the stream of a session${verifies("HTTP-30", "HTTP-38")}`, async () => {
    const sessions = createMemorySessionStore();
    const bus = createMemoryBus();
    const listeners: BusListener[] = [];
    let lost: string | undefined;
    const deaf: Bus = {
      publish: (...args) => bus.publish(...args),
      subscribe(topic, listener) {
        listeners.push(listener);
        return bus.subscribe(topic, (text) => {
          if (text?.includes('"kind":"moved"') === true) lost ??= text;
          if (text === undefined || text !== lost) listener(text);
        });
      },
    };
    const [here, there] = [await startNode({ sessions, bus }), await startNode({ sessions, bus: deaf })];
    const session = await here.open("2025-11-25");
    change(here);
    await (await session.ask(1, "ping")).whole();
    const opening = get(there, session);
    await expect.poll(() => lost).toBeDefined();
    for (const listener of listeners) listener(undefined);
    const stream = await opening;
    const methods = (): unknown[] => stream.messages.map(({ method }) => method);
    await expect.poll(methods).toContain("notifications/tools/list_changed");
    const before = methods().length;
    change(here);
    await expect.poll(methods).toHaveLength(before + 1);
    stream.cut();
  });
});
