/** How the requests of a session are answered: as JSON, or by a stream that carries what belongs to them. */

import { describe, expect, test } from "vitest";
import type { Context } from "../../../runtime/server/context.js";
import type { Server } from "../../../runtime/server/server.js";
import { verifies } from "../../verifies.js";
import type { Answer } from "../raw.js";
import { readEvents } from "./events.js";
import { call, createLatch, notification, openSession, request, serve, until, WAYS } from "./http.js";

const FORM = { type: "object" as const, properties: { age: { type: "number" as const } } };

const define = (server: Server): void => {
  server.tool(
    "echo",
    { input: { type: "object", properties: { text: { type: "string" } } } },
    ({ text }) => text ?? "",
  );
  server.tool("steps", {}, async (_args, ctx) => {
    ctx.progress({ progress: 1, total: 2 });
    await Promise.resolve();
    ctx.log("info", "half");
    return "done";
  });
  server.tool("age", {}, async (_args, ctx) => {
    const { content } = await ctx.elicit({ message: "Age?", requestedSchema: FORM });
    return `${content?.age} years`;
  });
};

describe.each(WAYS)("by %s, a request", (way) => {
  test(`is answered as JSON where nothing else is said${verifies("HTTP-14", "HTTP-17")}`, async () => {
    const session = await openSession(await serve(way, define));
    const answer = await session.post(call(1, "echo", { text: "ä €" }));
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(await answer.json()).toMatchObject({ jsonrpc: "2.0", id: 1, result: { content: [{ text: "ä €" }] } });
    const unknown = await session.post(request("x", "no/such"));
    expect(unknown.status).toBe(200);
    expect(await unknown.json()).toMatchObject({ id: "x", error: { code: -32601 } });
  });

  test(`is answered by a stream from the first notification on, which ends with the answer${verifies("HTTP-19", "HTTP-21", "HTTP-22", "HTTP-25", "HTTP-29")}`, async () => {
    const session = await openSession(await serve(way, define, { events: false }));
    const answer = await session.post(call(1, "steps", {}, "token"));
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    expect(answer.headers.get("cache-control")).toContain("no-cache");
    expect(answer.headers.get("x-accel-buffering")).toBe("no");
    const events = await readEvents(answer).rest();
    expect(events.every(({ id, event }) => id === undefined && event === undefined)).toBe(true);
    expect(events.map(({ data }) => JSON.parse(data ?? "") as Answer)).toEqual([
      expect.objectContaining({
        method: "notifications/progress",
        params: { progressToken: "token", progress: 1, total: 2 },
      }),
      expect.objectContaining({ method: "notifications/message", params: { level: "info", data: "half" } }),
      expect.objectContaining({
        id: 1,
        result: expect.objectContaining({ content: [{ type: "text", text: "done" }] }),
      }),
    ]);
  });

  test("is always answered by a stream where that is wanted; what is no request is not", async () => {
    const session = await openSession(await serve(way, define, { answers: "sse", events: false }));
    const answer = await session.post(call(1, "echo", { text: "a" }));
    expect(await readEvents(answer).messages()).toMatchObject([{ id: 1, result: { content: [{ text: "a" }] } }]);
    const noted = await session.post(notification("notifications/roots/list_changed"));
    expect([noted.status, await noted.text()]).toEqual([202, ""]);
    const array = await session.post([request(2, "ping")]);
    expect([array.status, array.headers.get("content-type")]).toEqual([400, "application/json"]);
  });

  test("becomes a stream where its answer takes long, and keeps its order", async () => {
    const release = createLatch();
    const served = await serve(
      way,
      (server) => {
        server.tool("wait", {}, async (_args, ctx) => {
          await release.opened;
          ctx.log("error", "now");
          return "done";
        });
      },
      { jsonWithinMs: 1, events: false },
    );
    const session = await openSession(served);
    const events = readEvents(await session.post(call(1, "wait")));
    release.open();
    expect(await events.messages()).toMatchObject([{ params: { data: "now" } }, { id: 1 }]);
  });

  test(`carries the questions that it causes, which are answered by POST${verifies("HTTP-14", "HTTP-21", "HTTP-38")}`, async () => {
    const served = await serve(way, define);
    const session = await openSession(served, "2025-11-25", { elicitation: {} });
    const listening = readEvents(await session.get());
    const streams = await Promise.all([1, 2].map(async (id) => readEvents(await session.post(call(id, "age")))));
    const questions = await Promise.all(streams.map((stream) => stream.message()));
    expect(questions.map(({ method }) => method)).toEqual(["elicitation/create", "elicitation/create"]);
    expect(questions[0]?.id).not.toBe(questions[1]?.id);
    // Answered in the other order, each finds its own.
    for (const index of [1, 0]) {
      const result = { action: "accept", content: { age: 10 + index } };
      const posted = await session.post({ jsonrpc: "2.0", id: questions[index]?.id, result });
      expect([posted.status, await posted.text()]).toEqual([202, ""]);
      expect(await streams[index]?.messages()).toMatchObject([
        { id: index + 1, result: { content: [{ text: `${10 + index} years` }] } },
      ]);
    }
    await session.end();
    expect(await listening.messages()).toEqual([]);
  });

  test(`is refused with 400 where it is no message${verifies("HTTP-15", "HTTP-16")}`, async () => {
    const session = await openSession(await serve(way, define));
    for (const body of [
      1,
      null,
      "text",
      {},
      { jsonrpc: "1.0", id: 1, method: "ping" },
      { jsonrpc: "2.0", id: null, method: "ping" },
    ]) {
      const answer = await session.post(JSON.stringify(body));
      expect(answer.status).toBe(400);
      const told = (await answer.json()) as Answer;
      expect(told).toMatchObject({ jsonrpc: "2.0", error: { code: -32600, message: expect.any(String) } });
      expect(told).not.toHaveProperty("id");
    }
    // An answer to nothing is taken and reported.
    expect((await session.post({ jsonrpc: "2.0", id: 99, result: {} })).status).toBe(202);
  });

  test(`ends without an answer when it is cancelled by notification${verifies("HTTP-27", "BASE-63")}`, async () => {
    const contexts: Context[] = [];
    const served = await serve(way, (server) => {
      server.tool("wait", {}, (_args, ctx) => {
        if (ctx.id === 2) ctx.log("error", "begun");
        contexts.push(ctx);
        return new Promise((resolve) => ctx.signal.addEventListener("abort", () => resolve("late")));
      });
    });
    const session = await openSession(served);
    const plain = session.post(call(1, "wait"));
    const streamed = readEvents(await session.post(call(2, "wait")));
    await until(() => contexts.length === 2);
    for (const requestId of [1, 2])
      expect(
        (await session.post(notification("notifications/cancelled", { requestId, reason: "enough" }))).status,
      ).toBe(202);
    expect(contexts.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    expect(await (await plain).text()).toBe("");
    expect(await streamed.messages()).toMatchObject([{ method: "notifications/message" }]);
    expect((await session.ask(1, "ping")).result).toEqual({});
  });

  test(`goes on when its client leaves${verifies("HTTP-26")}`, async () => {
    const release = createLatch();
    const finished = createLatch();
    const begun: Context[] = [];
    const served = await serve(way, (server) => {
      server.tool("wait", {}, async (_args, ctx) => {
        if (ctx.id === 2) ctx.log("error", "begun");
        begun.push(ctx);
        await release.opened;
        if (ctx.id === 3) finished.open();
        return "done";
      });
    });
    const session = await openSession(served);
    const leaving = new AbortController();
    const plain = session.post(call(1, "wait"), {}, { signal: leaving.signal }).catch(() => undefined);
    const streamed = readEvents(await session.post(call(2, "wait"), {}, { signal: leaving.signal }));
    const third = session.post(call(3, "wait"));
    await until(() => begun.length === 3);
    leaving.abort();
    await plain;
    await streamed.rest().catch(() => undefined);
    expect((await session.ask(4, "ping")).result).toEqual({});
    expect(begun.map(({ signal }) => signal.aborted)).toEqual([false, false, false]);
    release.open();
    await finished.opened;
    expect(((await (await third).json()) as Answer).id).toBe(3);
    expect(served.errors).toEqual([]);
  });
});
