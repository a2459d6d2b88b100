/** The end of a server: everything that is open ends, what is under way is told, and nothing keeps the process. */

import { describe, expect, test } from "vitest";
import { verifies } from "../../verifies.js";
import type { Answer } from "../raw.js";
import { startChild } from "./child.js";
import { readEvents } from "./events.js";
import {
  askAlone,
  call,
  callAlone,
  headed,
  initialize,
  openSession,
  POSTING,
  request,
  serve,
  until,
  WAYS,
} from "./http.js";

describe.each(WAYS)("by %s, closing", (way) => {
  test(`ends streams, subscriptions and requests, each in its form${verifies("SUB-13", "HTTP-24")}`, async () => {
    const aborted: unknown[] = [];
    const begun: unknown[] = [];
    const served = await serve(way, (server) => {
      server.tool("wait", {}, (_args, ctx) => {
        begun.push(ctx.id);
        if (ctx.id === "s") ctx.log("error", "on a stream");
        ctx.signal.addEventListener("abort", () => aborted.push(ctx.id));
        return new Promise(() => undefined);
      });
    });
    const session = await openSession(served);
    const listening = readEvents(await session.get());
    const old = readEvents(await served.get());
    expect((await old.next())?.event).toBe("endpoint");
    const subscription = readEvents(
      await askAlone(served, "subscriptions/listen", { notifications: { toolsListChanged: true } }, { id: "l" }),
    );
    await subscription.message();
    const inSession = session.post(call("p", "wait"));
    const streamed = readEvents(await session.post(call("s", "wait")));
    const alone = callAlone(served, "wait", {}, { id: "a" });
    await until(() => begun.length === 3);
    await served.server.close();
    expect(new Set(aborted)).toEqual(new Set(["p", "s", "a"]));
    expect(await subscription.messages()).toMatchObject([{ id: "l", result: { resultType: "complete" } }]);
    expect(await listening.messages()).toEqual([]);
    expect(await old.rest()).toEqual([]);
    expect((await streamed.messages()).map(({ id }) => id)).toEqual([undefined]);
    const told = [await inSession, await alone];
    expect(told.map(({ status }) => status)).toEqual([404, 503]);
    const answers = await Promise.all(told.map((one) => one.json() as Promise<Answer>));
    expect(answers.map(({ id, error }) => [id, typeof error?.code])).toEqual([
      ["p", "number"],
      ["a", "number"],
    ]);
    expect(served.errors).toEqual([]);
  });

  test("may be said twice, and before anything came", async () => {
    const served = await serve(way);
    await Promise.all([served.server.close(), served.server.close()]);
    await served.server.close();
  });
});

test("a handler refuses what comes after its server was closed", async () => {
  const served = await serve("web");
  const session = await openSession(served);
  await served.server.close();
  for (const answer of [
    await served.post(initialize()),
    await callAlone(served, "x"),
    await session.post(request(1, "ping")),
    await served.get(),
  ]) {
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ error: { code: -32603, message: expect.stringContaining("closing") } });
  }
});

test("who left while being authenticated, or before it was heard, costs nothing", async () => {
  let begun = 0;
  const waiting: (() => void)[] = [];
  const served = await serve(
    "web",
    (server) => {
      server.tool("wait", {}, () => {
        begun++;
        return new Promise(() => undefined);
      });
    },
    {
      maxSessions: 1,
      authenticate: async () => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return undefined;
      },
    },
  );
  const leaving = new AbortController();
  const { signal } = leaving;
  const left = [
    callAlone(served, "wait", {}, { signal }),
    askAlone(served, "subscriptions/listen", { notifications: {} }, { signal }),
    served.get({}, { signal }),
  ];
  await until(() => waiting.length === 3);
  leaving.abort();
  left.push(callAlone(served, "wait", {}, { signal }));
  expect((await Promise.all(left)).map(({ status }) => status)).toEqual([499, 499, 499, 499]);
  await until(() => waiting.length === 4);
  for (const go of waiting.splice(0)) go();
  // The one old stream that may be open is not taken up by the one who left.
  const next = served.get();
  await until(() => waiting.length === 1);
  waiting[0]?.();
  expect((await readEvents(await next).next())?.event).toBe("endpoint");
  expect(begun).toBe(0);
});

test("nothing keeps the process of a server that was closed", async () => {
  const child = await startChild({ jsonWithinMs: 3_600_000 });
  const headers = headed(POSTING);
  const post = (message: unknown, more: Record<string, string> = {}): Promise<Response> =>
    fetch(child.url, { method: "POST", headers: { ...headers, ...more }, body: JSON.stringify(message) });
  const opened = await post(initialize());
  const session = { "mcp-session-id": opened.headers.get("mcp-session-id") ?? "" };
  await post(initialize());
  const streams = [
    await fetch(child.url, { headers: { accept: "text/event-stream", ...session } }),
    await fetch(child.url, { headers: { accept: "text/event-stream" } }),
  ];
  const under = post(call(1, "wait"), session);
  const asking = await post(call(2, "say"), session);
  await asking.text();
  expect(await child.close()).toBe(0);
  expect((await under).status).toBe(404);
  for (const stream of streams) await stream.text();
  expect(child.errors()).toBe("");
});
