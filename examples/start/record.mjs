/**
 * Records a real conversation: starts a server over stdio, drives it by plain JSON-RPC through every feature that it offers,
 * and keeps each message with its sender. Nothing of mcpwire takes part, so that the record proves something.
 */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** What this client declares, so that the server asks it for all that it can ask. */
const CAPABILITIES = {
  roots: { listChanged: true },
  sampling: { tools: {} },
  elicitation: { form: {}, url: {} },
  tasks: { list: {}, cancel: {}, requests: { sampling: { createMessage: {} }, elicitation: { create: {} } } },
};

/** How this client answers the server's requests. */
const ANSWERS = {
  ping: () => ({}),
  "roots/list": () => ({ roots: [{ uri: "file:///home/rosa/project", name: "project" }] }),
  "sampling/createMessage": () => ({
    role: "assistant",
    content: { type: "text", text: "A short answer." },
    model: "scripted",
    stopReason: "endTurn",
  }),
  "elicitation/create": ({ mode }) => (mode === "url" ? { action: "decline" } : { action: "accept", content: {} }),
};

const PATIENCE_MS = 20_000;

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<{ from: "client" | "server", message: unknown }[]>}
 */
export async function record(command, args) {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "ignore"] });
  const client = createClient(child);
  try {
    await drive(client);
  } finally {
    child.stdin.end();
    const impatience = setTimeout(() => child.kill(), 1_000);
    await client.closed;
    clearTimeout(impatience);
  }
  return client.messages;
}

function createClient(child) {
  const messages = [];
  const waiting = new Map();
  let nextId = 0;
  const send = (message) => {
    messages.push({ from: "client", message });
    child.stdin.write(`${JSON.stringify(message)}\n`);
  };
  createInterface({ input: child.stdout }).on("line", (line) => {
    const message = JSON.parse(line);
    messages.push({ from: "server", message });
    if (message.method === undefined) waiting.get(message.id)?.(message);
    else if (message.id !== undefined) send(answerTo(message));
  });
  const closed = new Promise((done) => child.once("close", done));
  const ended = new Promise((_, fail) =>
    child.once("exit", (code) => fail(new Error(`the server ended (code ${code}) before it had answered`))),
  );
  ended.catch(() => undefined);
  const request = (method, params) => {
    const id = nextId++;
    const answer = new Promise((done, fail) => {
      const patience = setTimeout(
        () => fail(new Error(`the server did not answer ${method} within ${PATIENCE_MS / 1000} s`)),
        PATIENCE_MS,
      );
      waiting.set(id, (message) => {
        clearTimeout(patience);
        done(message);
      });
    });
    send({ jsonrpc: "2.0", id, method, ...(params === undefined ? {} : { params }) });
    return Promise.race([answer, ended]);
  };
  return {
    messages,
    request,
    notify: (method, params) => send({ jsonrpc: "2.0", method, ...(params === undefined ? {} : { params }) }),
    closed,
  };
}

function answerTo({ id, method, params }) {
  const answer = Object.hasOwn(ANSWERS, method) ? ANSWERS[method] : undefined;
  if (answer === undefined)
    return { jsonrpc: "2.0", id, error: { code: -32601, message: `Method not found: ${method}` } };
  return { jsonrpc: "2.0", id, result: answer(params ?? {}) };
}

/** Every feature once, by what the server itself lists. */
async function drive({ request, notify }) {
  await request("initialize", {
    protocolVersion: "2025-11-25",
    capabilities: CAPABILITIES,
    clientInfo: { name: "recorder", version: "1.0.0" },
  });
  notify("notifications/initialized");
  await request("ping");
  await request("logging/setLevel", { level: "debug" });
  const { tools } = (await request("tools/list")).result;
  for (const tool of tools) await callTool(request, tool);
  await readResources(request);
  await getPrompts(request);
  await request("completion/complete", {
    ref: { type: "ref/prompt", name: "completable-prompt" },
    argument: { name: "department", value: "S" },
  });
  await request("tasks/list");
  await request("tools/call", { name: "no such tool" });
}

async function callTool(request, tool) {
  const params = {
    name: tool.name,
    arguments: argumentsFor(tool),
    _meta: { progressToken: `progress of ${tool.name}` },
  };
  if (tool.execution?.taskSupport !== "required") {
    await request("tools/call", params);
    return;
  }
  const { result } = await request("tools/call", { ...params, task: { ttl: 60_000 } });
  await request("tasks/get", { taskId: result.task.taskId });
  await request("tasks/result", { taskId: result.task.taskId });
}

/** An argument for each required property, and quick settings for the tools that take their time. */
function argumentsFor({ inputSchema }) {
  const { properties = {}, required = [] } = inputSchema;
  const quick = Object.keys(properties).filter((name) => name === "duration" || name === "steps");
  const data = Object.keys(properties).filter((name) => name === "data");
  const named = required.map((name) => [name, sampleOf(properties[name])]);
  return Object.fromEntries([
    ...named,
    ...quick.map((name) => [name, 1]),
    ...data.map((name) => [name, "data:text/plain,hello"]),
  ]);
}

function sampleOf({ type, enum: values }) {
  if (values !== undefined) return values[0];
  return type === "number" || type === "integer" ? 3 : type === "boolean" ? true : "sample";
}

async function readResources(request) {
  const { resources } = (await request("resources/list")).result;
  await request("resources/templates/list");
  for (const { uri } of resources.slice(0, 3)) {
    await request("resources/read", { uri });
    await request("resources/subscribe", { uri });
    await request("resources/unsubscribe", { uri });
  }
}

async function getPrompts(request) {
  const { prompts } = (await request("prompts/list")).result;
  for (const { name, arguments: expected = [] } of prompts) {
    await request("prompts/get", {
      name,
      arguments: Object.fromEntries(expected.map((argument) => [argument.name, "1"])),
    });
  }
}
