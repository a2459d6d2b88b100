/** The era without sessions: answers by stream, subscriptions, and what a client that closes its stream ends. */

import { describe, expect, test } from "vitest";
import type { Context } from "../../../runtime/server/context.js";
import type { Server } from "../../../runtime/server/server.js";
import { verifies } from "../../verifies.js";
import type { Answer } from "../raw.js";
import { readEvents } from "./events.js";
import { askAlone, callAlone, createLatch, type Served, serve, until, WAYS } from "./http.js";

const SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId";
const LEVEL = { "io.modelcontextprotocol/logLevel": "info" };
const FORM = { type: "object" as const, properties: { age: { type: "number" as const } } };

const define = (server: Server): void => {
  server.tool(
    "echo",
    { input: { type: "object", properties: { text: { type: "string" } } } },
    ({ text }) => text ?? "",
  );
  server.tool("steps", {}, async (_args, ctx) => {
    ctx.progress({ progress: 1 });
    ctx.log("info", "half");
    await Promise.resolve();
    return "done";
  });
  server.resource("memo://a", { name: "a" }, () => "");
};

const listen = (served: Served, notifications: object, ask: Parameters<typeof askAlone>[3] = {}): Promise<Response> =>
  askAlone(served, "subscriptions/listen", { notifications }, ask);

describe.each(WAYS)("by %s, an answer", (way) => {
  test(`is a stream from the first notification on, without ids and times${verifies("HTTP-90", "HTTP-91", "HTTP-93", "HTTP-94", "HTTP-98")}`, async () => {
    const served = await serve(way, define);
    const response = await callAlone(served, "steps", {}, { more: { progressToken: 7, ...LEVEL } });
    expect(response.headers.get("x-accel-buffering")).toBe("no");
    expect(response.headers.get("mcp-session-id")).toBeNull();
    const events = await readEvents(response).rest();
    expect(events.every(({ id, retry }) => id === undefined && retry === undefined)).toBe(true);
    expect(events.map(({ data }) => JSON.parse(data ?? ""))).toMatchObject([
      { method: "notifications/progress", params: { progressToken: 7 } },
      { method: "notifications/message", params: { data: "half" } },
      { id: 1, result: { resultType: "complete" } },
    ]);
    // Nobody asked for anything: nothing is said.
    expect((await callAlone(served, "steps")).headers.get("content-type")).toBe("application/json");
  });

  test("is always a stream where that is wanted, but for what is refused", async () => {
    const served = await serve(way, define, { answers: "sse" });
    expect(await readEvents(await callAlone(served, "echo", { text: "a" })).messages()).toMatchObject([{ id: 1 }]);
    expect((await askAlone(served, "no/such")).status).toBe(404);
    expect((await callAlone(served, "echo", {}, { headers: { "mcp-method": undefined } })).status).toBe(400);
  });

  test("becomes a stream where it takes long", async () => {
    const release = createLatch();
    const served = await serve(
      way,
      (server) => {
        server.tool("wait", {}, async () => {
          await release.opened;
          return "done";
        });
      },
      { jsonWithinMs: 1 },
    );
    const events = readEvents(await callAlone(served, "wait"));
    release.open();
    expect(await events.messages()).toMatchObject([{ id: 1, result: { content: [{ text: "done" }] } }]);
  });

  test(`is not waited for by a client that left: the work is told${verifies("HTTP-99", "HTTP-100", "HTTP-101")}`, async () => {
    const contexts: Context[] = [];
    const served = await serve(way, (server) => {
      server.tool("wait", {}, async (_args, ctx) => {
        if (ctx.id === 2) ctx.log("error", "begun");
        contexts.push(ctx);
        await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
        ctx.log("error", "too late");
        ctx.progress({ progress: 1 });
        return "too late";
      });
    });
    const leaving = new AbortController();
    const plain = callAlone(served, "wait", {}, { id: 1, signal: leaving.signal });
    plain.catch(() => undefined);
    const streamed = readEvents(await callAlone(served, "wait", {}, { id: 2, more: LEVEL }));
    expect(await streamed.message()).toMatchObject({ params: { data: "begun" } });
    await until(() => contexts.length === 2);
    await streamed.leave();
    const [first, second] = contexts as [Context, Context];
    await until(() => contexts.find(({ id }) => id === 2)?.signal.aborted === true);
    expect([first, second].find(({ id }) => id === 1)?.signal.aborted).toBe(false);
    leaving.abort();
    await until(() => first.signal.aborted && second.signal.aborted);
    await new Promise((resolve) => setImmediate(resolve));
    expect(served.errors).toEqual([]);
  });

  test(`cannot be put off: there is nothing to come back for${verifies("HTTP-98")}`, async () => {
    const served = await serve(way, (server) => {
      server.tool("long", {}, (_args, ctx) => String(ctx.disconnect()));
    });
    expect(await (await callAlone(served, "long")).json()).toMatchObject({ result: { content: [{ text: "false" }] } });
  });
});

describe.each(WAYS)("by %s, a subscription", (way) => {
  test(`is acknowledged first, tells what was granted under its id, and nothing else${verifies("SUB-02", "SUB-03", "SUB-04", "SUB-07", "SUB-11", "HTTP-91", "HTTP-97")}`, async () => {
    const served = await serve(way, define);
    const response = listen(
      served,
      { toolsListChanged: true, promptsListChanged: true, resourceSubscriptions: ["memo://a"] },
      { id: "own" },
    );
    const stream = readEvents(await response);
    expect(await stream.message()).toMatchObject({
      method: "notifications/subscriptions/acknowledged",
      params: {
        _meta: { [SUBSCRIPTION]: "own" },
        notifications: { toolsListChanged: true, resourceSubscriptions: ["memo://a"] },
      },
    });
    const other = readEvents(await listen(served, { resourcesListChanged: true }, { id: 5 }));
    expect((await other.message()).params?._meta).toEqual({ [SUBSCRIPTION]: 5 });
    await readEvents(await callAlone(served, "steps", {}, { more: { progressToken: 1, ...LEVEL } })).rest();
    served.server.resourceUpdated("memo://a");
    served.server.tool("new", {}, () => "");
    served.server.resource("memo://b", { name: "b" }, () => "");
    const told = [await stream.message(), await stream.message()];
    expect(told.map(({ method }) => method)).toEqual([
      "notifications/resources/updated",
      "notifications/tools/list_changed",
    ]);
    for (const { params } of told) expect(params?._meta).toEqual({ [SUBSCRIPTION]: "own" });
    expect((await other.message()).method).toBe("notifications/resources/list_changed");
    await served.server.close();
    expect(await stream.messages()).toMatchObject([{ id: "own", result: { _meta: { [SUBSCRIPTION]: "own" } } }]);
    expect(await other.messages()).toMatchObject([{ id: 5 }]);
  });

  test(`ends with its stream, and leaves nothing behind${verifies("SUB-12", "HTTP-99")}`, async () => {
    const closed = createLatch();
    const signals: AbortSignal[] = [];
    const served = await serve(way, define);
    served.server.use("subscriptions/listen", (_params, ctx, next) => {
      signals.push(ctx.signal);
      ctx.signal.addEventListener("abort", closed.open);
      return next();
    });
    const stream = readEvents(await listen(served, { toolsListChanged: true }));
    await stream.message();
    await stream.leave();
    await closed.opened;
    served.server.tool("new", {}, () => "");
    await until(() => signals[0]?.aborted === true);
    expect(served.errors).toEqual([]);
  });
});

describe.each(WAYS)("by %s, what a client carries between rounds", (way) => {
  const asking = (server: Server): void => {
    server.tool("age", {}, async (_args, ctx) => {
      const { content } = await ctx.elicit({ message: "Age?", requestedSchema: FORM });
      return `${content?.age} years`;
    });
  };
  const capabilities = { elicitation: {} };

  async function both(served: Served, first: string, second: string): Promise<Answer> {
    const opened = await callAlone(served, "age", {}, { capabilities, headers: { authorization: first } });
    const { result } = (await opened.json()) as Answer;
    expect(result).toMatchObject({ resultType: "input_required", requestState: expect.any(String) });
    const [key = ""] = Object.keys(result?.inputRequests as object);
    const answers = {
      requestState: result?.requestState,
      inputResponses: { [key]: { action: "accept", content: { age: 7 } } },
    };
    const retry = await askAlone(
      served,
      "tools/call",
      { name: "age", arguments: {}, ...answers },
      { id: 2, capabilities, headers: { authorization: second } },
    );
    expect(retry.status).toBe(200);
    return (await retry.json()) as Answer;
  }

  test(`is good for the principal who was asked, and no other${verifies("MRTR-24", "SEC-17", "SEC-18", "HTTP-92")}`, async () => {
    const served = await serve(way, asking, {
      authenticate: (asked) => ({ principal: asked.header("authorization") ?? "" }),
    });
    expect((await both(served, "ada", "ada")).result).toMatchObject({ content: [{ text: "7 years" }] });
    expect((await both(served, "ada", "bob")).error).toMatchObject({ code: -32602 });
  });

  test("is good on another server with the same keys, and on none with others", async () => {
    const keys = ["k".repeat(32)];
    const [one, other, third] = await Promise.all(
      [keys, keys, ["x".repeat(32)]].map((own) => serve(way, asking, {}, { requestState: { keys: own } })),
    );
    const { result } = (await (await callAlone(one as Served, "age", {}, { capabilities })).json()) as Answer;
    const [key = ""] = Object.keys(result?.inputRequests as object);
    const answers = { requestState: result?.requestState, inputResponses: { [key]: { action: "decline" } } };
    const retry = async (served: Served | undefined): Promise<Answer> =>
      (await (
        await askAlone(served as Served, "tools/call", { name: "age", arguments: {}, ...answers }, { capabilities })
      ).json()) as Answer;
    expect((await retry(other)).result).toMatchObject({ content: [{ text: "undefined years" }] });
    expect((await retry(third)).error?.code).toBe(-32602);
  });
});
