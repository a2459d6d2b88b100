/** Schemas of a library that follows Standard Schema: arguments as it makes them, its JSON Schema in the list, its words for what does not fit. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { connect } from "../../dist/runtime/client/index.js";
import { createServer } from "../../dist/runtime/server/index.js";

test("Zod", async () => {
  const server = createServer({ name: "zod", version: "1.0.0" });
  const input = z.object({ city: z.string().min(1), days: z.number().int().default(3) });
  const output = z.object({ text: z.string() });
  server.tool("forecast", { input, output }, ({ city, days }) => ({
    structuredContent: { text: `${city} for ${days}` },
  }));

  const client = await connect(server);
  const [tool] = await client.listTools();
  assert.equal(tool.inputSchema.type, "object");
  assert.deepEqual(tool.inputSchema.required, ["city"]);
  assert.deepEqual(tool.outputSchema.required, ["text"]);
  const good = await client.callTool("forecast", { city: "Oslo" });
  assert.deepEqual(good.structuredContent, { text: "Oslo for 3" });
  const bad = await client.callTool("forecast", { city: 7 });
  assert.equal(bad.isError, true);
  assert.match(bad.content[0].text, /\/city should be .*string/);
  await client.close();
});
