/** A server behind somebody else's: plain `node:http`, and frameworks on it that read bodies and cut paths. */

import { once } from "node:events";
import { createServer as createListener, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createMemorySessionStore } from "../../../runtime/protocol/session-store.js";
import { createServer, type Server } from "../../../runtime/server/server.js";
import { createNodeExchange } from "../../../runtime/transport/http-node.js";
import type { Answer } from "../raw.js";
import { readEvents } from "./events.js";
import { call, headed, initialize, POSTING, request } from "./http.js";

function createEcho(): Server {
  const server = createServer({ name: "behind", version: "1" });
  server.tool(
    "echo",
    { input: { type: "object", properties: { text: { type: "string" } } } },
    ({ text }) => text ?? "",
  );
  server.tool("where", {}, (_args, ctx) => (ctx.origin as { target: string }).target);
  onTestFinished(() => server.close());
  return server;
}

/** Puts a handler behind a listener and gives its address. */
async function mount(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const listener = createListener(handle);
  await once(listener.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void listener.close());
  onTestFinished(() => listener.closeAllConnections());
  return `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
}

const post = (url: string, message: unknown, headers = {}): Promise<Response> =>
  fetch(url, { method: "POST", headers: headed({ ...POSTING, ...headers }), body: JSON.stringify(message) });

async function check(url: string): Promise<void> {
  const opened = await post(url, initialize());
  expect(opened.status).toBe(200);
  const session = { "mcp-session-id": opened.headers.get("mcp-session-id") ?? "" };
  const answers = await Promise.all(
    Array.from({ length: 20 }, async (_, id) => (await post(url, call(id, "echo", { text: `${id}` }), session)).json()),
  );
  expect(answers.map((answer) => (answer as Answer).id)).toEqual(Array.from({ length: 20 }, (_, id) => id));
  expect(await (await post(url, request(1, "no/such"), session)).json()).toMatchObject({ error: { code: -32601 } });
  const stream = readEvents(await fetch(url, { headers: { accept: "text/event-stream", ...session } }));
  expect(await stream.next()).toMatchObject({ data: "" });
  await stream.leave();
  expect((await fetch(url, { method: "DELETE", headers: session })).status).toBe(204);
}

test("plain node:http hands its requests on, on any path", async () => {
  const handler = createEcho().toNodeHandler();
  const url = await mount((asked, response) => handler(asked, response));
  await check(url);
  await check(`${url}/some/where`);
});

test("where HTTP cannot be served, requests are answered with 500, and the reason is reported once", async () => {
  const errors: unknown[] = [];
  const server = createServer({ name: "broken", version: "1", onerror: (error) => void errors.push(error) });
  onTestFinished(() => server.close());
  // Sessions of several nodes need more than a store.
  const options = { sessions: createMemorySessionStore() };
  const handler = server.toNodeHandler(options);
  const fetched = server.toFetchHandler(options);
  const url = await mount((asked, response) => handler(asked, response));
  for (let n = 0; n < 2; n++) {
    const asked = new Request("http://127.0.0.1/", { method: "POST", body: "{}" });
    for (const answer of [await post(url, initialize()), await fetched(asked)]) {
      expect([answer.status, answer.headers.get("content-type")]).toEqual([500, "application/json"]);
      expect(await answer.json()).toEqual({ jsonrpc: "2.0", error: { code: -32603, message: "Internal error" } });
    }
  }
  const error = expect.objectContaining({ code: "INVALID_USE", message: expect.stringContaining("`bus` is missing") });
  expect(errors).toEqual([error, error]);
});

async function parse(asked: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of asked) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString());
}

test("a body that was read before comes as the third argument", async () => {
  const handler = createEcho().toNodeHandler({ maxBodyBytes: 1 });
  await check(await mount((asked, response) => void parse(asked).then((body) => handler(asked, response, body))));
});

test("a body that was read before is found at the request, and `next` is none", async () => {
  const handler = createEcho().toNodeHandler();
  const next = (): void => {
    throw new Error("Nobody comes next.");
  };
  const handle = async (asked: IncomingMessage & { body?: unknown }, response: ServerResponse): Promise<void> => {
    asked.body = await parse(asked);
    handler(asked, response, next);
  };
  await check(await mount((asked, response) => void handle(asked, response)));
});

test("what a framework makes of a body that is no message is refused", async () => {
  const handler = createEcho().toNodeHandler();
  const bodies: unknown[] = [{}, "text", Buffer.from("{}"), [], 7, null];
  const url = await mount((asked, response) => void parse(asked).then(() => handler(asked, response, bodies.shift())));
  while (bodies.length > 0) {
    const answer = await post(url, request(1, "ping"));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: expect.any(Number) } });
  }
});

test.each([
  ["has answered", (response: ServerResponse) => void response.end("mine")],
  ["has begun to answer", (response: ServerResponse) => void response.writeHead(200).write("mi")],
])("where something in front %s, as on a timeout, nothing is written and nothing throws", async (_what, answer) => {
  const closed: boolean[] = [];
  const url = await mount((asked, response) => {
    answer(response);
    const exchange = createNodeExchange(asked, response);
    for (let n = 0; n < 2; n++) {
      const sink = exchange.stream(["X-Late", "1"], 1_000);
      closed.push(sink.closed);
      void sink.write("late");
      sink.end();
    }
    exchange.respond(500, [], "late");
    if (!response.writableEnded) response.end("ne");
  });
  const answered = await fetch(url);
  expect([answered.status, answered.headers.get("x-late"), await answered.text()]).toEqual([200, null, "mine"]);
  expect(closed).toEqual([true, true]);
});

test("the path that a framework cut off is told again", async () => {
  const handler = createEcho().toNodeHandler();
  const url = await mount((asked, response) => {
    Object.assign(asked, { originalUrl: asked.url, url: "/" });
    handler(asked, response);
  });
  const stream = readEvents(await fetch(`${url}/api/mcp?tenant=a`, { headers: { accept: "text/event-stream" } }));
  expect((await stream.next())?.data).toMatch(/^\/api\/mcp\?/);
  await stream.leave();
});

test("a handler of the web says what it was given instead of a Request", async () => {
  const handler = createEcho().toFetchHandler();
  await expect(handler({} as Request)).rejects.toMatchObject({ code: "INVALID_USE" });
});
