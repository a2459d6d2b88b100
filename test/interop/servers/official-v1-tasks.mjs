/** A server of `@modelcontextprotocol/sdk` with tasks in both directions and tools in sampling, as its users would write it. */

import { setTimeout as wait } from "node:timers/promises";
import {
  InMemoryTaskMessageQueue,
  InMemoryTaskStore,
} from "@modelcontextprotocol/sdk/experimental/tasks/stores/in-memory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

const taskStore = new InMemoryTaskStore();
const server = new McpServer(
  { name: "tasks-v1", version: "1.0.0" },
  {
    capabilities: { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } },
    taskStore,
    taskMessageQueue: new InMemoryTaskMessageQueue(),
  },
);
const text = (value) => ({ content: [{ type: "text", text: value }] });

/** Registers a tool that is run as a task. */
function registerTask(name, taskSupport, inputSchema, run) {
  server.experimental.tasks.registerToolTask(
    name,
    { inputSchema, execution: { taskSupport } },
    {
      async createTask(args, { taskStore: tasks, taskRequestedTtl }) {
        const task = await tasks.createTask({ ttl: taskRequestedTtl ?? 60_000, pollInterval: 20 });
        const finish = async () => {
          try {
            await tasks.storeTaskResult(task.taskId, "completed", await run(args, task.taskId));
          } catch (error) {
            if (/cancel|terminal/i.test(String(error))) return;
            await tasks.storeTaskResult(task.taskId, "failed", { ...text(String(error)), isError: true });
          }
        };
        void finish();
        return { task };
      },
      getTask: async (_args, extra) => await extra.taskStore.getTask(extra.taskId),
      getTaskResult: async (_args, extra) => await extra.taskStore.getTaskResult(extra.taskId),
    },
  );
}

registerTask("work", "optional", { value: z.string() }, async ({ value }) => {
  await wait(30);
  return text(`worked on ${value}`);
});
registerTask("must", "required", { value: z.string() }, async ({ value }) => text(`must ${value}`));
registerTask("endless", "required", {}, async () => {
  await wait(20_000, undefined, { ref: false });
  return text("never");
});
registerTask("greet", "required", {}, async (_args, taskId) => {
  const requestedSchema = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
  const relatedTask = { taskId };
  const answer = await server.server.elicitInput(
    { mode: "form", message: "Your name?", requestedSchema },
    { relatedTask },
  );
  return text(`Hello ${answer.content.name}.`);
});

/** Asks for a task of the client, and says what came. */
async function ponder(stream) {
  const seen = [];
  for await (const message of stream) {
    if (message.type === "result") return text(`${seen.join(" ")}: ${JSON.stringify(message.result)}`);
    if (message.type === "error") throw message.error;
    seen.push(message.type === "taskStatus" ? message.task.status : message.type);
  }
  throw new Error("the stream ended without a result");
}
const messages = [{ role: "user", content: { type: "text", text: "2+2?" } }];
server.registerTool("ponder", {}, () =>
  ponder(server.server.experimental.tasks.createMessageStream({ messages, maxTokens: 10 }, { task: { ttl: 60_000 } })),
);
server.registerTool("form", {}, () => {
  const requestedSchema = { type: "object", properties: { name: { type: "string" } } };
  const params = { mode: "form", message: "Your name?", requestedSchema };
  return ponder(server.server.experimental.tasks.elicitInputStream(params, { task: { ttl: 60_000 } }));
});

// Tools in sampling: the model wishes for two, and is told of both.
const tools = [{ name: "stock", inputSchema: { type: "object", properties: { of: { type: "string" } } } }];
server.registerTool("dinner", {}, async () => {
  const first = await server.server.createMessage({ messages, maxTokens: 10, tools, toolChoice: { mode: "required" } });
  const wishes = [first.content].flat().filter(({ type }) => type === "tool_use");
  const results = wishes.map(({ id, input }) => ({
    type: "tool_result",
    toolUseId: id,
    content: [{ type: "text", text: `six ${input.of}` }],
  }));
  const told = [...messages, { role: "assistant", content: first.content }, { role: "user", content: results }];
  const last = await server.server.createMessage({
    messages: told,
    maxTokens: 10,
    tools,
    toolChoice: { mode: "none" },
  });
  return text(`${wishes.length} tools, ${[last.content].flat()[0].text}`);
});

await server.connect(new StdioServerTransport());
