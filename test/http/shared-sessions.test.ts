/** What could go wrong between nodes that share sessions: secrets in what they share, and things that happen in the same instant. */

import { afterEach, describe, expect, test } from "vitest";
import { createMemorySessionStore, type SessionStore } from "../../runtime/protocol/session-store.js";
import { type Bus, createMemoryBus } from "../../runtime/transport/bus.js";
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
