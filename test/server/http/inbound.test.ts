/** What strangers try with messages and headers: names that look like others, names that every object has, and lines for the log. */

import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Server } from "../../../runtime/server/server.js";
import { verifies } from "../../verifies.js";
import { createRaw } from "../raw.js";
import { call, callAlone, initialize, openSession, request, serve, WAYS } from "./http.js";

const received: unknown[] = [];
const define = (server: Server): void => {
  server.tool("take", { input: { type: "object" } }, (args, ctx) => {
    received.push(args);
    return JSON.stringify([Object.keys(args), (args as { admin?: unknown }).admin ?? null, typeof ctx.meta]);
  });
};

describe.each(WAYS)("by %s", (way) => {
  test("handlers ask for headers in any case, and for those that objects have by birth", async () => {
    const asked = (server: Server): void => {
      server.tool("ask", {}, (_args, ctx) =>
        JSON.stringify(["X-One", "x-one", "constructor", "__proto__"].map((name) => ctx.origin?.header(name) ?? null)),
      );
    };
    const served = await serve(way, asked);
    const answer = await callAlone(served, "ask", {}, { headers: { "x-one": "1" } });
    expect(JSON.stringify(await answer.json())).toContain(JSON.stringify('["1","1",null,null]').slice(1, -1));
  });

  const { params } = initialize() as { params: object };

  test.each([
    { jsonrpc: "2.0", ID: 1, Method: "initialize", Params: params },
    { JSONRPC: "2.0", id: 1, METHOD: "initialize", params },
    { jsonrpc: "2.0", id: 1, method: "Initialize", params },
    // A letter that other languages fold to one of ASCII.
    { jsonrpc: "2.0", id: 1, method: "initialize", "param\u017f": params },
  ])(
    `names of members and methods are taken as they are written: %j${verifies("BASE-01", "SEC-42")}`,
    async (message) => {
      const served = await serve(way, define);
      const answer = await served.post(message);
      expect(answer.headers.get("mcp-session-id")).toBeNull();
      const spoken = (await answer.json()) as { result?: unknown; error?: { code: number } };
      expect(spoken.result).toBeUndefined();
      expect(spoken.error?.code).toBeLessThan(-32_000);
    },
  );

  test(`names of arguments and of headers in them are, too${verifies("SEC-42")}`, async () => {
    const served = await serve(way, define);
    const { headers } = await openSession(served);
    const message = { ...call(1, "take", {}), Params: { name: "other" }, METHOD: "ping" };
    expect(((await (await served.post(message, headers)).json()) as { result: unknown }).result).toMatchObject({
      content: [{ type: "text" }],
    });
  });

  test(`names that every object has are names of members and nothing else${verifies("SEC-45")}`, async () => {
    const served = await serve(way, define);
    const { headers } = await openSession(served);
    received.length = 0;
    const evil = '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},"prototype":{"admin":true}}';
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","__proto__":{"admin":true},"params":{"name":"take","__proto__":{"admin":true},"arguments":${evil},"_meta":${evil}}}`;
    const answer = (await (await served.post(body, headers)).json()) as { result: { content: { text: string }[] } };
    expect(JSON.parse(answer.result.content[0]?.text ?? "")).toEqual([
      ["__proto__", "constructor", "prototype"],
      null,
      "object",
    ]);
    expect(received).toHaveLength(1);
    expect(Object.getPrototypeOf(received[0])).toBe(Object.prototype);
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
    const opening = JSON.stringify(initialize()).replace('"capabilities":{}', `"capabilities":${evil}`);
    expect((await served.post(opening)).status).toBe(200);
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });

  test("of a member that comes twice the last counts, for headers too", async () => {
    const served = await serve(way, define);
    const meta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}`;
    const body = `{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call","params":{"name":"none","name":"take",${meta}}}`;
    const headers = { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": "take" };
    expect((await served.post(body, headers)).status).toBe(200);
    // Who routes by what came first routes elsewhere than the server, which is refused.
    expect((await served.post(body, { ...headers, "mcp-name": "none" })).status).toBe(400);
    expect((await served.post(body, { ...headers, "mcp-method": "ping" })).status).toBe(400);
  });

  test("a body that is no UTF-8 is refused in the same words, whether or not its length is known", async () => {
    const served = await serve(way, define);
    const bytes = Buffer.from('{"a":"\xff"}', "latin1");
    const said = new Set<string>();
    for (const length of [{}, { "content-length": String(bytes.length) }]) {
      const headers = { "content-type": "application/json", accept: "application/json, text/event-stream", ...length };
      const answer = await served.fetch({ method: "POST", body: bytes, headers });
      expect(answer.status).toBe(400);
      said.add(await answer.text());
    }
    expect(said.size).toBe(1);
    expect([...said][0]).toContain("the body is no UTF-8");
  });

  test("an empty answer has no type", async () => {
    const served = await serve(way, define);
    const { headers } = await openSession(served);
    const answer = await served.post({ jsonrpc: "2.0", method: "notifications/initialized" }, headers);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([202, null]);
  });

  test(`a session is named by the server alone${verifies("SEC-14")}`, async () => {
    const served = await serve(way, define);
    const chosen = await served.post(initialize(), { "mcp-session-id": "chosen-by-the-client" });
    expect(chosen.status).toBe(404);
    expect((await served.post(request(1, "ping"), { "mcp-session-id": "chosen-by-the-client" })).status).toBe(404);
    const ids = new Set<string>();
    for (let index = 0; index < 50; index++)
      ids.add((await served.post(initialize())).headers.get("mcp-session-id") ?? "");
    expect(ids.size).toBe(50);
    for (const id of ids) expect(id).toMatch(/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/);
  });

  test("nothing that was nested deeply brings a server down", async () => {
    const served = await serve(way, define);
    const deep = (open: string, close: string, times: number): string => `${open.repeat(times)}1${close.repeat(times)}`;
    for (const value of [deep("[", "]", 100_000), deep('{"a":', "}", 100_000), deep("[", "]", 900)]) {
      const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"take","arguments":{"a":${value}},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`;
      const headers = { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/call", "mcp-name": "take" };
      expect((await served.post(body, headers)).status).toBeLessThan(501);
    }
    expect((await callAlone(served, "take")).status).toBe(200);
  });
});

test("what peers say writes no lines of its own into a log, and does nothing to a terminal", async () => {
  const written: string[] = [];
  const spy = vi.spyOn(console, "error").mockImplementation((text) => void written.push(String(text)));
  onTestFinished(() => spy.mockRestore());
  const raw = await createRaw(undefined, { onerror: undefined } as never);
  onTestFinished(() => raw.close());
  const evil = "a\nlog: all is well\u001b[2J\u202e\u2028";
  raw.server.resource("a:b", { name: "b" }, () => {
    throw new Error(evil);
  });
  await raw.initialize();
  await raw.ask("resources/read", { uri: "a:b" });
  await raw.ask("ping");
  expect(written.join()).toContain("all is well");
  for (const text of written) expect(text).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u);
});
