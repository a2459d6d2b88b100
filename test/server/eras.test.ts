/** One connection, clients of both eras: what belongs to which, and what is refused. */

import { describe, expect, test } from "vitest";
import { verifies } from "../verifies.js";
import { createRaw, meta } from "./raw.js";

const withEcho = (server: Parameters<NonNullable<Parameters<typeof createRaw>[0]>>[0]): void => {
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

  test(`happens once${verifies("LIFE-07")}`, async () => {
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

  test(`is checked, and tells only what the revision knows${verifies("LIFE-08", "LIFE-33", "LIFE-34", "LIFE-41")}`, async () => {
    const raw = await createRaw(withEcho);
    expect((await raw.ask("initialize", { protocolVersion: "2025-11-25" })).error).toMatchObject({
      code: -32602,
      data: { failures: [{ pointer: "/params/capabilities" }, { pointer: "/params/clientInfo" }] },
    });
    const answer = await raw.initialize();
    expect(answer.result?.capabilities).toEqual({ tools: { listChanged: true }, logging: {} });
    expect((await raw.ask("resources/list")).error?.code).toBe(-32601);
    expect((await raw.ask("resources/subscribe", { uri: "a:b" })).error?.code).toBe(-32601);
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

  test(`are judged alone${verifies("LIFE-51", "LIFE-55", "LIFE-61")}`, async () => {
    const raw = await createRaw((server) => {
      server.tool("who", {}, (_args, ctx) => JSON.stringify(ctx.client.capabilities));
    });
    const text = async (capabilities: object): Promise<unknown> =>
      (await raw.askModern("tools/call", { name: "who" }, capabilities)).result?.content;
    expect(await text({ roots: {} })).toEqual([{ type: "text", text: '{"roots":{}}' }]);
    expect(await text({})).toEqual([{ type: "text", text: "{}" }]);
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
