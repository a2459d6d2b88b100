/** One connection, clients of both eras: what belongs to which, and what is refused. */

import { describe, expect, test } from "vitest";
import { RpcError } from "../../runtime/errors.js";
import type { Server } from "../../runtime/server/server.js";
import { verifies } from "../verifies.js";
import { createRaw, meta } from "./raw.js";

const withEcho = (server: Server): void => {
  server.tool("echo", {}, () => "hi");
};

describe("the handshake", () => {
  test(`echoes a revision that is served and counters one that is not${verifies("LIFE-12", "LIFE-13", "LIFE-14")}`, async () => {
    expect((await (await createRaw()).initialize("2024-11-05")).result?.protocolVersion).toBe("2024-11-05");
    expect((await (await createRaw()).initialize("1900-01-01")).result?.protocolVersion).toBe("2025-11-25");
    expect((await (await createRaw()).initialize("2026-07-28")).result?.protocolVersion).toBe("2025-11-25");
    const narrow = await createRaw(undefined, { revisions: ["2025-03-26"] });
    expect((await narrow.initialize("2025-11-25")).result?.protocolVersion).toBe("2025-03-26");
  });

  test(`happens once${verifies("LIFE-04", "LIFE-07")}`, async () => {
    const raw = await createRaw();
    await raw.initialize();
    expect((await raw.initialize()).error?.code).toBe(-32600);
  });

  test(`comes first, but for ping${verifies("LIFE-07", "BASE-73")}`, async () => {
    const raw = await createRaw(withEcho, { revisions: ["2025-11-25"] });
    expect((await raw.ask("ping")).result).toEqual({});
    expect((await raw.ask("tools/list")).error?.code).toBe(-32600);
    expect((await raw.ask("server/discover", { _meta: meta() })).error?.code).toBe(-32601);
    expect((await raw.initialize()).result).toBeDefined();
    expect((await raw.ask("tools/list")).result?.tools).toHaveLength(1);
  });

  test(`is checked, and tells only what the revision knows${verifies("LIFE-08", "LIFE-33", "LIFE-34", "LIFE-38", "LIFE-40", "LIFE-41")}`, async () => {
    const raw = await createRaw(withEcho);
    expect((await raw.ask("initialize", { protocolVersion: "2025-11-25" })).error).toMatchObject({
      code: -32602,
      data: { failures: [{ pointer: "/params/capabilities" }, { pointer: "/params/clientInfo" }] },
    });
    const answer = await raw.initialize();
    expect(answer.result?.capabilities).toEqual({ tools: { listChanged: true }, logging: {} });
    expect((await raw.ask("resources/list")).error?.code).toBe(-32601);
    expect((await raw.ask("resources/subscribe", { uri: "a:b" })).error?.code).toBe(-32601);
    expect((await raw.ask("prompts/list")).error?.code).toBe(-32601);
    const completing = { ref: { type: "ref/prompt", name: "p" }, argument: { name: "a", value: "" } };
    expect((await raw.ask("completion/complete", completing)).error?.code).toBe(-32601);
  });

  test(`comes in no batch${verifies("LIFE-21", "BASE-18")}`, async () => {
    const params = { protocolVersion: "2025-03-26", capabilities: {}, clientInfo: { name: "r", version: "1" } };
    const raw = await createRaw(withEcho);
    raw.send([{ jsonrpc: "2.0", id: "in a batch", method: "initialize", params }]);
    await expect.poll(() => raw.seen).toMatchObject([{ error: { code: -32600 } }]);
    expect((await raw.initialize("2025-03-26")).result?.protocolVersion).toBe("2025-03-26");
    raw.send([{ jsonrpc: "2.0", id: "again", method: "initialize", params }]);
    await expect.poll(() => raw.seen.find(({ id }) => id === "again")).toMatchObject({ error: { code: -32600 } });
  });

  test(`is named as missing by a server without it${verifies("LIFE-65")}`, async () => {
    const raw = await createRaw(undefined, { revisions: ["2026-07-28"] });
    expect((await raw.initialize()).error).toMatchObject({ code: -32601, data: { supported: ["2026-07-28"] } });
  });

  test(`comes before events${verifies("LIFE-19")}`, async () => {
    const raw = await createRaw(withEcho);
    await raw.ask("initialize", {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "r", version: "1" },
    });
    raw.server.tool("early", {}, () => "");
    await raw.ask("ping");
    raw.send({ jsonrpc: "2.0", method: "notifications/initialized" });
    raw.server.tool("late", {}, () => "");
    raw.server.tool("later", {}, () => "");
    await raw.ask("ping");
    expect(raw.seen.filter(({ method }) => method !== undefined)).toEqual([
      { jsonrpc: "2.0", method: "notifications/tools/list_changed" },
    ]);
  });
});

describe("requests that bring their own version", () => {
  test(`need what they have to bring${verifies("LIFE-43", "LIFE-46")}`, async () => {
    const raw = await createRaw(withEcho);
    expect((await raw.ask("tools/list")).error).toMatchObject({
      code: -32602,
      data: { supported: expect.arrayContaining(["2026-07-28"]) },
    });
    const lacking = await raw.ask("tools/list", { _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } });
    expect(lacking.error).toMatchObject({
      code: -32602,
      data: { failures: [{ pointer: "/params/_meta/io.modelcontextprotocol~1clientCapabilities", actual: "missing" }] },
    });
    expect((await raw.askModern("tools/list")).result?.tools).toHaveLength(1);
  });

  test(`are told which versions are served${verifies("LIFE-47", "BASE-40")}`, async () => {
    const raw = await createRaw();
    const answer = await raw.ask("server/discover", { _meta: meta({}, "2031-01-01") });
    expect(answer.error).toMatchObject({
      code: -32022,
      data: {
        requested: "2031-01-01",
        supported: ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"],
      },
    });
  });

  test(`are judged alone, also where they come between each other${verifies("LIFE-51", "LIFE-55", "LIFE-56", "LIFE-61")}`, async () => {
    const raw = await createRaw((server) => {
      server.tool("who", {}, (_args, ctx) => JSON.stringify(ctx.client.capabilities));
      server.tool("late", {}, async (_args, ctx) => {
        await new Promise((resolve) => setImmediate(resolve));
        return JSON.stringify(ctx.client.capabilities);
      });
    });
    const many = [{ roots: {} }, {}, { sampling: {} }, { elicitation: { url: {} } }];
    const answers = await Promise.all(
      many.map((capabilities) => raw.askModern("tools/call", { name: "late" }, capabilities)),
    );
    expect(answers.map(({ result }) => result?.content)).toEqual(
      many.map((capabilities) => [{ type: "text", text: JSON.stringify(capabilities) }]),
    );
    const text = async (capabilities: object): Promise<unknown> =>
      (await raw.askModern("tools/call", { name: "who" }, capabilities)).result?.content;
    expect(await text({ roots: {} })).toEqual([{ type: "text", text: '{"roots":{}}' }]);
    expect(await text({})).toEqual([{ type: "text", text: "{}" }]);
  });

  test(`may say more in _meta than anybody knows, and handlers see it as it came${verifies("BASE-21", "BASE-27", "BASE-30", "BASE-29")}`, async () => {
    const raw = await createRaw((server) => {
      server.tool("meta", {}, (_args, ctx) => ({ content: [], _meta: ctx.meta }));
    });
    const own = {
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      tracestate: "vendor=1",
      baggage: "user=%C3%A9",
      "io.modelcontextprotocol/unheard-of": [null, { deep: 1 }],
      "com.example/own": false,
    };
    const sent = { ...meta(), ...own };
    const { result } = await raw.ask("tools/call", { name: "meta", _meta: sent });
    expect(result?._meta).toMatchObject(sent);
    const older = await createRaw((server) => {
      server.tool("meta", {}, (_args, ctx) => ({ content: [], _meta: ctx.meta }));
    });
    await older.initialize();
    expect((await older.ask("tools/call", { name: "meta", _meta: own })).result?._meta).toEqual(own);
    expect((await older.ask("tools/call", { name: "meta" })).result?._meta).toEqual({});
  });

  test(`know no methods of sessions${verifies("LIFE-63", "BASE-76")}`, async () => {
    const raw = await createRaw((server) => {
      server.resource("a:b", { name: "b" }, () => "");
    });
    for (const method of ["ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe"])
      expect((await raw.askModern(method, { uri: "a:b", level: "info" })).error?.code).toBe(-32601);
  });

  test(`name the server, unless it keeps its name${verifies("LIFE-53", "BASE-85", "BASE-31")}`, async () => {
    const raw = await createRaw(withEcho, { cache: { ttlMs: 5_000, cacheScope: "public" } });
    expect((await raw.askModern("tools/list")).result).toMatchObject({
      resultType: "complete",
      ttlMs: 5_000,
      cacheScope: "public",
      _meta: { "io.modelcontextprotocol/serverInfo": { name: "raw", version: "1" } },
    });
    const quiet = await createRaw(withEcho, { sendInfo: false });
    expect((await quiet.askModern("tools/list")).result).not.toHaveProperty("_meta");
  });
});

describe("codes of errors", () => {
  const withCodes = (server: Server): void => {
    const fail = (code: unknown): never => {
      throw new RpcError(Number(code), `code ${code}`, { at: "here" });
    };
    const input = { type: "object" as const, properties: { code: { type: "number" as const } } };
    server.tool("now", { input }, ({ code }) => fail(code));
    server.tool("later", { input }, async ({ code }) => fail(code));
    server.prompt("ask", {}, async () => fail(-32042));
    server.use("tools/list", () => fail(-32002));
  };

  test.each([
    [-32002, -32602],
    [-32042, -32603],
    [-32000, -32603],
    [-32019, -32603],
    [-32099, -32603],
    [-32021, -32021],
    [-32602, -32602],
    [-32100, -32100],
    [-1, -1],
    [7, 7],
  ])(
    `of a handler that throws %d are %d where codes are reserved${verifies("BASE-41", "BASE-43", "BASE-46")}`,
    async (thrown, told) => {
      const newer = await createRaw(withCodes);
      const older = await createRaw(withCodes);
      // The one in between has −32042, and for one thing alone.
      await older.initialize("2025-06-18");
      for (const name of ["now", "later"]) {
        const params = { name, arguments: { code: thrown } };
        const error = { message: `code ${thrown}`, data: { at: "here" } };
        expect((await newer.askModern("tools/call", params)).error).toEqual({ ...error, code: told });
        expect((await older.ask("tools/call", params)).error).toEqual({ ...error, code: thrown });
      }
      expect(newer.errors.map(({ message }) => message)).toHaveLength(thrown === told ? 0 : 2);
      expect(older.errors).toEqual([]);
    },
  );

  test(`are looked at wherever they come from${verifies("BASE-41")}`, async () => {
    const raw = await createRaw(withCodes);
    expect((await raw.askModern("prompts/get", { name: "ask" })).error?.code).toBe(-32603);
    expect((await raw.askModern("tools/list")).error?.code).toBe(-32602);
    expect(raw.errors).toMatchObject([{ code: "RESERVED_CODE" }, { code: "RESERVED_CODE" }]);
  });
});

describe("both on one connection", () => {
  test(`a probe fixes nothing, the rest does${verifies("LIFE-66", "LIFE-67", "STDIO-38")}`, async () => {
    const raw = await createRaw(withEcho);
    expect((await raw.askModern("server/discover")).result?.supportedVersions).toHaveLength(5);
    await raw.initialize();
    expect((await raw.ask("tools/call", { name: "echo" })).result).toEqual({ content: [{ type: "text", text: "hi" }] });
    expect((await raw.askModern("tools/call", { name: "echo" })).error?.code).toBe(-32600);
    const other = await createRaw(withEcho);
    await other.askModern("tools/list");
    expect((await other.initialize()).error?.code).toBe(-32600);
  });

  test(`a batch is answered where the revision has them, and nowhere else${verifies("BASE-16", "BASE-17", "BASE-19")}`, async () => {
    const batch = [
      { jsonrpc: "2.0", id: "a", method: "ping" },
      { jsonrpc: "2.0", id: "b", method: "tools/list" },
    ];
    const raw = await createRaw(withEcho);
    await raw.initialize("2025-03-26");
    raw.send(batch);
    await raw.ask("ping");
    expect(raw.seen.filter(({ id }) => id === "a" || id === "b")).toHaveLength(2);
    const other = await createRaw(withEcho);
    await other.initialize("2025-06-18");
    other.send(batch);
    await other.ask("ping");
    expect(other.seen.find(({ error }) => error?.code === -32600)).toBeDefined();
  });
});
