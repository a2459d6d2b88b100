/** Who may talk to an endpoint: hosts, origins, preflights, and who it is that talks. */

import { describe, expect, test } from "vitest";
import type { Server } from "../../../runtime/server/server.js";
import { verifies } from "../../verifies.js";
import type { Answer } from "../raw.js";
import {
  call,
  callAlone,
  headed,
  initialize,
  openSession,
  POSTING,
  request,
  type Served,
  serve,
  WAYS,
} from "./http.js";
import { exchange } from "./raw-http.js";

const define = (server: Server): void => {
  server.tool("who", {}, (_args, ctx) => {
    const { principal, auth } = ctx.origin as { principal?: string; auth?: { level?: number } };
    return `${principal} ${auth?.level}`;
  });
};

/** The status for a host, which `fetch` would not send on the one way, and which is part of the address on the other. */
async function statusFor(served: Served, host: string, origin?: string): Promise<number> {
  const body = JSON.stringify(initialize());
  const named = origin === undefined ? [] : [`Origin: ${origin}`];
  const types = ["Content-Type: application/json", "Accept: application/json, text/event-stream"];
  if (served.way === "node")
    return (await exchange(served.url, "POST /mcp", [`Host: ${host}`, ...types, ...named], body)).status;
  const handler = served.server.toFetchHandler();
  const headers = headed({ ...POSTING, origin });
  return (await handler(new Request(`http://${host}/mcp`, { method: "POST", headers, body }))).status;
}

describe.each(WAYS)("by %s", (way) => {
  test(`other hosts than this machine are refused, whatever the port${verifies("HTTP-08", "HTTP-03")}`, async () => {
    const served = await serve(way, define);
    for (const host of ["127.0.0.1", "127.0.0.1:1", "localhost:8080", "LOCALHOST", "[::1]", "[::1]:3000"])
      expect([host, await statusFor(served, host)]).toEqual([host, 200]);
    for (const host of ["example.com", "127.0.0.1.example.com", "localhost.example.com:80", "10.0.0.1", "[::2]"])
      expect([host, await statusFor(served, host)]).toEqual([host, 403]);
  });

  test(`pages of other origins are refused, and told so${verifies("HTTP-03", "HTTP-04", "HTTP-05", "SSE-10", "SEC-19")}`, async () => {
    const served = await serve(way, define);
    for (const origin of ["http://localhost:5173", "https://127.0.0.1", "http://[::1]:8080"])
      expect([origin, (await served.post(initialize(), { origin })).status]).toEqual([origin, 200]);
    for (const origin of [
      "https://example.com",
      "null",
      "http://localhost.example.com",
      "file://",
      "localhost",
      "http://localhost@example.com",
    ]) {
      for (const answer of [
        await served.post(initialize(), { origin }),
        await served.get({ origin }),
        await served.fetch({ method: "OPTIONS", headers: { origin } }),
        await callAlone(served, "who", {}, { headers: { origin } }),
      ]) {
        expect([origin, answer.status]).toEqual([origin, 403]);
        expect(answer.headers.get("access-control-allow-origin")).toBeNull();
        const told = (await answer.json()) as Answer;
        expect(told).toMatchObject({
          error: { code: -32600, message: expect.stringMatching(/origin.*allowedOrigins/) },
        });
        expect(told).not.toHaveProperty("id");
      }
    }
  });

  test("names that are allowed are the ones that are meant", async () => {
    const http = { allowedHosts: ["Tools.example.com", "127.0.0.1"], allowedOrigins: ["https://app.example.com"] };
    const served = await serve(way, define, http);
    const from = async (origin: string): Promise<number> => (await served.post(initialize(), { origin })).status;
    expect(await from("https://app.example.com")).toBe(200);
    for (const origin of [
      "http://app.example.com",
      "https://app.example.com:8443",
      "https://example.com",
      "http://localhost",
    ])
      expect([origin, await from(origin)]).toEqual([origin, 403]);
    if (way === "node") expect(await statusFor(served, "tools.EXAMPLE.com:443")).toBe(200);
    const any = await serve(way, define, { allowedHosts: "any", allowedOrigins: "any" });
    expect((await any.post(initialize(), { origin: "null" })).status).toBe(200);
    if (way === "node") expect(await statusFor(any, "example.com")).toBe(200);
  });

  test(`a page is told what it may send and read${verifies("HTTP-160")}`, async () => {
    const served = await serve(way, define);
    const origin = "http://localhost:5173";
    const wanted =
      "Content-Type, mcp-method,Mcp-Name, MCP-Param-Region,MCP-Protocol-Version, authorization, mcp-session-id, Last-Event-ID, x-evil";
    const headers = { origin, "access-control-request-method": "POST", "access-control-request-headers": wanted };
    const preflight = await served.fetch({ method: "OPTIONS", headers });
    expect([preflight.status, await preflight.text()]).toEqual([204, ""]);
    expect(preflight.headers.get("access-control-allow-origin")).toBe(origin);
    expect(preflight.headers.get("vary")).toBe("Origin");
    expect(preflight.headers.get("access-control-allow-methods")).toBe("GET, POST, DELETE");
    expect(preflight.headers.get("access-control-allow-headers")?.split(", ")).toEqual([
      "content-type",
      "mcp-method",
      "mcp-name",
      "mcp-param-region",
      "mcp-protocol-version",
      "authorization",
      "mcp-session-id",
      "last-event-id",
    ]);
    const opened = await served.post(initialize(), { origin });
    const refused = await served.post("{", { origin });
    const missing = await served.post(request(1, "ping"), { origin, "mcp-session-id": "x" });
    const session = { origin, "mcp-session-id": opened.headers.get("mcp-session-id") ?? "" };
    const stream = await served.get(session);
    for (const answer of [opened, refused, missing, stream]) {
      expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
      expect(answer.headers.get("access-control-expose-headers")).toMatch(/Mcp-Session-Id.*WWW-Authenticate/);
    }
    await stream.body?.cancel();
    expect((await served.post(initialize())).headers.get("access-control-allow-origin")).toBeNull();
  });

  test(`who calls is found out before the body is read, and handlers see it${verifies("HTTP-07", "SSE-12")}`, async () => {
    const seen: string[] = [];
    const served = await serve(way, define, {
      authenticate: async (asked) => {
        seen.push(`${asked.method} ${asked.target}`);
        await Promise.resolve();
        const name = asked.header("authorization");
        if (name === undefined) return { status: 401, headers: { "WWW-Authenticate": "Bearer" }, body: "who?" };
        return { principal: name, level: 3 };
      },
    });
    const unknown = await served.post("{ not even JSON");
    expect([unknown.status, unknown.headers.get("www-authenticate"), await unknown.text()]).toEqual([
      401,
      "Bearer",
      "who?",
    ]);
    expect((await served.get()).status).toBe(401);
    const alone = await callAlone(served, "who", {}, { headers: { authorization: "ada" } });
    expect(await alone.json()).toMatchObject({ result: { content: [{ text: "ada 3" }] } });
    const session = await openSession(served, "2025-11-25", {}, { authorization: "ada" });
    expect((await session.ask(1, "tools/call", { name: "who" })).result).toMatchObject({
      content: [{ text: "ada 3" }],
    });
    expect(seen.slice(0, 2)).toEqual(["POST /mcp", "GET /mcp"]);
  });

  test(`a session is no proof of who calls, and is not there for others${verifies("HTTP-69", "SEC-13", "SEC-15")}`, async () => {
    const served = await serve(way, define, {
      authenticate: (asked) => {
        const principal = asked.header("authorization");
        return principal === undefined ? undefined : { principal };
      },
    });
    const session = await openSession(served, "2025-11-25", {}, { authorization: "ada" });
    for (const authorization of ["bob", undefined]) {
      for (const answer of [
        await session.post(call(1, "who"), { authorization }),
        await session.get({ authorization }),
        await session.end({ authorization }),
      ])
        expect([authorization, answer.status]).toEqual([authorization, 404]);
    }
    expect((await session.post(call(1, "who"))).status).toBe(200);
  });

  test("authentication that fails by itself is told as an internal error, without its reason", async () => {
    for (const authenticate of [
      () => {
        throw new Error("secret of the database");
      },
      () => Promise.reject(new Error("secret of the database")),
      () => null as unknown as undefined,
      () => ({ status: 200, headers: { "bad header": "x" } }),
    ]) {
      const served = await serve(way, define, { authenticate });
      const answer = await served.post(initialize());
      expect(answer.status).toBe(500);
      const text = await answer.text();
      expect(JSON.parse(text)).toMatchObject({ error: { code: -32603 } });
      expect(text).not.toContain("secret");
      expect(served.errors.length).toBe(1);
    }
  });
});

test(`a listener is reached from this machine alone unless it is told otherwise${verifies("HTTP-06", "SSE-11")}`, async () => {
  const served = await serve("node", define);
  expect(new URL(served.url).hostname).toBe("127.0.0.1");
  const elsewhere = await fetch(served.url.replace("/mcp", "/other"));
  expect(elsewhere.status).toBe(404);
  expect(await elsewhere.json()).toMatchObject({ error: { message: expect.stringContaining("/mcp") } });
  const taken = served.server.serveHttp({ port: Number(new URL(served.url).port) });
  await expect(taken).rejects.toMatchObject({ code: "NOT_OPEN" });
});
