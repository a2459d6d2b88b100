/** What stands around tasks: middleware that asks before there is one, agents that call tools which have them, and limits. */

import { expect, test } from "vitest";
import { connect } from "../../runtime/client/connect.js";
import { createServer } from "../../runtime/server/server.js";
import { createRaw } from "../server/raw.js";
import { verifies } from "../verifies.js";
import { DECLARED, defineTaskTools, Gates } from "./scene.js";

const NAME = { type: "object", properties: { name: { type: "string" } }, required: ["name"] } as const;

test(`what middleware asks is asked before there is a task${verifies("XTASK-19", "XTASK-17")}`, async () => {
  const raw = await createRaw((server) => {
    server.tool("hello", { task: "required", input: NAME }, async ({ name }) => `Hello ${name}.`);
    server.use("tools/call", async (params, ctx, next) => {
      const answer = await ctx.elicit({ message: "Your name?", requestedSchema: NAME }, { key: "name" });
      return await next({ ...params, arguments: { name: answer.content?.name ?? "nobody" } });
    });
  });
  const capabilities = { ...DECLARED, elicitation: {} };
  const first = (await raw.askModern("tools/call", { name: "hello" }, capabilities)).result;
  expect(first).toMatchObject({
    resultType: "input_required",
    inputRequests: { name: { method: "elicitation/create" } },
  });
  expect(first).not.toHaveProperty("taskId");
  const more = {
    requestState: first?.requestState,
    inputResponses: { name: { action: "accept", content: { name: "Ada" } } },
  };
  const second = (await raw.askModern("tools/call", { name: "hello", ...more }, capabilities)).result;
  expect(second).toMatchObject({ resultType: "task" });
  expect(second).not.toHaveProperty("requestState");
  await raw.server.close();
  for (const revision of ["2025-11-25", "2026-07-28"] as const) {
    const server = createServer({ name: "around", version: "1", tasks: { pollMs: 5 } });
    server.tool("hello", { task: "required", input: NAME }, async ({ name }) => `Hello ${name}.`);
    server.use("tools/call", async (params, ctx, next) => {
      const answer = await ctx.elicit({ message: "Your name?", requestedSchema: NAME });
      return await next({ ...params, arguments: { name: answer.content?.name ?? "nobody" } });
    });
    const elicit = () => ({ action: "accept" as const, content: { name: "Grace" } });
    const client = await connect(server, { revisions: [revision], elicit });
    await client.listTools();
    expect((await client.callTool("hello")).content).toEqual([{ type: "text", text: "Hello Grace." }]);
    await client.close();
    await server.close();
  }
});

test.each(["2025-11-25", "2026-07-28"] as const)(
  "an agent gets answers of tools in %s, and no tasks",
  async (revision) => {
    const server = createServer({ name: "around", version: "1" });
    server.tool("add", { task: "required", description: "Adds." }, async () => "4");
    server.tool("ask", {}, async (_args, ctx) => {
      const { text } = await ctx.agent({ prompt: "2+2?", tools: ["add"] });
      return text;
    });
    const seen: string[] = [];
    const client = await connect(server, {
      revisions: [revision],
      sampleWithTools: true,
      sample({ messages }) {
        const base = { role: "assistant" as const, model: "m" };
        if (messages.length === 1)
          return { ...base, stopReason: "toolUse", content: [{ type: "tool_use", id: "1", name: "add", input: {} }] };
        seen.push(JSON.stringify(messages.at(-1)));
        return { ...base, content: { type: "text", text: "It is 4." } };
      },
    });
    expect((await client.callTool("ask")).content).toEqual([{ type: "text", text: "It is 4." }]);
    expect(seen[0]).toContain('"text":"4"');
    await client.close();
    await server.close();
  },
);

test(`a client that has too many tasks is refused more${verifies("TASK-61")}`, async () => {
  const gates = new Gates();
  const raw = await createRaw((server) => defineTaskTools(server, gates), { tasks: { maxTasksPerClient: 2 } });
  await raw.initialize();
  const call = () => raw.ask("tools/call", { name: "work", arguments: { gate: "a" }, task: {} });
  expect((await call()).result).toHaveProperty("task");
  expect((await call()).result).toHaveProperty("task");
  expect((await call()).error).toMatchObject({ code: -32603, message: expect.stringMatching(/too many tasks/) });
  await raw.server.close();
});
