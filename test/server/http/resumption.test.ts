/** Streams that are cut and gone on with: ids of events, what is told again, and to whom. */

import { describe, expect, test } from "vitest";
import type { Server } from "../../../runtime/server/server.js";
import { verifies } from "../../verifies.js";
import { readEvents } from "./events.js";
import { call, createLatch, openSession, type Served, type Session, serve, WAYS } from "./http.js";

const define = (server: Server): void => {
  server.resource("memo://a", { name: "a" }, () => "");
  server.tool("steps", {}, async (_args, ctx) => {
    for (const step of ["1", "2", "3"]) {
      ctx.log("error", step);
      await Promise.resolve();
    }
    return "done";
  });
};

async function change(server: Server, count: number): Promise<void> {
  for (let told = 0; told < count; told++) {
    server.resourceUpdated("memo://a");
    await Promise.resolve();
  }
}

async function subscribed(served: Served, revision?: string): Promise<Session> {
  const session = await openSession(served, revision);
  await session.ask("sub", "resources/subscribe", { uri: "memo://a" });
  return session;
}

const resume = (session: Session, id: string | undefined): Promise<Response> => session.get({ "last-event-id": id });

describe.each(WAYS)("by %s, a stream", (way) => {
  test(`begins with an event that only gives an id and a time${verifies("HTTP-40", "HTTP-47", "HTTP-54", "HTTP-56")}`, async () => {
    const served = await serve(way, define, { retryMs: 777 });
    const session = await openSession(served);
    for (const response of [await session.post(call(1, "steps")), await session.get()]) {
      const events = readEvents(response);
      expect(await events.next()).toEqual({ id: expect.stringMatching(/^[\x21-\x7e]+$/), retry: 777, data: "" });
      await events.leave();
    }
  });

  test(`begins with its first message where clients may not know such events, or nothing is kept${verifies("HTTP-53")}`, async () => {
    for (const [revision, kept] of [
      ["2025-03-26", true],
      ["2025-06-18", true],
      ["2025-11-25", false],
    ] as const) {
      const served = await serve(way, define, kept ? {} : { events: false });
      const session = await openSession(served, revision);
      const events = await readEvents(await session.post(call(1, "steps"))).rest();
      expect(events.length).toBe(4);
      expect(events.every(({ data, retry }) => data !== "" && retry === undefined)).toBe(true);
      expect(events.every(({ id }) => (id === undefined) !== kept)).toBe(true);
    }
  });

  test(`has ids that no other stream has, of whatever session${verifies("HTTP-41", "HTTP-42")}`, async () => {
    const served = await serve(way, define);
    const ids: string[] = [];
    for (const session of [await openSession(served), await openSession(served)]) {
      const streams = [await session.post(call(1, "steps")), await session.post(call(2, "steps"))];
      for (const stream of streams) {
        const own = (await readEvents(stream).rest()).map(({ id }) => id ?? "");
        expect(new Set(own.map((id) => id.slice(0, id.lastIndexOf(".")))).size).toBe(1);
        ids.push(...own);
      }
      expect(ids.join()).not.toContain(session.id);
    }
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBe(20);
  });

  test(`of a request is told again from where the client was, with its answer, and no other${verifies("HTTP-28", "HTTP-35", "HTTP-43", "HTTP-44", "HTTP-45", "HTTP-46")}`, async () => {
    const served = await serve(way, define);
    const session = await openSession(served);
    const all = await readEvents(await session.post(call(1, "steps"))).rest();
    await readEvents(await session.post(call(2, "steps"))).rest();
    for (const index of [0, 2, all.length - 1]) {
      const again = await resume(session, all[index]?.id);
      expect(again.status).toBe(200);
      expect(await readEvents(again).rest()).toEqual(all.slice(index + 1));
    }
  });

  test(`for the session goes on with what was said in between, once and in order${verifies("HTTP-45", "HTTP-46")}`, async () => {
    const served = await serve(way, define);
    const session = await subscribed(served);
    const first = readEvents(await session.get());
    await change(served.server, 2);
    const last = [await first.next(), await first.next(), await first.next()].at(-1);
    await first.leave();
    await change(served.server, 2);
    await readEvents(await session.post(call(1, "steps"))).rest();
    const second = readEvents(await resume(session, last?.id));
    await change(served.server, 1);
    for (let told = 0; told < 3; told++) {
      const { method, id } = await second.message();
      expect([method, id]).toEqual(["notifications/resources/updated", undefined]);
    }
    await session.end();
    expect(await second.messages()).toEqual([]);
  });

  test(`is not told to another session or to another principal${verifies("HTTP-46", "SEC-15", "SEC-16")}`, async () => {
    const served = await serve(way, define, {
      authenticate: (request) => ({ principal: request.header("authorization") ?? "nobody" }),
    });
    const ada = await openSession(served, "2025-11-25", {}, { authorization: "ada" });
    const again = await openSession(served, "2025-11-25", {}, { authorization: "ada" });
    const bob = await openSession(served, "2025-11-25", {}, { authorization: "bob" });
    const [first] = await readEvents(await ada.post(call(1, "steps"))).rest();
    for (const other of [again, bob]) {
      const refused = await resume(other, first?.id);
      expect(refused.status).toBe(400);
      expect(await refused.json()).toMatchObject({ error: { message: expect.stringContaining("again") } });
    }
    const stolen = await bob.get({ "mcp-session-id": ada.id, "last-event-id": first?.id });
    expect(stolen.status).toBe(404);
    expect((await resume(ada, first?.id)).status).toBe(200);
  });

  test("is refused for ids that nobody knows", async () => {
    const session = await openSession(await serve(way, define));
    for (const id of ["x", "..", "0.0.0", "", `${"a".repeat(16)}.1.0`]) {
      const refused = await resume(session, id);
      expect(refused.status).toBe(400);
      expect(await refused.json()).toMatchObject({ error: { code: -32600 } });
    }
  });

  test("is forgotten some time after it ended, and with its session", async () => {
    const session = await openSession(await serve(way, define));
    const [oldest] = await readEvents(await session.post(call(0, "steps"))).rest();
    for (let id = 1; id < 8; id++) await readEvents(await session.post(call(id, "steps"))).rest();
    expect((await readEvents(await resume(session, oldest?.id)).rest()).length).toBe(4);
    await readEvents(await session.post(call(8, "steps"))).rest();
    expect((await resume(session, oldest?.id)).status).toBe(400);
    await session.end();
    expect((await resume(session, oldest?.id)).status).toBe(404);
  });
});

describe.each(WAYS)("by %s, a handler that lets its client come back", (way) => {
  interface Long {
    readonly served: Served;
    readonly session: Session;
    readonly release: ReturnType<typeof createLatch>;
    readonly left: boolean[];
  }

  async function open(revision = "2025-11-25", http: Parameters<typeof serve>[2] = {}): Promise<Long> {
    const release = createLatch();
    const left: boolean[] = [];
    const served = await serve(
      way,
      (server) => {
        server.tool("long", {}, async (_args, ctx) => {
          ctx.log("error", "before");
          left.push(ctx.disconnect(1_234));
          ctx.log("error", "between");
          await release.opened;
          ctx.log("error", "after");
          return "done";
        });
      },
      http,
    );
    return { served, session: await openSession(served, revision), release, left };
  }

  test(`ends the stream after saying when, and answers the one who came back before it was done${verifies("HTTP-48", "HTTP-49", "HTTP-51")}`, async () => {
    const { session, release, left } = await open();
    const events = await readEvents(await session.post(call(1, "long"))).rest();
    expect(left).toEqual([true]);
    expect(events).toMatchObject([{ data: "" }, { data: expect.stringContaining("before") }, { retry: 1_234 }]);
    const again = readEvents(await resume(session, events[1]?.id));
    expect((await again.message()).params?.data).toBe("between");
    release.open();
    expect(await again.messages()).toMatchObject([
      { params: { data: "after" } },
      { id: 1, result: { content: [{ text: "done" }] } },
    ]);
  });

  test(`answers the one who came back after it was done, as often as that one comes${verifies("HTTP-48", "HTTP-51")}`, async () => {
    const { served, session, release } = await open();
    const events = await readEvents(await session.post(call(1, "long"))).rest();
    release.open();
    for (let tries = 0; tries < 2; tries++) {
      const messages = await readEvents(await resume(session, events[0]?.id)).messages();
      expect(messages.map(({ id, params }) => id ?? params?.data)).toEqual(["before", "between", "after", 1]);
    }
    expect(served.errors).toEqual([]);
  });

  test(`is told where that cannot be, and goes on with the stream that there is${verifies("HTTP-53")}`, async () => {
    for (const [revision, http] of [
      ["2025-06-18", {}],
      ["2025-11-25", { events: false }],
    ] as const) {
      const { session, release, left } = await open(revision, http);
      const events = readEvents(await session.post(call(1, "long")));
      release.open();
      expect((await events.messages()).map(({ id, params }) => id ?? params?.data)).toEqual([
        "before",
        "between",
        "after",
        1,
      ]);
      expect(left).toEqual([false]);
    }
  });
});
