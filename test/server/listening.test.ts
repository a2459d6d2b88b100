/** Subscriptions as a server keeps them, and sessions that share nothing. */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { connect } from "../../runtime/client/connect.js";
import { createServer } from "../../runtime/server/server.js";
import { verifies } from "../verifies.js";
import { createRaw, meta } from "./raw.js";

const id = "io.modelcontextprotocol/subscriptionId";

describe("subscriptions/listen", () => {
  test(`is acknowledged first, with what is offered, under the id it came with${verifies("SUB-01", "SUB-02", "SUB-03", "SUB-05", "SUB-07")}`, async () => {
    const raw = await createRaw((server) => {
      server.tool("t", {}, () => "");
    });
    const notifications = { toolsListChanged: true, promptsListChanged: true, resourceSubscriptions: ["a:b"] };
    raw.send({ jsonrpc: "2.0", id: "own", method: "subscriptions/listen", params: { _meta: meta(), notifications } });
    raw.server.tool("u", {}, () => "");
    await expect
      .poll(() => raw.seen)
      .toEqual([
        {
          jsonrpc: "2.0",
          method: "notifications/subscriptions/acknowledged",
          params: { _meta: { [id]: "own" }, notifications: { toolsListChanged: true } },
        },
        { jsonrpc: "2.0", method: "notifications/tools/list_changed", params: { _meta: { [id]: "own" } } },
      ]);
  });

  test(`ends with a result when the server closes${verifies("SUB-13", "SUB-14", "BASE-70", "BASE-71")}`, async () => {
    const raw = await createRaw();
    const listen = raw.askModern("subscriptions/listen", { notifications: {} });
    await expect.poll(() => raw.seen.length).toBe(1);
    await raw.server.close();
    expect((await listen).result).toMatchObject({ resultType: "complete", _meta: { [id]: 1 } });
  });

  test(`ends with a result when the client ends the connection, which nothing holds up then${verifies("SUB-14", "STDIO-29")}`, () => {
    const subject = fileURLToPath(new URL("../matrix/fixtures/stdio-subject.mjs", import.meta.url));
    const params = { _meta: meta(), notifications: { toolsListChanged: true } };
    const input = `${JSON.stringify({ jsonrpc: "2.0", id: 7, method: "subscriptions/listen", params })}\n`;
    const { stdout, status } = spawnSync(process.execPath, [subject], { input, encoding: "utf8", timeout: 30_000 });
    const said = stdout.trimEnd().split("\n");
    expect(said.map((line) => JSON.parse(line))).toMatchObject([
      { method: "notifications/subscriptions/acknowledged" },
      { id: 7, result: { resultType: "complete" } },
    ]);
    expect(status).toBe(0);
  });

  test(`ends silently when the client cancels it${verifies("SUB-12", "STDIO-24")}`, async () => {
    const raw = await createRaw((server) => {
      server.tool("t", {}, () => "");
    });
    void raw.askModern("subscriptions/listen", { notifications: { toolsListChanged: true } });
    raw.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } });
    await raw.askModern("tools/list");
    raw.server.tool("u", {}, () => "");
    await raw.askModern("tools/list");
    expect(raw.seen.map(({ method }) => method)).toEqual([
      "notifications/subscriptions/acknowledged",
      undefined,
      undefined,
    ]);
    expect(raw.errors).toEqual([]);
  });
});

test(`clients of one server share what is registered and nothing else${verifies("LOG-04", "RES-06", "LIFE-55")}`, async () => {
  const server = createServer({ name: "s", version: "1" });
  server.tool("log", {}, (_args, ctx) => {
    ctx.log("debug", "x");
    return ctx.client.info?.name ?? "";
  });
  server.resource("a:b", { name: "b" }, () => "");
  const logs: string[] = [];
  const events: string[] = [];
  const [ada, bob] = await Promise.all(
    ["ada", "bob"].map((name) =>
      connect(server, {
        name,
        revisions: ["2025-11-25"],
        onlog: () => logs.push(name),
        onevent: () => events.push(name),
      }),
    ),
  );
  await ada?.setLogLevel("debug");
  await ada?.subscribe({ uris: ["a:b"] }, () => undefined);
  expect((await bob?.callTool("log"))?.content).toEqual([{ type: "text", text: "bob" }]);
  expect((await ada?.callTool("log"))?.content).toEqual([{ type: "text", text: "ada" }]);
  server.resourceUpdated("a:b");
  await Promise.all([ada?.ping(), bob?.ping()]);
  expect(logs).toEqual(["ada"]);
  expect(events).toEqual(["ada"]);
});

test(`a question that the revision cannot put is not put${verifies("SAMP-10", "SAMP-11", "LIFE-23")}`, async () => {
  const raw = await createRaw((server) => {
    server.tool("used", {}, async (_args, ctx) => {
      const content = [{ type: "tool_use" as const, id: "u", name: "t", input: {} }];
      return (await ctx.sample({ maxTokens: 1, messages: [{ role: "assistant", content }] })).model;
    });
  });
  await raw.initialize("2025-06-18", { sampling: {} });
  expect((await raw.ask("tools/call", { name: "used" })).result).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining("/messages/0/content") }],
  });
});

test.each(["2025-11-25", "2026-07-28"] as const)("a client that has just gone is no news in %s", async (revision) => {
  const errors: Error[] = [];
  const server = createServer({ name: "s", version: "1", onerror: (error) => errors.push(error) });
  const tool = server.tool("t", {}, () => "");
  const client = await connect(server, { revisions: [revision] });
  await client.subscribe({ tools: true }, () => undefined);
  tool.remove();
  await client.close();
  await new Promise((resolve) => setImmediate(resolve));
  expect(errors).toEqual([]);
});
