/** Sessions over HTTP: how they are opened, named, found, and ended. */

import { describe, expect, test } from "vitest";
import type { Server } from "../../../runtime/server/server.js";
import { verifies } from "../../verifies.js";
import type { Answer } from "../raw.js";
import { call, createLatch, initialize, notification, openSession, request, serve, until, WAYS } from "./http.js";

const define = (server: Server): void => {
  server.tool(
    "echo",
    { input: { type: "object", properties: { text: { type: "string" } } } },
    ({ text }) => text ?? "",
  );
};

const refused = async (response: Response): Promise<Answer> => (await response.json()) as Answer;

describe.each(WAYS)("by %s, a session", (way) => {
  test(`is named by the answer to initialize and by no other${verifies("HTTP-01", "HTTP-57", "HTTP-58", "HTTP-59", "SEC-14")}`, async () => {
    const served = await serve(way, define);
    const opened = await served.post(initialize());
    expect(opened.status).toBe(200);
    expect(opened.headers.get("content-type")).toBe("application/json");
    const id = opened.headers.get("mcp-session-id") ?? "";
    expect(id).toMatch(/^[\x21-\x7e]{32,}$/);
    expect(((await opened.json()) as Answer).result).toMatchObject({ protocolVersion: "2025-11-25" });
    const other = await served.post(initialize());
    expect(other.headers.get("mcp-session-id")).not.toBe(id);
    const headers = { "mcp-session-id": id, "mcp-protocol-version": "2025-11-25" };
    const noted = await served.post(notification("notifications/initialized"), headers);
    expect([noted.status, await noted.text(), noted.headers.get("mcp-session-id")]).toEqual([202, "", null]);
    const called = await served.post(call(1, "echo", { text: "hi" }), headers);
    expect(called.headers.get("mcp-session-id")).toBeNull();
    expect(((await called.json()) as Answer).result).toMatchObject({ content: [{ type: "text", text: "hi" }] });
  });

  test(`is needed by everything but initialize${verifies("HTTP-62", "HTTP-74")}`, async () => {
    const served = await serve(way, define);
    const asked = await served.post(request(7, "tools/list"));
    expect(asked.status).toBe(400);
    expect(await refused(asked)).toMatchObject({
      id: 7,
      error: { code: -32600, message: expect.stringMatching(/Mcp-Session-Id.*initialize/) },
    });
    const noted = await served.post(notification("notifications/initialized"));
    expect(noted.status).toBe(400);
    expect(await refused(noted)).not.toHaveProperty("id");
    expect((await served.get({ "mcp-protocol-version": "2025-11-25" })).status).toBe(400);
    expect((await served.post([initialize()])).status).toBe(400);
  });

  test(`is over after DELETE, at once, and unknown ids are not found either${verifies("HTTP-63", "HTTP-64", "HTTP-67", "HTTP-68")}`, async () => {
    const served = await serve(way, define);
    const session = await openSession(served);
    const ended = await session.end();
    expect([ended.status, await ended.text()]).toEqual([204, ""]);
    for (const answer of [await session.post(request(1, "ping")), await session.get(), await session.end()]) {
      expect(answer.status).toBe(404);
      expect((await refused(answer)).error?.message).toMatch(/no such session.*initialize/i);
    }
    const unknown = await session.post(request(1, "ping"), { "mcp-session-id": "0" });
    expect(unknown.status).toBe(404);
    expect(await refused(unknown)).toMatchObject({ id: 1 });
    const reopened = await openSession(served);
    expect((await reopened.ask(1, "ping")).result).toEqual({});
  });

  test(`ends what is under way when it ends${verifies("HTTP-24", "HTTP-63")}`, async () => {
    const aborted = createLatch();
    const begun = [createLatch(), createLatch()];
    const served = await serve(way, (server) => {
      server.tool("wait", { input: { type: "object", properties: { n: { type: "number" } } } }, async ({ n }, ctx) => {
        if (n === 1) ctx.log("error", "on a stream");
        begun[n ?? 0]?.open();
        await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
        aborted.open();
        return "never sent";
      });
    });
    const session = await openSession(served);
    const plain = session.post(call(1, "wait", { n: 0 }));
    const streamed = await session.post(call(2, "wait", { n: 1 }));
    await Promise.all(begun.map(({ opened }) => opened));
    expect((await session.end()).status).toBe(204);
    await aborted.opened;
    expect((await plain).status).toBe(404);
    expect(await refused(await plain)).toMatchObject({ id: 1, error: { code: -32600 } });
    expect(await streamed.text()).not.toContain("never sent");
  });

  test(`is answered 405 where nothing is served${verifies("HTTP-32", "HTTP-68")}`, async () => {
    const served = await serve(way, define);
    for (const method of ["PUT", "PATCH", "DELETE"]) {
      const answer = await served.fetch({ method });
      expect(answer.status).toBe(405);
      expect(answer.headers.get("allow")).toBe("GET, POST, DELETE");
      expect(await refused(answer)).toMatchObject({ error: { code: -32600, message: expect.any(String) } });
    }
  });

  test(`takes the version header where it is right or absent${verifies("HTTP-72", "HTTP-73", "LIFE-24")}`, async () => {
    const served = await serve(way, define);
    const session = await openSession(served, "2025-06-18");
    const ask = async (version: string | undefined, method = "POST"): Promise<number> => {
      const headers = { "mcp-protocol-version": version };
      const answer =
        method === "POST"
          ? session.post(request(1, "ping"), headers)
          : method === "GET"
            ? session.get(headers)
            : session.end(headers);
      const { status, body } = await answer;
      await body?.cancel();
      return status;
    };
    expect(await ask("2025-06-18")).toBe(200);
    expect(await ask(undefined)).toBe(200);
    expect(await ask("1.0.0")).toBe(400);
    expect(await ask("2026-07-28")).toBe(400);
    expect(await ask("1900-01-01", "GET")).toBe(400);
    expect(await ask("1900-01-01", "DELETE")).toBe(400);
    const told = await refused(await session.post(request(2, "ping"), { "mcp-protocol-version": "bad" }));
    expect(told).toMatchObject({ id: 2, error: { message: expect.stringContaining("2025-06-18") } });
    expect(await ask("2025-06-18", "DELETE")).toBe(204);
  });

  test(`begins with initialize whatever its headers and its _meta say${verifies("HTTP-156", "LIFE-67", "LIFE-68")}`, async () => {
    const served = await serve(way, define);
    const own = initialize() as { params: object };
    const named = {
      ...own,
      params: { ...own.params, _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } },
    };
    for (const message of [own, named]) {
      const opened = await served.post(message, { "mcp-protocol-version": "2026-07-28" });
      expect(opened.headers.get("mcp-session-id")).toEqual(expect.any(String));
      expect(((await opened.json()) as Answer).result).toMatchObject({ protocolVersion: "2025-11-25" });
    }
  });

  test(`does not begin with an initialize that offers no revision, where the request brings its own${verifies("LIFE-63", "HTTP-117")}`, async () => {
    const served = await serve(way, define);
    const _meta = {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientCapabilities": {},
    };
    const headers = { "mcp-protocol-version": "2026-07-28", "mcp-method": "initialize" };
    const answer = await served.post(request(1, "initialize", { _meta }), headers);
    expect(answer.status).toBe(404);
    expect(await refused(answer)).toMatchObject({ id: 1, error: { code: -32601 } });
  });

  test(`answers with a revision that it speaks${verifies("LIFE-12", "LIFE-13", "LIFE-14")}`, async () => {
    const served = await serve(way, define);
    const spoken = async (revision: string): Promise<unknown> =>
      ((await (await served.post(initialize(revision))).json()) as Answer).result?.protocolVersion;
    expect(await spoken("2025-03-26")).toBe("2025-03-26");
    expect(await spoken("2099-01-01")).toBe("2025-11-25");
    expect(await spoken("2026-07-28")).toBe("2025-11-25");
  });

  test("is not left behind by a refused initialize", async () => {
    for (const answers of ["auto", "sse"] as const) {
      const served = await serve(way, define, { maxSessions: 1, answers });
      const bad = await served.post(request(1, "initialize", { protocolVersion: 7 }));
      expect(bad.headers.get("mcp-session-id")).toBeNull();
      expect(await refused(bad)).toMatchObject({ id: 1, error: { code: -32602 } });
      // Its end takes a turn; then there is room again.
      let status = 503;
      for (let tries = 0; tries < 100 && status === 503; tries++) {
        const again = await served.post(initialize());
        status = again.status;
        await again.text();
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(status).toBe(200);
    }
  });

  test("is opened once", async () => {
    const served = await serve(way, define);
    const session = await openSession(served);
    const again = await session.post(initialize());
    expect(again.headers.get("mcp-session-id")).toBeNull();
    expect(await refused(again)).toMatchObject({ error: { code: -32600 } });
    expect((await session.ask(1, "ping")).result).toEqual({});
  });

  test("is refused with 503 where there are too many, and ended ones make room", async () => {
    const served = await serve(way, define, { maxSessions: 2 });
    const first = await openSession(served);
    await openSession(served);
    const third = await served.post(initialize());
    expect(third.status).toBe(503);
    expect(third.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(await refused(third)).toMatchObject({ id: "open", error: { code: -32603 } });
    await first.end();
    expect((await openSession(served)).id).not.toBe("");
  });

  test("refuses an id that is in flight, in the same form, and lets others pass", async () => {
    const release = createLatch();
    const begun: unknown[] = [];
    const served = await serve(way, (server) => {
      server.tool("wait", {}, async (_args, ctx) => {
        begun.push(ctx.id);
        await release.opened;
        return String(ctx.id);
      });
    });
    const session = await openSession(served);
    const waiting = [session.post(call(1, "wait")), session.post(call("1", "wait"))];
    await until(() => begun.length === 2);
    const double = await session.post(call(1, "wait"));
    expect(double.status).toBe(400);
    expect(await refused(double)).toMatchObject({ id: 1, error: { code: -32600 } });
    // Another session's ids are its own.
    const other = await openSession(served);
    const third = other.post(call(1, "wait"));
    await until(() => begun.length === 3);
    release.open();
    const answers = await Promise.all([...waiting, third].map(async (one) => (await (await one).json()) as Answer));
    expect(answers.map(({ id }) => id)).toEqual([1, "1", 1]);
    expect((await session.ask(1, "ping")).id).toBe(1);
  });
});
