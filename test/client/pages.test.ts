/** Lists that come in pages, as servers of all kinds cut them. */

import { describe, expect, test } from "vitest";
import { connect } from "../../runtime/client/connect.js";
import { createServer } from "../../runtime/server/server.js";
import { verifies } from "../verifies.js";
import { connectRaw, type Script, type Sent, stateful } from "./raw.js";

const tool = (name: string): object => ({ name, inputSchema: { type: "object" } });

/** Pages of 2, 0, 3 and 1 items, under cursors that are nothing but text. */
const PAGES: Readonly<Record<string, object>> = {
  start: { tools: [tool("a"), tool("b")], nextCursor: " spaces & \u00e9\n" },
  " spaces & \u00e9\n": { tools: [], nextCursor: '{"page":3}' },
  '{"page":3}': { tools: [tool("c"), tool("d"), tool("e")], nextCursor: "0" },
  "0": { tools: [tool("f")] },
};
const script: Script = stateful(({ params }) => PAGES[String(params?.cursor ?? "start")]);
const cursors = (seen: readonly Sent[]): unknown[] =>
  seen.filter(({ method }) => method === "tools/list").map(({ params }) => params?.cursor);

test(`pages of any size make one list, and cursors go back as they came${verifies("BASE-78", "BASE-79", "BASE-81")}`, async () => {
  const { client, raw } = await connectRaw(script);
  expect((await client.listTools()).map(({ name }) => name)).toEqual(["a", "b", "c", "d", "e", "f"]);
  expect(cursors(raw.seen)).toEqual([undefined, " spaces & \u00e9\n", '{"page":3}', "0"]);
});

test(`each use begins without a cursor, and fetches no more than is taken${verifies("BASE-80", "BASE-79")}`, async () => {
  const { client, raw } = await connectRaw(script);
  const tools = client.listTools();
  for (let times = 0; times < 2; times++) for await (const { name } of tools) if (name === "b") break;
  expect(cursors(raw.seen)).toEqual([undefined, undefined]);
  const again = await connectRaw(script);
  await again.client.listTools();
  expect(cursors(again.raw.seen)[0]).toBeUndefined();
});

describe("a server of this package", () => {
  test.each([1, 2, 3, 7, 100])(
    `cuts every list into pages of %i${verifies("BASE-77", "BASE-83", "TOOL-03", "PROMPT-08")}`,
    async (pageSize) => {
      const server = createServer({ name: "s", version: "1", pageSize });
      const names = ["a", "b", "c", "d", "e", "f", "g"];
      for (const name of names) {
        server.tool(name, {}, () => "");
        server.prompt(name, {}, () => "");
        server.resource(`memo:${name}`, { name }, () => "");
        server.resourceTemplate(`memo:${name}/{x}`, { name }, () => "");
      }
      for (const revisions of [["2025-11-25"], ["2026-07-28"]] as const) {
        const client = await connect(server, { revisions });
        const lists = [
          client.listTools(),
          client.listPrompts(),
          client.listResources(),
          client.listResourceTemplates(),
        ];
        for (const list of lists) {
          expect((await list).map(({ name }) => name)).toEqual(names);
          let pages = 0;
          for await (const page of list.pages()) pages += page === undefined ? 0 : 1;
          expect(pages).toBe(Math.ceil(names.length / pageSize));
        }
        for (const method of ["tools/list", "prompts/list", "resources/list", "resources/templates/list"] as const)
          await expect(client.request(method, { cursor: "made up" })).rejects.toMatchObject({ rpcCode: -32602 });
        await client.close();
      }
    },
  );

  test(`lists the same to everybody, whatever they did before${verifies("TOOL-02")}`, async () => {
    const server = createServer({ name: "s", version: "1" });
    server.tool("a", {}, () => "");
    server.prompt("p", {}, () => "");
    server.resource("memo:r", { name: "r" }, () => "");
    const revisions = ["2026-07-28"] as const;
    const [busy, idle] = await Promise.all([
      connect(server, { revisions, roots: [], elicit: () => ({ action: "decline" }) }),
      connect(server, { revisions, cacheEntries: 0 }),
    ]);
    await busy.callTool("a");
    await busy.setLogLevel("debug");
    await busy.subscribe({ tools: true }, () => undefined);
    for (const method of ["tools/list", "prompts/list", "resources/list"] as const)
      expect(await busy.request(method)).toEqual(await idle.request(method));
  });
});
