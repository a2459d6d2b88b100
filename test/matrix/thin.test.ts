import { Type } from "typebox";
import { expect, test } from "vitest";
import { revisions } from "../../generated/revisions.js";
import { connect } from "../../runtime/client/connect.js";
import { createServer } from "../../runtime/server/server.js";

for (const { revision } of revisions)
  test(`a tool answers at ${revision}`, async () => {
    const server = createServer({ name: "t", version: "1" });
    server.tool("add", { input: Type.Object({ a: Type.Number(), b: Type.Number() }) }, ({ a, b }) => String(a + b));
    server.tool(
      "plain",
      { input: { type: "object", properties: { x: { type: "string" } }, required: ["x"] } },
      ({ x }) => x.toUpperCase(),
    );
    const client = await connect(server, { revisions: [revision] });
    expect(client.peer.revision).toBe(revision);
    expect(await client.listTools()).toHaveLength(2);
    expect((await client.callTool("add", { a: 1, b: 2 })).content).toEqual([{ type: "text", text: "3" }]);
    expect((await client.callTool("plain", { x: "q" })).content).toEqual([{ type: "text", text: "Q" }]);
    await client.close();
  });
