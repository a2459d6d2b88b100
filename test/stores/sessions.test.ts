/** The contracts of session stores and of buses, on each that there is. */

import { createClient } from "redis";
import { describe, expect, test } from "vitest";
import {
  createMemorySessionStore,
  type SessionRecord,
  type SessionStore,
} from "../../runtime/protocol/session-store.js";
import { createServer } from "../../runtime/server/server.js";
import { createRedisBus } from "../../runtime/stores/redis/bus.js";
import { createRedisSessionStore } from "../../runtime/stores/redis/sessions.js";
import { type Bus, createMemoryBus } from "../../runtime/transport/bus.js";
import { BusEnd } from "../../runtime/transport/bus-end.js";
import { verifies } from "../verifies.js";
import { hasRedis } from "./redis-server.js";
import { closes, errors, newPrefix, onerror, redis } from "./scene.js";

const recordOf = (id: string, more: Partial<SessionRecord> = {}): SessionRecord => ({
  id,
  version: 1,
  principal: "ada",
  home: "n1",
  revision: "2025-11-25",
  operating: false,
  client: { name: "ä €", version: "1" },
  capabilities: { roots: {} },
  logLevel: "info",
  subscribed: [],
  ...more,
});

function opened<T extends { close(): Promise<void> }>(one: T): T {
  closes.push(() => one.close());
  return one;
}

interface Kind {
  readonly name: string;
  stores(): readonly [SessionStore, SessionStore];
  buses(): readonly [Bus, Bus];
}

const KINDS: readonly Kind[] = [
  {
    name: "in memory",
    stores: () => Array<SessionStore>(2).fill(createMemorySessionStore()) as [SessionStore, SessionStore],
    buses: () => Array<Bus>(2).fill(createMemoryBus()) as [Bus, Bus],
  },
  {
    name: "in Redis",
    stores() {
      const options = { redis: redis?.url ?? "", prefix: newPrefix(), onerror };
      return [opened(createRedisSessionStore(options)), opened(createRedisSessionStore(options))];
    },
    buses() {
      const options = { redis: redis?.url ?? "", prefix: newPrefix(), onerror };
      return [opened(createRedisBus(options)), opened(createRedisBus(options))];
    },
  },
];

for (const { name, stores, buses } of KINDS)
  describe.skipIf(name === "in Redis" && !hasRedis)(name, () => {
    test(`sessions are found everywhere, as they are, and nowhere once removed${verifies("HTTP-63", "HTTP-64")}`, async () => {
      const [here, there] = stores();
      expect(await here.get("never")).toBeUndefined();
      await here.create(recordOf("a"), 60_000);
      await there.create(recordOf("b", { principal: null }), Number.POSITIVE_INFINITY);
      expect(await there.get("a", 60_000)).toEqual(recordOf("a"));
      expect(await here.get("b", Number.POSITIVE_INFINITY)).toEqual(recordOf("b", { principal: null }));
      await there.remove("a");
      await there.remove("never");
      expect(await here.get("a")).toBeUndefined();
      expect(await here.replace(recordOf("a", { version: 2 }), 60_000)).toBe(false);
      expect(await here.get("a")).toBeUndefined();
    });

    test("a record takes the place of the one before it, and of no other", async () => {
      const [here, there] = stores();
      await here.create(recordOf("a"), 60_000);
      const wins = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          (n % 2 === 0 ? here : there).replace(recordOf("a", { version: 2, home: `n${n}` }), 60_000),
        ),
      );
      expect(wins.filter((won) => won)).toHaveLength(1);
      expect((await here.get("a"))?.home).toBe(`n${wins.indexOf(true)}`);
      for (const version of [1, 2, 4, 12])
        expect(await there.replace(recordOf("a", { version, home: "late" }), 60_000)).toBe(false);
      expect(await there.replace(recordOf("a", { version: 3, subscribed: ["memo:x"] }), 60_000)).toBe(true);
      expect(await here.get("a")).toMatchObject({ version: 3, subscribed: ["memo:x"] });
    });

    test("a session that nobody uses is forgotten, and looking is no use", async () => {
      const [here, there] = stores();
      await here.create(recordOf("used"), 2_000);
      await there.get("used", 60_000);
      await here.create(recordOf("idle"), 2_000);
      await expect.poll(() => there.get("idle"), { interval: 20 }).toBeUndefined();
      expect(await here.get("used")).toMatchObject({ id: "used" });
      expect(await here.replace(recordOf("idle", { version: 2 }), 60_000)).toBe(false);
      await there.replace(recordOf("used", { version: 2 }), 100);
      await expect.poll(() => here.get("used"), { interval: 20 }).toBeUndefined();
    });

    test("messages reach everybody who listens, in one order, and say how many that were", async () => {
      const [here, there] = buses();
      const heard: (string | undefined)[][] = [[], [], []];
      expect(await here.publish("t", "nobody")).toBe(0);
      const stops = [here, there].map((bus, index) => bus.subscribe("t", (message) => heard[index]?.push(message)));
      stops.push(there.subscribe("other", (message) => heard[2]?.push(message)));
      await expect.poll(() => heard.map((all) => all.length)).toEqual([1, 1, 1]);
      expect(heard).toEqual([[undefined], [undefined], [undefined]]);
      const counts = await Promise.all(
        Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? here : there).publish("t", `ä\n${n}`)),
      );
      expect(counts).toEqual(Array(50).fill(2));
      await expect.poll(() => heard.map((all) => all.length)).toEqual([51, 51, 1]);
      expect(heard[0]).toEqual(heard[1]);
      for (const odd of [0, 1]) {
        const own = (heard[0] ?? [])
          .slice(1)
          .map((text) => Number(text?.slice(2)))
          .filter((n) => n % 2 === odd);
        expect(own).toEqual(Array.from({ length: 25 }, (_, n) => 2 * n + odd));
      }
      stops[0]?.();
      await expect.poll(() => there.publish("t", "later")).toBe(1);
      expect(heard[0]?.includes("later")).toBe(false);
      for (const stop of stops) stop();
    });

    test("an end of a bus counts each message once, whatever the bus does", async () => {
      const [here, there] = buses();
      const twice: Bus = {
        async publish(topic, message) {
          await here.publish(topic, message);
          return await here.publish(topic, message);
        },
        subscribe: (topic, listener) => here.subscribe(topic, listener),
      };
      const heard: unknown[] = [];
      const common = { topics: ["t"], onmissed: () => undefined, report: onerror };
      const sender = new BusEnd({ ...common, bus: twice, id: "sender", onmessage: () => undefined });
      const listener = new BusEnd({ ...common, bus: there, id: "listener", onmessage: ({ n }) => heard.push(n) });
      await Promise.all([sender.ready, listener.ready]);
      const wanted = Array.from({ length: 20 }, (_, n) => n);
      await Promise.all(wanted.map((n) => sender.publish("t", { kind: "number", n })));
      await expect.poll(() => heard.length).toBe(20);
      expect(heard).toEqual(wanted);
      await there.publish("t", "no JSON");
      await expect.poll(() => errors.splice(0).map(({ code }) => code)).toContain("CALLBACK_FAILED");
      sender.close();
      listener.close();
    });
  });

test.skipIf(!hasRedis)("a session in Redis expires there, and is not kept for ever", async () => {
  const store = opened(createRedisSessionStore({ redis: redis?.url ?? "", prefix: "ttl:", onerror }));
  await store.create(recordOf("a"), 5_000.5);
  const client = await createClient({ url: redis?.url ?? "" }).connect();
  expect(await client.pTTL("ttl:session:a")).toBeGreaterThan(3_000);
  await store.get("a", 90_000);
  expect(await client.pTTL("ttl:session:a")).toBeGreaterThan(80_000);
  await store.replace(recordOf("a", { version: 2 }), Number.POSITIVE_INFINITY);
  expect(await client.pTTL("ttl:session:a")).toBe(-1);
  client.destroy();
});

test("what is shared is shared as a whole", async () => {
  const server = createServer({ name: "half", version: "1" });
  const sessions = createMemorySessionStore();
  const bus = createMemoryBus();
  await expect(server.serveHttp({ sessions, events: false })).rejects.toMatchObject({ code: "INVALID_USE" });
  await expect(server.serveHttp({ sessions, bus })).rejects.toMatchObject({ code: "INVALID_USE" });
  await (await server.serveHttp({ sessions, bus, events: false })).close();
});
