/** Bodies that are arrays: messages of the one revision that has them, and refused in every other. */

import { describe, expect, test } from "vitest";
import type { Server } from "../../../runtime/server/server.js";
import { verifies } from "../../verifies.js";
import type { Answer } from "../raw.js";
import { readEvents } from "./events.js";
import { call, createLatch, initialize, notification, openSession, request, serve, until, WAYS } from "./http.js";

const define = (server: Server): void => {
  server.tool(
    "echo",
    { input: { type: "object", properties: { text: { type: "string" } } } },
    ({ text }) => text ?? "",
  );
  server.tool("later", {}, async () => {
    await Promise.resolve();
    return "later";
  });
  server.tool("log", {}, async (_args, ctx) => {
    ctx.log("error", "said");
    await Promise.resolve();
    return "logged";
  });
};

const byId = (answers: readonly Answer[]): Answer[] =>
  [...answers].sort((one, other) => String(one.id).localeCompare(String(other.id)));

describe.each(WAYS)("by %s, a batch", (way) => {
  test(`is answered by an array with an answer for each request${verifies("HTTP-13", "HTTP-17", "HTTP-20", "BASE-17")}`, async () => {
    const session = await openSession(await serve(way, define), "2025-03-26");
    const answer = await session.post([
      call("a", "echo", { text: "1" }),
      call("b", "later"),
      notification("notifications/roots/list_changed"),
      request("c", "no/such"),
    ]);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(byId((await answer.json()) as Answer[])).toMatchObject([
      { id: "a", result: { content: [{ text: "1" }] } },
      { id: "b", result: { content: [{ text: "later" }] } },
      { id: "c", error: { code: -32601 } },
    ]);
  });

  test(`is answered by a stream where something is said about one of it${verifies("HTTP-19", "HTTP-25")}`, async () => {
    const session = await openSession(await serve(way, define, { events: false }), "2025-03-26");
    const answer = await session.post([call("a", "echo", { text: "1" }), call("b", "log")]);
    const [said, answers] = await readEvents(answer).messages();
    expect(said).toMatchObject({ method: "notifications/message", params: { data: "said" } });
    expect(byId(answers as unknown as Answer[]).map(({ id }) => id)).toEqual(["a", "b"]);
  });

  test(`without requests is taken and not answered${verifies("HTTP-14", "BASE-17")}`, async () => {
    const session = await openSession(await serve(way, define), "2025-03-26");
    const noted = await session.post([notification("notifications/roots/list_changed")]);
    expect([noted.status, await noted.text()]).toEqual([202, ""]);
    const answers = await session.post([{ jsonrpc: "2.0", id: 5, result: {} }]);
    expect([answers.status, await answers.text()]).toEqual([202, ""]);
  });

  test(`of answers settles what was asked${verifies("HTTP-13")}`, async () => {
    const served = await serve(way, (server) => {
      server.tool("roots", {}, async (_args, ctx) => {
        const [first, second] = await Promise.all([ctx.roots(), ctx.roots()]);
        return `${first.length} ${second.length}`;
      });
    });
    const session = await openSession(served, "2025-03-26", { roots: {} });
    const events = readEvents(await session.post(call(1, "roots")));
    const ids = [(await events.message()).id, (await events.message()).id];
    const roots = [[], [{ uri: "file:///a" }]];
    const posted = await session.post(
      ids.map((id, index) => ({ jsonrpc: "2.0", id, result: { roots: roots[index] } })),
    );
    expect(posted.status).toBe(202);
    expect((await events.message()).result).toMatchObject({ content: [{ text: "0 1" }] });
  });

  test(`that is empty, or not of messages, is refused by what is wrong with it${verifies("BASE-17")}`, async () => {
    const session = await openSession(await serve(way, define), "2025-03-26");
    const empty = await session.post([]);
    expect(empty.status).toBe(400);
    expect(await empty.json()).toMatchObject({ error: { code: -32600 } });
    const mixed = await session.post([1, request("a", "ping")]);
    const answers = byId((await mixed.json()) as Answer[]);
    expect(answers).toMatchObject([{ id: "a", result: {} }, { error: { code: -32600 } }]);
  });

  test(`holds no initialize${verifies("LIFE-21")}`, async () => {
    const served = await serve(way, define);
    const alone = await served.post([initialize("2025-03-26")]);
    expect(alone.status).toBe(400);
    expect(await alone.json()).toMatchObject({ error: { code: -32600 } });
    const session = await openSession(served, "2025-03-26");
    const inside = await session.post([initialize("2025-03-26"), request(1, "ping")]);
    expect(byId((await inside.json()) as Answer[])).toMatchObject([{ id: 1 }, { id: "open", error: { code: -32600 } }]);
  });

  test.each(["2024-11-05", "2025-06-18", "2025-11-25"])(
    `is refused in %s${verifies("HTTP-12", "BASE-19")}`,
    async (revision) => {
      const session = await openSession(await serve(way, define), revision);
      for (const body of [
        [request(1, "ping")],
        [notification("notifications/roots/list_changed")],
        [{ jsonrpc: "2.0", id: 1, result: {} }],
        [],
      ]) {
        const answer = await session.post(body);
        expect(answer.status).toBe(400);
        expect(await answer.json()).toMatchObject({ error: { code: -32600, message: expect.any(String) } });
      }
      // The refused id is free again.
      expect((await session.ask(1, "ping")).result).toEqual({});
    },
  );

  test("takes no id twice, and none that is in flight", async () => {
    const release = createLatch();
    let begun = 0;
    const served = await serve(way, (server) => {
      server.tool("wait", {}, async () => {
        begun++;
        await release.opened;
        return "";
      });
    });
    const session = await openSession(served, "2025-03-26");
    const twice = await session.post([request(1, "ping"), request(1, "ping")]);
    expect(twice.status).toBe(400);
    const waiting = session.post([call(1, "wait"), call(2, "wait")]);
    await until(() => begun === 2);
    expect((await session.post([request(3, "ping"), request(2, "ping")])).status).toBe(400);
    expect((await session.ask(3, "ping")).result).toEqual({});
    release.open();
    expect(((await (await waiting).json()) as Answer[]).length).toBe(2);
  });

  test(`may be cancelled in part and in whole${verifies("BASE-63")}`, async () => {
    let begun = 0;
    const served = await serve(way, (server) => {
      server.tool("wait", {}, (_args, ctx) => {
        begun++;
        return new Promise((resolve) => ctx.signal.addEventListener("abort", () => resolve("late")));
      });
    });
    const session = await openSession(served, "2025-03-26");
    const cancel = async (requestId: string): Promise<void> => {
      await (await session.post(notification("notifications/cancelled", { requestId }))).text();
    };
    const part = session.post([call("a", "wait"), request("b", "ping")]);
    await until(() => begun === 1);
    await cancel("a");
    expect(await (await part).json()).toMatchObject([{ id: "b" }]);
    const whole = session.post([call("a", "wait"), call("b", "wait")]);
    await until(() => begun === 3);
    await cancel("a");
    await cancel("b");
    expect(await (await whole).text()).toBe("");
    expect((await session.ask("a", "ping")).result).toEqual({});
  });

  test("gives every answer, also where one of them cannot be written", async () => {
    const served = await serve(way, (server) => {
      server.tool("big", {}, () => ({ content: [], _meta: { n: 1n } }));
    });
    const session = await openSession(served, "2025-03-26");
    const answer = await session.post([call("a", "big"), request("b", "ping")]);
    expect(byId((await answer.json()) as Answer[])).toMatchObject([
      { id: "a", error: { code: -32603 } },
      { id: "b", result: {} },
    ]);
  });
});
