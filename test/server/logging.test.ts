/** Log entries: who offers them, at which level, and on whose behalf they go. */

import { describe, expect, test } from "vitest";
import { createServer, type Server } from "../../runtime/server/server.js";
import { Wire } from "../jsonrpc/wire.js";
import { verifies } from "../verifies.js";
import { createRaw, meta, type Raw } from "./raw.js";

const LEVELS = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"] as const;

function define(server: Server): void {
  server.tool("log", {}, (_args, ctx) => {
    for (const level of LEVELS) ctx.log(level, level);
    return "";
  });
}

const logged = ({ seen }: Raw): unknown[] =>
  seen.filter(({ method }) => method === "notifications/message").map(({ params }) => params?.level);

const logLevel = (level: unknown): object => ({
  _meta: { ...meta(), "io.modelcontextprotocol/logLevel": level },
});

test(`a server that offers no logging sends no entries${verifies("LOG-01", "LIFE-38")}`, async () => {
  const older = await createRaw(define, { logging: false });
  expect((await older.initialize()).result?.capabilities).toEqual({ tools: { listChanged: true } });
  expect((await older.ask("logging/setLevel", { level: "debug" })).error?.code).toBe(-32601);
  await older.ask("tools/call", { name: "log" });
  const newer = await createRaw(define, { logging: false });
  await newer.ask("tools/call", { name: "log", ...logLevel("debug") });
  expect([...logged(older), ...logged(newer)]).toEqual([]);
});

describe("the level", () => {
  test.each(LEVELS.map((level, index) => [level, LEVELS.slice(index)] as const))(
    `%s lets through what is as severe${verifies("LOG-03", "LOG-04", "LOG-06", "LOG-07")}`,
    async (level, wanted) => {
      const older = await createRaw(define);
      await older.initialize();
      expect((await older.ask("logging/setLevel", { level })).result).toEqual({});
      await older.ask("tools/call", { name: "log" });
      expect(logged(older)).toEqual(wanted);
      const newer = await createRaw(define);
      await newer.ask("tools/call", { name: "log", ...logLevel(level) });
      await newer.askModern("tools/call", { name: "log" });
      expect(logged(newer)).toEqual(wanted);
    },
  );

  test(`that is none is refused${verifies("LOG-05", "LOG-09")}`, async () => {
    const older = await createRaw(define);
    await older.initialize();
    expect((await older.ask("logging/setLevel", { level: "loud" })).error?.code).toBe(-32602);
    const newer = await createRaw(define);
    expect((await newer.ask("tools/call", { name: "log", ...logLevel("loud") })).error?.code).toBe(-32602);
    expect([...logged(older), ...logged(newer)]).toEqual([]);
  });
});

test(`entries and progress go with the request that they are about, and never to a listener${verifies("LOG-08", "LOG-07", "BASE-58", "SUB-08")}`, async () => {
  const server = createServer({ name: "s", version: "1" });
  server.tool("work", {}, async (_args, ctx) => {
    ctx.progress({ progress: 1 });
    await new Promise((resolve) => setImmediate(resolve));
    ctx.log("error", ctx.id);
    return "";
  });
  const wire = new Wire();
  await server.connect(wire);
  const listen = { notifications: { toolsListChanged: true }, ...logLevel("debug") };
  wire.say({ jsonrpc: "2.0", id: "listen", method: "subscriptions/listen", params: listen });
  for (const id of ["first", "second"]) {
    const _meta = { ...meta(), "io.modelcontextprotocol/logLevel": "debug", progressToken: `${id}-token` };
    wire.say({ jsonrpc: "2.0", id, method: "tools/call", params: { name: "work", _meta } });
  }
  await expect.poll(() => wire.sent.length).toBe(7);
  const about = wire.sent.map((message, index) => [
    (message as { method?: string }).method ?? "result",
    wire.abouts[index],
  ]);
  expect(about).toEqual([
    ["notifications/subscriptions/acknowledged", "listen"],
    ["notifications/progress", "first"],
    ["notifications/progress", "second"],
    ["notifications/message", "first"],
    ["result", "first"],
    ["notifications/message", "second"],
    ["result", "second"],
  ]);
  for (const message of wire.sent.slice(1)) expect(JSON.stringify(message)).not.toContain("subscriptionId");
  await server.close();
});
