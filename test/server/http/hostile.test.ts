/** Bodies, headers and disconnects at random, from seeds: nothing brings a server down, and every refusal can be read. */

import { describe, expect, test } from "vitest";
import { verifies } from "../../verifies.js";
import { meta } from "../raw.js";
import { type Child, startChild } from "./child.js";
import { call, initialize, notification, openSession, request, type Served, serve, WAYS } from "./http.js";
import { dial, exchange, readAll } from "./raw-http.js";

type Random = (below: number) => number;

/** Numbers that are the same for the same seed. */
function createRandom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const pick = <T>(random: Random, from: readonly T[]): T => from[random(from.length)] as T;

const VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  1e308,
  0.5,
  "",
  "\u0000",
  "x".repeat(3_000),
  [],
  [[[[]]]],
  {},
  { __proto__: 1 },
  { constructor: { prototype: 1 } },
  "2026-07-28",
  "1.0.0",
  "tools/call",
  "initialize",
  Number.MAX_SAFE_INTEGER,
];

const MESSAGES: readonly object[] = [
  initialize(),
  initialize("2025-03-26"),
  request(1, "ping"),
  call("a", "echo", { text: "x" }),
  call(2, "say", {}, "t"),
  notification("notifications/initialized"),
  notification("notifications/cancelled", { requestId: 1 }),
  { jsonrpc: "2.0", id: 1, result: {} },
  { jsonrpc: "2.0", id: 1, error: { code: 1, message: "no" } },
  request(3, "tools/call", { name: "echo", _meta: meta() }),
  request(4, "subscriptions/listen", { notifications: 7, _meta: meta() }),
];

/** A message with one of its members, at any depth, changed, gone or come. */
function mutate(random: Random, value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null || depth > 4 || random(4) === 0) return pick(random, VALUES);
  const copy = structuredClone(value) as Record<string, unknown>;
  const keys = Object.keys(copy);
  const key =
    random(6) === 0
      ? pick(random, ["id", "params", "method", "_meta", "extra", "result"])
      : (pick(random, keys) ?? "id");
  if (random(8) === 0) delete copy[key];
  else copy[key] = mutate(random, copy[key], depth + 1);
  return copy;
}

function bodyFrom(random: Random): string {
  let message: unknown = structuredClone(pick(random, MESSAGES));
  for (let times = random(3); times > 0; times--) message = mutate(random, message);
  if (random(10) === 0) message = [message, pick(random, MESSAGES), pick(random, VALUES)].slice(random(3));
  const text = JSON.stringify(message) ?? "";
  if (random(12) === 0) return text.slice(0, random(text.length + 1));
  return random(40) === 0 ? `${"[".repeat(50_000)}${text}` : text;
}

function headersFrom(random: Random, sessions: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  };
  const odd = [
    "",
    "x",
    "2026-07-28",
    "2025-11-25",
    "2025-06-18",
    "tools/call",
    "echo",
    "=?base64?eA==?=",
    "=?base64?!?=",
    "ÿ",
    "a,b",
    "x".repeat(500),
  ];
  for (let times = random(4); times > 0; times--) {
    const name = pick(random, [
      "mcp-protocol-version",
      "mcp-method",
      "mcp-name",
      "mcp-param-x",
      "mcp-session-id",
      "last-event-id",
      "accept",
      "content-type",
      "origin",
    ]);
    headers[name] = pick(random, odd);
  }
  if (random(2) === 0) headers["mcp-session-id"] = pick(random, sessions);
  return headers;
}

const STATUSES = [200, 202, 204, 400, 403, 404, 405, 406, 413, 415];

/** Looks at an answer, and gives up streams: many of them would never end. */
async function look(answer: Response, what: unknown): Promise<void> {
  expect(STATUSES, JSON.stringify(what)).toContain(answer.status);
  if (answer.status < 400) {
    if (answer.headers.get("content-type") === "text/event-stream") await answer.body?.cancel();
    else await answer.text();
    return;
  }
  expect(answer.headers.get("content-type")).toBe("application/json");
  const { jsonrpc, error } = (await answer.json()) as { jsonrpc: string; error: { code: number; message: string } };
  expect([jsonrpc, Number.isInteger(error.code)]).toEqual(["2.0", true]);
  // What happened, and what to do.
  if (error.code === -32600 || error.code === -32700 || error.code === -32020)
    expect(error.message).toMatch(/\S\. \S.*\.$/s);
}

describe.each(WAYS)("by %s", (way) => {
  test.each([1, 2, 3])(
    `every refusal says what happened and what to do, seed %i${verifies("SEC-42", "SEC-45")}`,
    async (seed) => {
      const random = createRandom(seed);
      const served: Served = await serve(way, (server) => {
        server.tool(
          "echo",
          { input: { type: "object", properties: { text: { type: "string" } } } },
          ({ text }) => text ?? "",
        );
        server.tool("say", {}, (_args, ctx) => {
          ctx.progress({ progress: 1 });
          return "";
        });
      });
      const sessions = [(await openSession(served)).id, (await openSession(served, "2025-03-26")).id];
      for (let round = 0; round < 150; round++) {
        const method = pick(random, ["POST", "POST", "POST", "POST", "POST", "POST", "GET", "OPTIONS", "PUT"]);
        const headers = headersFrom(random, sessions);
        const body = method === "POST" || method === "PUT" ? { body: bodyFrom(random) } : {};
        const init = { method, headers, ...body };
        await look(await served.fetch(init, random(20) === 0 ? "?sessionId=x" : ""), init);
      }
      const session = await openSession(served);
      expect((await session.ask(1, "tools/call", { name: "echo", arguments: { text: "alive" } })).result).toMatchObject(
        { content: [{ text: "alive" }] },
      );
    },
  );
});

const TYPES = ["Host: 127.0.0.1", "Content-Type: application/json", "Accept: application/json, text/event-stream"];

async function isAlive(child: Child): Promise<void> {
  const opened = await exchange(child.url, "POST /mcp", TYPES, JSON.stringify(initialize()));
  const session = `Mcp-Session-Id: ${opened.headers.get("mcp-session-id")}`;
  const answer = await exchange(
    child.url,
    "POST /mcp",
    [...TYPES, session],
    JSON.stringify(call(1, "echo", { text: "alive" })),
  );
  expect(JSON.parse(answer.body)).toMatchObject({ result: { content: [{ text: "alive" }] } });
  const ended = await exchange(child.url, "DELETE /mcp", [...TYPES, session]);
  expect(ended.status).toBe(204);
}

test("a process outlives bytes that are no requests", async () => {
  const child = await startChild();
  const random = createRandom(7);
  const pieces = [
    "POST /mcp HTTP/1.1\r\n",
    "GET /mcp HTTP/1.1\r\n",
    "Host: 127.0.0.1\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: -1\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Content-Type: application/json\r\n",
    "\r\n",
    "5\r\nhello\r\n",
    "0\r\n\r\n",
    "ffffffffffff\r\n",
    '{"jsonrpc":"2.0"',
    "Mcp-Session-Id: a\r\n",
    "Mcp-Session-Id: b\r\n",
    " folded\r\n",
    "\x00\x01\x02",
    "Expect: 100-continue\r\n",
    "Connection: upgrade\r\nUpgrade: websocket\r\n",
    "HTTP/9.9\r\n",
    "Origin: \x7f\r\n",
    "Origin: http://[\r\n",
  ];
  for (let round = 0; round < 150; round++) {
    const socket = await dial(child.url);
    let text = random(3) > 0 ? "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" : "";
    for (let count = 1 + random(8); count > 0; count--) text += pick(random, pieces);
    const answer = readAll(socket);
    if (random(2) === 0) socket.end(text, "latin1");
    else socket.write(text, "latin1", () => (random(2) === 0 ? socket.resetAndDestroy() : socket.destroy()));
    const answers = await answer;
    for (const [, status] of answers.matchAll(/^HTTP\/1\.1 (\d+)/gm)) expect(status).not.toBe("500");
  }
  await isAlive(child);
  expect(await child.close()).toBe(0);
  expect(child.errors()).toBe("");
});

test("a process outlives clients that leave at any point, and keeps nothing of them", async () => {
  const child = await startChild({ maxSessions: 3, jsonWithinMs: 5, keepAliveMs: 5 });
  const random = createRandom(11);
  const opened = await exchange(child.url, "POST /mcp", TYPES, JSON.stringify(initialize("2025-11-25", { roots: {} })));
  const session = `Mcp-Session-Id: ${opened.headers.get("mcp-session-id")}`;
  const alone = (name: string): string[] => [
    "MCP-Protocol-Version: 2026-07-28",
    "Mcp-Method: tools/call",
    `Mcp-Name: ${name}`,
  ];
  for (let round = 0; round < 150; round++) {
    const name = pick(random, ["echo", "say", "ask", "wait", "wait"]);
    const inSession = random(2) === 0;
    const params = { name, ...(inSession ? { _meta: { progressToken: round } } : { _meta: meta({ roots: {} }) }) };
    const body = JSON.stringify(request(round, "tools/call", params));
    const headers = [...TYPES, ...(inSession ? [session] : alone(name)), `Content-Length: ${body.length}`].join("\r\n");
    // Every fifth opens a stream instead: of the session, or the old one.
    const get = `GET /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n${random(2) === 0 ? `${session}\r\n` : ""}\r\n`;
    const text = random(5) === 0 ? get : `POST /mcp HTTP/1.1\r\n${headers}\r\n\r\n${body}`;
    const socket = await dial(child.url);
    const over = readAll(socket);
    socket.write(text.slice(0, random(4) === 0 ? random(text.length) : text.length));
    const leave = (): void => void (random(2) === 0 ? socket.resetAndDestroy() : socket.destroy());
    if (random(3) === 0) leave();
    else setTimeout(leave, random(20));
    await over;
  }
  await isAlive(child);
  const ended = await exchange(child.url, "DELETE /mcp", [...TYPES, session]);
  expect(ended.status).toBe(204);
  expect(await child.close()).toBe(0);
  expect(child.errors()).toBe("");
});
