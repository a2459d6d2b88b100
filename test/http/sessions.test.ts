/** Sessions over HTTP: how they open, who may use them, what their requests are answered with, and how they end. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Revision } from "../../generated/revisions.js";
import { verifies } from "../verifies.js";
import { ACCEPT, type Answer, type RawHttp, send, serve } from "./raw.js";
import { defineScene } from "./scene.js";

const REVISIONS: readonly Revision[] = ["2025-03-26", "2025-06-18", "2025-11-25"];
const request = (id: unknown, method: string, params?: object): object => ({ jsonrpc: "2.0", id, method, params });

let raw: RawHttp;

beforeAll(async () => {
  raw = await serve(defineScene);
});
afterAll(() => raw.server.close());

describe.each(REVISIONS)("a session of %s", (revision) => {
  test(`opens by a handshake, under an id that nobody can guess${verifies("HTTP-01", "HTTP-57", "HTTP-58", "HTTP-59", "HTTP-74", "SEC-14", "SEC-15")}`, async () => {
    const sessions = await Promise.all(Array.from({ length: 20 }, () => raw.open(revision)));
    for (const { id, opening } of sessions) {
      expect(opening.result).toMatchObject({ protocolVersion: revision, serverInfo: { name: "raw" } });
      expect(id).toMatch(/^[\x21-\x7e]{22,}$/);
      // A UUID of version 4: 122 bits at random.
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
    expect(new Set(sessions.map(({ id }) => id)).size).toBe(20);
  });

  test(`answers requests by JSON or by a stream${verifies("HTTP-17", "HTTP-19", "HTTP-21", "HTTP-22", "HTTP-25")}`, async () => {
    const session = await raw.open(revision);
    const plain = await (await session.ask(1, "tools/call", { name: "echo", arguments: { name: "x" } })).whole();
    expect([plain.status, plain.headers["content-type"]]).toEqual([200, "application/json"]);
    expect(plain.messages).toMatchObject([{ id: 1, result: { content: [{ text: "echo x" }] } }]);
    const params = { name: "chatty", arguments: { name: "y" }, _meta: { progressToken: 5 } };
    const chatty = await (await session.ask(2, "tools/call", params)).whole();
    expect([chatty.status, chatty.headers["content-type"]]).toEqual([200, "text/event-stream"]);
    expect(chatty.messages).toMatchObject([
      { method: "notifications/message" },
      { method: "notifications/progress", params: { progressToken: 5 } },
      { id: 2, result: {} },
    ]);
  });

  test(`takes notifications and responses without an answer${verifies("HTTP-14", "BASE-11")}`, async () => {
    const session = await raw.open(revision, { elicitation: {} });
    for (const message of [
      { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 99 } },
      { jsonrpc: "2.0", method: "notifications/nobody/knows" },
      { jsonrpc: "2.0", id: 77, result: {} },
      { jsonrpc: "2.0", id: 78, error: { code: -1, message: "no" } },
    ]) {
      const answer = await (await session.post(message)).whole();
      expect([answer.status, answer.text]).toEqual([202, ""]);
    }
  });

  test.each([
    { jsonrpc: "2.0", method: 5 },
    { method: "notifications/cancelled" },
    { jsonrpc: "2.0", id: 1 },
    5,
    "{",
    [],
  ])(`refuses what is no message: %j${verifies("HTTP-15", "HTTP-16", "BASE-36")}`, async (body) => {
    const session = await raw.open(revision);
    const answer = await (await raw.post(body, session.headers)).whole();
    expect(answer.status).toBe(400);
    expect(answer.messages).toMatchObject([{ error: { code: body === "{" ? -32700 : -32600 } }]);
    expect(answer.messages[0]).not.toHaveProperty("id");
  });

  test(`takes batches where the revision has them${verifies("HTTP-12", "HTTP-13", "BASE-16", "BASE-17", "BASE-19")}`, async () => {
    const session = await raw.open(revision);
    const answer = await (await session.post([request("a", "ping"), request("b", "ping")])).whole();
    if (revision === "2025-03-26") {
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.text)).toEqual([
        { jsonrpc: "2.0", id: "a", result: {} },
        { jsonrpc: "2.0", id: "b", result: {} },
      ]);
      const silent = await session.post([{ jsonrpc: "2.0", method: "notifications/cancelled", params: {} }]);
      expect([silent.status, (await silent.whole()).text]).toEqual([202, ""]);
    } else {
      expect([answer.status, answer.messages]).toMatchObject([400, [{ error: { code: -32600 } }]]);
    }
  });

  test(`ends, and is unknown from then on${verifies("HTTP-62", "HTTP-63", "HTTP-64", "HTTP-67")}`, async () => {
    const session = await raw.open(revision);
    const stream = await session.get();
    expect((await session.end()).status).toBe(204);
    await stream.whole();
    const answers: readonly Answer[] = [
      await session.ask(1, "tools/list"),
      await session.post({ jsonrpc: "2.0", method: "notifications/cancelled" }),
      await session.get(),
      await session.end(),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect((await raw.post(request(1, "tools/list"))).status).toBe(400);
  });

  test(`is told which revisions there are${verifies("HTTP-72", "HTTP-73")}`, async () => {
    const session = await raw.open(revision);
    for (const version of ["1900-01-01", "1.0.0", "", "2026-07-28"]) {
      const answers = [
        await session.post(request(1, "ping"), { "MCP-Protocol-Version": version }),
        await session.get({ "MCP-Protocol-Version": version }),
      ];
      for (const answer of answers) expect([version, answer.status]).toEqual([version, 400]);
    }
    expect((await session.post(request(2, "ping"), { "MCP-Protocol-Version": undefined })).status).toBe(200);
  });
});

test(`a session is no proof of who calls${verifies("HTTP-07", "HTTP-69", "SEC-13", "SEC-15", "SEC-16")}`, async () => {
  const asked: (string | undefined)[] = [];
  const guarded = await serve(
    defineScene,
    {},
    {
      authenticate(incoming) {
        const name = incoming.header("authorization");
        asked.push(name);
        return name === undefined ? { status: 401 } : { principal: name };
      },
    },
  );
  const ada = await guarded.open("2025-11-25", {}, { Authorization: "ada" });
  const ask = async (authorization: string | undefined): Promise<number> =>
    (await ada.post(request(1, "ping"), { Authorization: authorization })).status;
  asked.length = 0;
  expect([await ask("ada"), await ask(undefined), await ask("eve"), await ask("ada")]).toEqual([200, 401, 404, 200]);
  expect(asked).toEqual(["ada", undefined, "eve", "ada"]);
  const own = { ...ada.headers, Accept: "text/event-stream", Authorization: "eve" };
  expect((await send("GET", guarded.url, own)).status).toBe(404);
  expect((await send("DELETE", guarded.url, own)).status).toBe(404);
  expect(await ask("ada")).toBe(200);
  await guarded.server.close();
});

describe("requests that are not taken", () => {
  test(`say so by their status${verifies("HTTP-11", "SEC-42", "HTTP-124")}`, async () => {
    const small = await serve(defineScene, {}, { maxBodyBytes: 1_000, maxHeaderBytes: 4_096 });
    const big = JSON.stringify({ ...request(1, "ping"), params: { text: "x".repeat(2_000) } });
    expect((await small.post(big)).status).toBe(413);
    expect((await small.post(request(1, "ping"), { "X-Long": "x".repeat(8_192) })).status).toBe(431);
    expect((await small.post(request(1, "ping"), { "Content-Type": "text/plain" })).status).toBe(415);
    for (const Accept of ["application/json", "text/event-stream", "text/html"])
      expect((await small.post(request(1, "ping"), { Accept })).status).toBe(406);
    expect((await send("GET", small.url, { Accept: "application/json" })).status).toBe(406);
    expect((await send("GET", small.url.replace("/mcp", "/other"))).status).toBe(404);
    await small.server.close();
  });

  test(`because there are enough sessions already${verifies("SEC-42")}`, async () => {
    const few = await serve(defineScene, {}, { maxSessions: 2 });
    const [first] = [await few.open(), await few.open()];
    const refused = await few.post(request(1, "initialize", { protocolVersion: "2025-11-25" }));
    expect([refused.status, refused.headers["retry-after"]]).toEqual([503, "30"]);
    await first.end();
    expect((await few.open()).opening.result).toBeDefined();
    await few.server.close();
  });

  test(`because the body is no UTF-8, or nothing, or never comes${verifies("SSE-13", "SEC-42", "BASE-01")}`, async () => {
    const headers = { "Content-Type": "application/json", Accept: ACCEPT };
    for (const body of ["", Buffer.from('{"jsonrpc":"2.0","id":1,"method":"\xff"}', "latin1")]) {
      const answer = await (await send("POST", raw.url, headers, body)).whole();
      expect([answer.status, answer.messages]).toMatchObject([400, [{ error: { code: -32700 } }]]);
    }
    const slow = await serve(defineScene, {}, { requestTimeoutMs: 1_000 });
    const answer = await send("POST", slow.url, { ...headers, "Content-Length": "100" }, "{").catch((error) => error);
    expect((answer as Partial<Answer>).status ?? 408).toBe(408);
    expect((await slow.open()).opening.result).toBeDefined();
    await slow.server.close();
  });
});
