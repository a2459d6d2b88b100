/** Clients of the official packages that take part in tasks, as their users would write them. */

import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from "@modelcontextprotocol/client";
import { createTaskSessionFromClient, resultFromTaskOutcome } from "@modelcontextprotocol/ext-tasks/client";
import { bindTaskReceiver } from "@modelcontextprotocol/ext-tasks/receiver";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { InMemoryTaskStore } from "@modelcontextprotocol/sdk/experimental/tasks/stores/in-memory.js";
import {
  CallToolResultSchema,
  CreateMessageRequestSchema,
  ElicitRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";

const ADA = { action: "accept", content: { name: "Ada" } };
const FOUR = { role: "assistant", model: "m1", stopReason: "endTurn", content: { type: "text", text: "4" } };
const REQUESTS = { sampling: { createMessage: {} }, elicitation: { create: {} } };

/** A model that wishes for two tools at once, and then says how many answers it has. */
export function answerOf({ messages, tools = [], toolChoice }) {
  if (tools.length === 0) return FOUR;
  const last = [messages.at(-1).content].flat();
  const answers = last.filter(({ type }) => type === "tool_result");
  if (answers.length === 0 && toolChoice?.mode !== "none") {
    const content = ["eggs", "milk"].map((of, index) => ({
      type: "tool_use",
      id: `w${index}`,
      name: "stock",
      input: { of },
    }));
    return { ...FOUR, stopReason: "toolUse", content };
  }
  return { ...FOUR, content: { type: "text", text: answers.map(({ content }) => content[0].text).join(" and ") } };
}

/** The client of `@modelcontextprotocol/sdk`: a requestor of tasks, and where asked a receiver. */
export async function openV1(url) {
  const asked = [];
  const tasks = { list: {}, cancel: {}, requests: REQUESTS };
  const capabilities = { elicitation: {}, sampling: { tools: {} }, tasks };
  const client = new ClientV1(
    { name: "tasks-v1", version: "1.0.0" },
    { capabilities, taskStore: new InMemoryTaskStore() },
  );
  const answering =
    (answer) =>
    async ({ method, params }, extra) => {
      asked.push(`${method}${params.task === undefined ? "" : " as a task"}`);
      if (params.task === undefined) return answer(params);
      const task = await extra.taskStore.createTask({ ttl: extra.taskRequestedTtl ?? null, pollInterval: 20 });
      setTimeout(() => extra.taskStore.storeTaskResult(task.taskId, "completed", answer(params)), 30);
      return { task };
    };
  client.setRequestHandler(
    ElicitRequestSchema,
    answering(() => ADA),
  );
  client.setRequestHandler(CreateMessageRequestSchema, answering(answerOf));
  await client.connect(new HttpV1(new URL(url)));
  return {
    asked,
    callTool: (name, args) => client.callTool({ name, arguments: args }),
    /** Runs a tool as a task: the kinds of messages that came, and the result. */
    async runTask(name, args) {
      const seen = [];
      const stream = client.experimental.tasks.callToolStream({ name, arguments: args }, CallToolResultSchema, {
        task: { ttl: 60_000 },
      });
      for await (const message of stream) {
        if (message.type === "result") return { seen, result: message.result };
        if (message.type === "error") throw message.error;
        seen.push(message.type === "taskStatus" ? message.task.status : message.type);
      }
      throw new Error("the stream ended without a result");
    },
    /** Begins a task, looks at it in every way, and cancels it. */
    async cancelTask(name, args) {
      const stream = client.experimental.tasks.callToolStream({ name, arguments: args }, CallToolResultSchema, {
        task: { ttl: 60_000 },
      });
      const { value } = await stream.next();
      const { taskId } = value.task;
      const looked = await client.experimental.tasks.getTask(taskId);
      const { tasks: listed } = await client.experimental.tasks.listTasks();
      const cancelled = await client.experimental.tasks.cancelTask(taskId);
      return {
        looked: looked.status,
        listed: listed.some((task) => task.taskId === taskId),
        cancelled: cancelled.status,
      };
    },
    listTools: () => client.listTools(),
    async close() {
      await client.transport.terminateSession();
      await client.close();
    },
  };
}

/** The client of `@modelcontextprotocol/client` in one of its modes. */
async function connectV2(url, mode, capabilities, prepare = () => undefined) {
  const client = new ClientV2({ name: "tasks-v2", version: "1.0.0" }, { capabilities, versionNegotiation: { mode } });
  const receiver = prepare(client);
  await client.connect(new HttpV2(new URL(url)));
  return { client, receiver };
}

/** Answers to what servers ask, tools in sampling included. */
export async function openV2(url, mode) {
  const { client } = await connectV2(url, mode, { elicitation: {}, sampling: { tools: {} } }, (fresh) => {
    fresh.setRequestHandler("elicitation/create", () => ADA);
    fresh.setRequestHandler("sampling/createMessage", ({ params }) => answerOf(params));
  });
  return { callTool: (name, args) => client.callTool({ name, arguments: args }), close: () => client.close() };
}

/** `@modelcontextprotocol/ext-tasks` as a receiver of tasks, 2025-11-25. */
export async function openReceiver(url) {
  const asked = [];
  const tasks = { list: {}, cancel: {}, requests: REQUESTS };
  const callback =
    (answer) =>
    async ({ method, params }) => {
      asked.push(method);
      return answer(params);
    };
  const { client, receiver } = await connectV2(url, "legacy", { elicitation: {}, sampling: {}, tasks }, (fresh) =>
    bindTaskReceiver(fresh, {
      methods: { "sampling/createMessage": true, "elicitation/create": true },
      pollIntervalMs: 20,
      sampling: callback(answerOf),
      elicitation: callback(() => ADA),
    }),
  );
  return {
    asked,
    callTool: (name, args) => client.callTool({ name, arguments: args }),
    async close() {
      receiver.close();
      await client.close();
    },
  };
}

/** Sends a request of the extension as it is, since the client knows none: one POST, answered by JSON or by a stream. */
async function dispatch(url, request, { signal } = {}) {
  const { id = crypto.randomUUID(), method, params } = request;
  const name = params?.taskId ?? params?.name;
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": params._meta["io.modelcontextprotocol/protocolVersion"],
      "mcp-method": method,
      ...(name === undefined ? {} : { "mcp-name": name }),
    },
    body: JSON.stringify({ jsonrpc: "2.0", id, method, params }),
    signal,
  });
  const text = await response.text();
  const lines = text.startsWith("{")
    ? [text]
    : text.split("\n").flatMap((line) => /^data: ?(\{.*)/.exec(line)?.[1] ?? []);
  const answer = lines.map((line) => JSON.parse(line)).find((message) => message.id === id);
  if (answer === undefined) throw new Error(`no answer to ${method}: ${response.status} ${text}`);
  return "error" in answer ? { kind: "error", error: answer.error } : { kind: "result", result: answer.result };
}

/** `@modelcontextprotocol/ext-tasks` as a requestor, of the extension or of the core, as the mode of the client says. */
export async function openSession(url, mode) {
  const asked = [];
  const clientCapabilities = { elicitation: {} };
  const { client } = await connectV2(url, mode, clientCapabilities);
  const framing = {
    protocolVersion: "2026-07-28",
    clientInfo: { name: "tasks-v2", version: "1.0.0" },
    clientCapabilities,
  };
  const session = createTaskSessionFromClient(client, {
    endpointId: "mcpwire",
    ...(mode === "legacy"
      ? {}
      : { rawDispatch: (request, how) => dispatch(url, request, how), v2RequestFraming: framing }),
    onInputRequest: async ({ kind }) => {
      asked.push(kind);
      return ADA;
    },
  });
  const { tools } = await client.listTools();
  return {
    asked,
    tools,
    async run(name, args) {
      const execution = await session.callTool(name, args);
      const { outcome } = await execution.settle();
      return { kind: execution.kind, status: outcome.status, outcome, result: () => resultFromTaskOutcome(outcome) };
    },
    async cancel(name, args) {
      const execution = await session.callTool(name, args);
      await execution.cancel();
      const { outcome } = await execution.settle();
      return outcome.status;
    },
    async close() {
      await session.close();
      await client.close();
    },
  };
}
