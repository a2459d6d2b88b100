/** Who may talk to a server at all: the names in Host and Origin, whatever is asked. */

import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createServer } from "../../runtime/server/server.js";
import { verifies } from "../verifies.js";
import { ACCEPT, type Answer, type Headers, type RawHttp, type RawSession, send, serve } from "./raw.js";
import { defineScene } from "./scene.js";

let raw: RawHttp;
let session: RawSession;

beforeAll(async () => {
  raw = await serve(defineScene);
  session = await raw.open();
});
afterAll(() => raw.server.close());

const WAYS: readonly (readonly [string, (headers: Headers) => Promise<Answer>])[] = [
  ["a request of the newer era", (headers) => raw.ask(1, "tools/list", {}, headers)],
  [
    "a handshake",
    async (headers) => (await raw.post({ jsonrpc: "2.0", id: 1, method: "initialize" }, headers)).whole(),
  ],
  ["a request in a session", (headers) => session.post({ jsonrpc: "2.0", id: 2, method: "tools/list" }, headers)],
  ["a notification", (headers) => session.post({ jsonrpc: "2.0", method: "notifications/cancelled" }, headers)],
  ["the stream of a session", (headers) => session.get(headers)],
  ["the deprecated transport", (headers) => send("GET", raw.url, { Accept: "text/event-stream", ...headers })],
  ["the end of a session", (headers) => send("DELETE", raw.url, { ...session.headers, ...headers })],
  ["a preflight", (headers) => send("OPTIONS", raw.url, headers)],
];

describe.each(WAYS)("%s", (_what, go) => {
  test.each([
    { Origin: "https://evil.example.com" },
    { Origin: "http://127.0.0.1.evil.example.com" },
    { Origin: "null" },
    { Origin: "" },
    { Host: "evil.example.com" },
    { Host: "evil.example.com:80", Origin: "http://evil.example.com" },
  ])(
    `is refused with %j${verifies("HTTP-03", "HTTP-04", "HTTP-05", "HTTP-08", "SSE-10", "SEC-19")}`,
    async (headers) => {
      const answer = await (await go(headers)).whole();
      expect(answer.status).toBe(403);
      expect(answer.messages).toMatchObject([{ error: { code: -32600 } }]);
      expect(answer.messages[0]).not.toHaveProperty("id");
      expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
    },
  );
});

test.each([
  {},
  { Origin: "http://localhost:1234" },
  { Host: "localhost:80" },
  { Host: "[::1]:9", Origin: "http://127.0.0.1" },
])(`this machine is let in: %j${verifies("HTTP-04", "HTTP-06", "HTTP-08")}`, async (headers) => {
  expect(new URL(raw.url).hostname).toBe("127.0.0.1");
  expect((await raw.ask(1, "tools/list", {}, headers)).status).toBe(200);
  expect((await session.post({ jsonrpc: "2.0", id: 3, method: "tools/list" }, headers)).status).toBe(200);
});

test(`others are let in where they are named, and nobody else${verifies("HTTP-03", "HTTP-160")}`, async () => {
  const named = await serve(
    defineScene,
    {},
    { allowedOrigins: ["https://app.example.com"], allowedHosts: ["mcp.local"] },
  );
  const statusOf = async (headers: Headers): Promise<number> => (await named.ask(1, "tools/list", {}, headers)).status;
  const answer = await named.ask(1, "tools/list", {}, { Host: "mcp.local:1", Origin: "https://app.example.com" });
  expect(answer.status).toBe(200);
  expect(answer.headers["access-control-allow-origin"]).toBe("https://app.example.com");
  expect(await statusOf({ Host: "mcp.local", Origin: "https://app.example.com.evil.example" })).toBe(403);
  expect(await statusOf({ Host: "127.0.0.1" })).toBe(403);
  await named.server.close();
});

test(`who names two hosts is refused, whichever of them is let in${verifies("HTTP-08", "SEC-19")}`, async () => {
  const { port } = new URL(raw.url);
  const statusOf = async (...hosts: string[]): Promise<string> => {
    const socket = connect(Number(port), "127.0.0.1");
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: {} });
    const headers = [`Accept: ${ACCEPT}`, "Content-Type: application/json", `Content-Length: ${body.length}`];
    socket.end(`POST /mcp HTTP/1.1\r\n${[...hosts, ...headers, "Connection: close"].join("\r\n")}\r\n\r\n${body}`);
    let text = "";
    for await (const chunk of socket.setEncoding("utf8")) text += chunk;
    return `${text.slice(9, 12)} ${/"message":"[^"]*?host/i.test(text)}`;
  };
  expect(await statusOf("Host: 127.0.0.1")).toBe("200 false");
  for (const second of ["Host: evil.example.com", "host: 127.0.0.1", "HOST: localhost"]) {
    expect(await statusOf("Host: 127.0.0.1", second)).toBe("400 true");
    expect(await statusOf(second, "Host: 127.0.0.1")).toBe("400 true");
  }
});

test("who names two hosts is refused where there are requests of the web", async () => {
  const server = createServer({ name: "web", version: "1" });
  const handle = server.toFetchHandler({ allowedHosts: "any" });
  const headers = [
    ["host", "a.example"],
    ["host", "b.example"],
  ] as [string, string][];
  const answer = await handle(new Request("http://a.example/", { method: "POST", body: "{}", headers }));
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining("Host came more than once")]);
  await server.close();
});
