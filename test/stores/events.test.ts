/** The contract of event stores, on each store there is, and sessions whose events are in Redis. */

import { createClient } from "redis";
import { describe, expect, test } from "vitest";
import { createRedisEventStore, type RedisEventOptions } from "../../runtime/stores/redis/events.js";
import { createMemoryEventStore, type EventStore } from "../../runtime/transport/event-store.js";
import { readEvents } from "../server/http/events.js";
import { call, openSession, serve } from "../server/http/http.js";
import { verifies } from "../verifies.js";
import { hasRedis } from "./redis-server.js";
import { closes, newPrefix, onerror, redis } from "./scene.js";

function redisStore(prefix: string, options: Partial<RedisEventOptions> = {}): EventStore {
  const store = createRedisEventStore({ redis: redis?.url ?? "", prefix, onerror, ...options });
  closes.push(() => store.close());
  return store;
}

interface Kind {
  readonly name: string;
  open(options?: { readonly maxEvents?: number }): readonly [EventStore, EventStore];
}

const KINDS: readonly Kind[] = [
  {
    name: "in memory",
    open: (options) => {
      const store = createMemoryEventStore(options);
      return [store, store];
    },
  },
  {
    name: "in Redis",
    open: (options) => {
      const prefix = newPrefix();
      return [redisStore(prefix, options), redisStore(prefix, options)];
    },
  },
];

const dataOf = async (store: EventStore, id: string): Promise<string[] | undefined> =>
  (await store.after(id))?.events.map(({ data }) => data);

for (const { name, open } of KINDS)
  describe.skipIf(name === "in Redis" && !hasRedis)(`events ${name}`, () => {
    test(`are told from any of them on, everywhere, in their stream alone${verifies("HTTP-41", "HTTP-45", "HTTP-46")}`, async () => {
      const [here, there] = open();
      const ids: string[] = [];
      for (const data of ["1", "", "ä\n€ \u0000"])
        ids.push(await (ids.length === 1 ? there : here).append("s.1", data));
      const other = await there.append("s.2", "other");
      expect(new Set([...ids, other]).size).toBe(4);
      expect([...ids, other].every((id) => /^[\x21-\x7e]+$/.test(id))).toBe(true);
      expect(await there.after(ids[0] ?? "")).toEqual({
        stream: "s.1",
        events: [
          { id: ids[1], data: "" },
          { id: ids[2], data: "ä\n€ \u0000" },
        ],
      });
      expect(await dataOf(here, ids[2] ?? "")).toEqual([]);
      await there.drop("s.1");
      expect(await here.after(ids[0] ?? "")).toBeUndefined();
      expect(await dataOf(here, other)).toEqual([]);
      await here.drop("never");
    });

    test("are not found by ids that nobody was given", async () => {
      const [here] = open();
      const id = await here.append("s.1", "1");
      await here.append("s.1", "2");
      const place = id.slice(id.lastIndexOf(".") + 1);
      const made = [
        "",
        ".",
        "s",
        "s.1",
        "s.1.",
        "s.1.-1",
        "s.1.0",
        "s.1.0-0",
        "s.1.-",
        "s.1.+",
        "s.1.*",
        "s.1.(0",
        "s.1.$",
      ];
      for (const unknown of [...made, `s.2.${place}`, `.${place}`, `s.1.0${place}`, `${id}0`, `s.1.${"9".repeat(400)}`])
        if (unknown !== id) expect([unknown, (await here.after(unknown))?.events.length]).toEqual([unknown, undefined]);
    });

    test("are kept up to a number in each stream", async () => {
      const [here, there] = open({ maxEvents: 3 });
      const ids: string[] = [];
      for (const data of ["1", "2", "3", "4", "5"]) ids.push(await here.append("a", data));
      const kept = await Promise.all(ids.map((id) => dataOf(there, id)));
      expect(kept).toEqual([undefined, undefined, ["4", "5"], ["5"], []]);
    });

    test("of many who write at once are all there, in one order", async () => {
      const [here, there] = open();
      const first = await here.append("a", "first");
      const writes = Array.from({ length: 200 }, (_, n) => (n % 2 === 0 ? here : there).append("a", String(n)));
      const ids = await Promise.all(writes);
      const told = (await here.after(first))?.events ?? [];
      expect(told.length).toBe(200);
      expect(new Set(ids).size).toBe(200);
      for (const [n, id] of ids.entries()) expect(told.find((event) => event.id === id)?.data).toBe(String(n));
      // Who writes one after the other is told in that order.
      for (const mine of [0, 1]) {
        const own = told.map(({ data }) => Number(data)).filter((n) => n % 2 === mine);
        expect(own).toEqual([...own].sort((one, two) => one - two));
      }
      expect(await there.after(first)).toEqual({ stream: "a", events: told });
    });

    test("are of any size", async () => {
      const [here, there] = open();
      const first = await here.append("a", "");
      const big = "ä".repeat(5_000_000);
      await here.append("a", big);
      expect((await dataOf(there, first))?.[0] === big).toBe(true);
    });
  });

describe.skipIf(!hasRedis)("events in a Redis", () => {
  test(`are kept up to a size in each stream, and no id comes twice${verifies("HTTP-41", "SEC-42")}`, async () => {
    const store = redisStore("size:", { maxBytes: 100 });
    const ids: string[] = [];
    for (let n = 0; n < 10; n++) ids.push(await store.append("a", "x".repeat(30)));
    expect((await Promise.all(ids.map((id) => dataOf(store, id)))).filter(Boolean).length).toBe(3);
    const huge = await store.append("a", "x".repeat(1_000));
    expect(await store.after(huge)).toBeUndefined();
    const next = await store.append("a", "y");
    expect(await dataOf(store, next)).toEqual([]);
    expect(new Set([...ids, huge, next]).size).toBe(12);
  });

  test("are forgotten when their time is over, with all that was kept of them", async () => {
    const store = redisStore("ttl:", { ttlMs: 100 });
    const id = await store.append("a", "1");
    await expect.poll(async () => await store.after(id)).toBeUndefined();
    const admin = await createClient({ url: redis?.url ?? "" }).connect();
    expect(await admin.keys("ttl:*")).toEqual([]);
    admin.destroy();
  });

  test("are there once, although the connection was killed again and again while they were written", async () => {
    const store = redisStore("kill:");
    const admin = await createClient({ url: redis?.url ?? "" }).connect();
    let over = false;
    let kills = 0;
    const killing = (async () => {
      while (!over && kills < 10_000) {
        await admin.sendCommand(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
        kills++;
        await new Promise((resolve) => setTimeout(resolve, 7));
      }
    })();
    const first = await store.append("a", "first");
    const sent = Array.from({ length: 150 }, (_, n) => String(n));
    for (const data of sent) await store.append("a", data);
    over = true;
    await killing;
    expect(await dataOf(store, first)).toEqual(sent);
    expect(kills).toBeGreaterThan(5);
    admin.destroy();
  });

  test(`of a session are told again to it, and to no other${verifies("HTTP-28", "HTTP-44", "SEC-42")}`, async () => {
    const served = await serve(
      "node",
      (server) => {
        server.tool("steps", {}, async (_args, ctx) => {
          for (const step of ["1", "2", "3"]) ctx.log("error", step);
          await Promise.resolve();
          return "done";
        });
      },
      { events: redisStore("session:") },
    );
    const [session, other] = [await openSession(served), await openSession(served)];
    const all = await readEvents(await session.post(call(1, "steps"))).rest();
    expect(all.length).toBe(5);
    for (const [index, { id }] of all.entries()) {
      const again = await readEvents(await session.get({ "last-event-id": id })).rest();
      expect(again.map(({ data }) => data)).toEqual(all.slice(index + 1).map(({ data }) => data));
      const refused = await other.get({ "last-event-id": id });
      expect(refused.status).toBe(400);
      await refused.text();
    }
    const admin = await createClient({ url: redis?.url ?? "" }).connect();
    expect((await admin.keys("session:*")).join()).not.toContain(session.id);
    // What was said in a session goes with it.
    await session.end();
    await expect.poll(async () => await admin.keys("session:*")).toEqual([]);
    admin.destroy();
  });
});
