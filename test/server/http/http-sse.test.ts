/** The deprecated transport of the oldest revision, at the same address: one stream, and a second address for what is posted. */

import { describe, expect, test } from "vitest";
import type { Server } from "../../../runtime/server/server.js";
import { verifies } from "../../verifies.js";
import type { Answer } from "../raw.js";
import { type EventReader, readEvents } from "./events.js";
import {
  call,
  createLatch,
  type Headed,
  initialize,
  notification,
  request,
  type Served,
  serve,
  until,
  WAYS,
} from "./http.js";

const define = (server: Server): void => {
  server.tool(
    "echo",
    { input: { type: "object", properties: { text: { type: "string" } } } },
    ({ text }) => text ?? "",
  );
  server.tool("roots", {}, async (_args, ctx) => `${(await ctx.roots()).length} roots`);
  server.resource("memo://a", { name: "a" }, () => "");
};

interface Old {
  readonly stream: EventReader;
  readonly query: string;
  post(message: unknown, headers?: Headed): Promise<Response>;
}

async function open(served: Served, revision: string | undefined = "2024-11-05", own: Headed = {}): Promise<Old> {
  const stream = readEvents(await served.get(own));
  const first = await stream.next();
  expect(first?.event).toBe("endpoint");
  const url = new URL(first?.data ?? "", "http://127.0.0.1/mcp");
  expect(url.pathname).toBe("/mcp");
  const query = url.search;
  const post: Old["post"] = (message, headers) =>
    served.post(message, { accept: undefined, ...own, ...headers }, { query });
  expect((await post(initialize(revision, { roots: {} }))).status).toBe(202);
  expect(await stream.next()).toMatchObject({
    event: "message",
    data: expect.stringContaining(`"protocolVersion":"${revision}"`),
  });
  await (await post(notification("notifications/initialized"))).text();
  return { stream, query, post };
}

describe.each(WAYS)("by %s, the old stream", (way) => {
  test(`names the address to post to before anything else${verifies("SSE-01", "SSE-02", "SSE-05", "SSE-16", "HTTP-75")}`, async () => {
    const served = await serve(way, define);
    const response = await served.get();
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(response.headers.get("mcp-session-id")).toBeNull();
    const events = [await readEvents(response).next(), await readEvents(await served.get()).next()];
    for (const event of events)
      expect(event).toEqual({ event: "endpoint", data: expect.stringMatching(/^\/mcp\?sessionId=[\w-]{36}$/) });
    expect(events[0]?.data).not.toBe(events[1]?.data);
  });

  test(`carries every answer, and the POST only says that it came${verifies("SSE-04", "SSE-06", "SSE-08", "SSE-13")}`, async () => {
    const served = await serve(way, define);
    const { stream, post } = await open(served);
    const posted = await post(call(1, "echo", { text: "ä" }));
    expect([posted.status, await posted.text()]).toEqual([202, ""]);
    const event = await stream.next();
    expect(event).toEqual({ event: "message", data: expect.any(String) });
    expect(JSON.parse(event?.data ?? "")).toMatchObject({ id: 1, result: { content: [{ text: "ä" }] } });
    await post(call(2, "roots"));
    const question = await stream.message();
    expect(question.method).toBe("roots/list");
    await post({ jsonrpc: "2.0", id: question.id, result: { roots: [{ uri: "file:///a" }] } });
    expect(await stream.message()).toMatchObject({ id: 2, result: { content: [{ text: "1 roots" }] } });
    await post(request(3, "resources/subscribe", { uri: "memo://a" }));
    expect((await stream.message()).id).toBe(3);
    served.server.resourceUpdated("memo://a");
    expect((await stream.message()).method).toBe("notifications/resources/updated");
    await post("7");
    expect(await stream.message()).toMatchObject({ error: { code: -32600 } });
    const broken = await post("{");
    expect([broken.status, ((await broken.json()) as Answer).error?.code]).toEqual([400, -32700]);
  });

  test(`is found by those who post to it, and by nobody else${verifies("SSE-16", "SSE-17")}`, async () => {
    const served = await serve(way, define, {
      authenticate: (asked) => ({ principal: asked.header("authorization") ?? "" }),
    });
    const { query, post } = await open(served, undefined, { authorization: "ada" });
    for (const [headers, where] of [
      [{ authorization: "bob" }, query],
      [{}, query],
      [{ authorization: "ada" }, "?sessionId=none"],
    ] as const) {
      const answer = await served.post(request(1, "ping"), headers, { query: where });
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining("GET") } });
    }
    expect((await post(request(1, "ping"))).status).toBe(202);
  });

  test(`ends its session when it is lost${verifies("SSE-08", "SSE-17")}`, async () => {
    const aborted = createLatch();
    let begun = false;
    const served = await serve(
      way,
      (server) => {
        server.tool("wait", {}, (_args, ctx) => {
          begun = true;
          ctx.signal.addEventListener("abort", aborted.open);
          return new Promise(() => undefined);
        });
      },
      { maxSessions: 1 },
    );
    const { stream, post } = await open(served);
    const full = await served.get();
    expect([full.status, full.headers.get("retry-after")]).toEqual([503, "30"]);
    await post(call(1, "wait"));
    await until(() => begun);
    await stream.leave();
    await aborted.opened;
    expect((await post(request(2, "ping"))).status).toBe(404);
    expect((await open(served)).stream.comments).toBe(0);
  });

  test(`carries batches in the revision that has them, and refuses them in its own${verifies("SSE-22", "SSE-23", "BASE-19")}`, async () => {
    const served = await serve(way, define);
    const batching = await open(served, "2025-03-26");
    await batching.post([request("a", "ping"), request("b", "ping")]);
    expect(await batching.stream.message()).toMatchObject([{ id: "a" }, { id: "b" }]);
    const single = await open(served);
    await single.post([request("a", "ping")]);
    expect(await single.stream.message()).toMatchObject({ error: { code: -32600 } });
    await single.post(request("b", "ping"));
    expect(await single.stream.message()).toMatchObject({ id: "b" });
  });

  test("tells a long story in order", async () => {
    const served = await serve(way, define);
    const { stream, post } = await open(served);
    await Promise.all(Array.from({ length: 50 }, (_, id) => post(call(id, "echo", { text: "x".repeat(10_000) }))));
    const ids = new Set<unknown>();
    for (let told = 0; told < 50; told++) ids.add((await stream.message()).id);
    expect(ids.size).toBe(50);
  });

  test(`speaks no revision without a handshake${verifies("SSE-24")}`, async () => {
    const served = await serve(way, define);
    const { stream, post } = await open(served);
    const _meta = {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientCapabilities": {},
    };
    await post(request(1, "server/discover", { _meta }));
    expect(await stream.message()).toMatchObject({ id: 1, error: { code: -32601 } });
  });

  test("is served only where it is wanted", async () => {
    for (const served of [
      await serve(way, define, { httpSse: false }),
      await serve(way, define, {}, { revisions: ["2025-11-25"] }),
    ]) {
      const answer = await served.get();
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining("Mcp-Session-Id") } });
    }
  });
});
