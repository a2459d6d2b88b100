/** Stores of events: the one in memory with its bounds, and those of others, slow or broken. */

import { describe, expect, test } from "vitest";
import type { Server } from "../../../runtime/server/server.js";
import { createMemoryEventStore, type EventStore } from "../../../runtime/transport/event-store.js";
import { verifies } from "../../verifies.js";
import { readEvents } from "./events.js";
import { call, createLatch, openSession, serve, until, WAYS } from "./http.js";

const dataOf = (store: EventStore, id: string): string[] | undefined => {
  const tail = store.after(id) as { events: { data: string }[] } | undefined;
  return tail?.events.map(({ data }) => data);
};

describe("the store in memory", () => {
  test(`gives what followed an event of its stream${verifies("HTTP-45", "HTTP-46")}`, () => {
    const store = createMemoryEventStore();
    const ids = ["1", "2", "3"].map((data) => store.append("a", data) as string);
    store.append("b", "other");
    expect(dataOf(store, ids[0] ?? "")).toEqual(["2", "3"]);
    expect(dataOf(store, ids[2] ?? "")).toEqual([]);
    for (const unknown of ["", ".", "a", "a.", "a.-1", "a.3", "a.0x0", "a.00", "b.1", "c.0"])
      expect(store.after(unknown)).toBeUndefined();
    store.drop("a");
    expect(store.after(ids[0] ?? "")).toBeUndefined();
  });

  test("keeps so many events of a stream", () => {
    const store = createMemoryEventStore({ maxEvents: 3 });
    const ids = ["1", "2", "3", "4", "5"].map((data) => store.append("a", data) as string);
    expect(new Set(ids).size).toBe(5);
    expect(ids.map((id) => dataOf(store, id))).toEqual([undefined, undefined, ["4", "5"], ["5"], []]);
  });

  test(`keeps so many characters over all streams, and gives no id twice${verifies("HTTP-41", "SEC-42")}`, () => {
    const store = createMemoryEventStore({ maxTotal: 100 });
    const ids: string[] = [];
    for (let round = 0; round < 50; round++) {
      for (const stream of ["a", "b", "c"]) ids.push(store.append(stream, "x".repeat(30)) as string);
    }
    expect(new Set(ids).size).toBe(ids.length);
    const kept = ids.filter((id) => store.after(id) !== undefined);
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThanOrEqual(3);
    const huge = store.append("d", "x".repeat(1_000)) as string;
    expect(store.after(huge)).toBeUndefined();
    const next = store.append("d", "y") as string;
    expect(next).not.toBe(huge);
    expect(dataOf(store, next)).toEqual([]);
  });
});

const define = (server: Server): void => {
  server.tool("steps", {}, async (_args, ctx) => {
    for (let step = 0; step < 20; step++) {
      ctx.log("error", step);
      if (step % 3 === 0) await Promise.resolve();
    }
    return "done";
  });
};

const expected = [...Array.from({ length: 20 }, (_, step) => step), "answer"];
const said = (messages: readonly { id?: unknown; params?: { readonly [key: string]: unknown } }[]): unknown[] =>
  messages.map(({ id, params }) => (id === undefined ? params?.data : "answer"));

/** A store that answers in an order of its own, later. */
function createSlowStore(): EventStore & { readonly dropped: string[] } {
  const inner = createMemoryEventStore();
  const dropped: string[] = [];
  let turn = 0;
  const pause = async (): Promise<void> => {
    for (let left = (turn++ * 7) % 5; left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    dropped,
    async append(stream, data) {
      await pause();
      return await inner.append(stream, data);
    },
    async after(id) {
      await pause();
      return await inner.after(id);
    },
    drop(stream) {
      dropped.push(stream);
      inner.drop(stream);
    },
  };
}

describe.each(WAYS)("by %s, a store that", (way) => {
  test("takes its time keeps the order, also for who comes back in the midst", async () => {
    const store = createSlowStore();
    const served = await serve(way, define, { events: store });
    const session = await openSession(served);
    const events = readEvents(await session.post(call(1, "steps")));
    const first = await events.next();
    expect(said(await readEvents(await session.get({ "last-event-id": first?.id })).messages())).toEqual(expected);
    const rest = await events.messages();
    expect(said(rest)).toEqual(expected.slice(0, rest.length));
    expect(said(await readEvents(await session.get({ "last-event-id": first?.id })).messages())).toEqual(expected);
    await session.end();
    await until(() => store.dropped.length > 0);
    expect(new Set(store.dropped).size).toBe(1);
    expect(served.errors).toEqual([]);
  });

  test("takes its time keeps who lets the client come back in order too", async () => {
    const release = createLatch();
    const long = (server: Server): void => {
      server.tool("long", {}, async (_args, ctx) => {
        ctx.disconnect();
        await release.opened;
        return "done";
      });
    };
    const session = await openSession(await serve(way, long, { events: createSlowStore() }));
    const events = await readEvents(await session.post(call(1, "long"))).rest();
    expect(events).toMatchObject([{ data: "" }, { retry: 1_000 }]);
    release.open();
    const again = readEvents(await session.get({ "last-event-id": events[0]?.id }));
    expect(await again.messages()).toMatchObject([{ id: 1 }]);
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("disk full");
      },
    ],
    ["rejects", () => Promise.reject(new Error("disk full"))],
  ] as const)("%s costs the ids, not the messages", async (_how, fail) => {
    const broken: EventStore = { append: fail, after: fail, drop: fail };
    const served = await serve(way, define, { events: broken });
    const session = await openSession(served);
    for (let id = 0; id < 10; id++) {
      const events = await readEvents(await session.post(call(id, "steps"))).rest();
      expect(events.every((event) => event.id === undefined)).toBe(true);
      expect(said(events.map(({ data }) => JSON.parse(data ?? "")))).toEqual(expected);
    }
    const resumed = await session.get({ "last-event-id": "x" });
    expect(resumed.status).toBe(500);
    expect(await resumed.json()).toMatchObject({ error: { code: -32603 } });
    expect((await session.end()).status).toBe(204);
    expect(served.errors.length).toBeGreaterThan(200);
    expect(served.errors.every(({ message }) => message.includes("disk full"))).toBe(true);
    await until(() => served.errors.some(({ message }) => message.startsWith("Forgetting")));
  });

  test("breaks when a client comes back ends that stream, and the client may come again", async () => {
    const inner = createMemoryEventStore();
    let asked = 0;
    const flaky: EventStore = {
      ...inner,
      after(id) {
        // The first look finds the stream, the second is for what followed.
        if (++asked === 2) throw new Error("gone for a moment");
        return inner.after(id);
      },
    };
    const served = await serve(way, define, { events: flaky });
    const session = await openSession(served);
    const [first] = await readEvents(await session.post(call(1, "steps"))).rest();
    const resume = (): Promise<Response> => session.get({ "last-event-id": first?.id });
    expect(await readEvents(await resume()).rest()).toEqual([]);
    expect(said(await readEvents(await resume()).messages())).toEqual(expected);
    expect(served.errors.length).toBe(1);
  });
});
