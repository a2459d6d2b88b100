/** The subject as the users of `@modelcontextprotocol/sdk` would write it. */

import { setTimeout as wait } from "node:timers/promises";
import { completable } from "@modelcontextprotocol/sdk/server/completable.js";
import { McpServer, ResourceTemplate } from "@modelcontextprotocol/sdk/server/mcp.js";
import {
  CreateMessageResultSchema,
  ElicitResultSchema,
  ListRootsResultSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";

const text = (value) => ({ content: [{ type: "text", text: value }] });
const startsWith = (values) => (value) => values.filter((one) => one.startsWith(value ?? ""));

export function createSubject() {
  const server = new McpServer(
    { name: "subject", version: "1.2.3" },
    { capabilities: { logging: {}, resources: { subscribe: true } } },
  );
  addTools(server);
  addAsking(server);
  addChanges(server);
  server.registerResource("one", "memo://one", { mimeType: "text/plain" }, () => ({
    contents: [{ uri: "memo://one", mimeType: "text/plain", text: "first" }],
  }));
  server.registerResource("bytes", "memo://bytes", {}, () => ({ contents: [{ uri: "memo://bytes", blob: "AQID" }] }));
  const complete = { id: startsWith(["alpha", "beta"]) };
  server.registerResource(
    "item",
    new ResourceTemplate("memo://item/{id}", { list: undefined, complete }),
    {},
    (uri, { id }) => ({ contents: [{ uri: uri.href, text: `item ${decodeURIComponent(id)}` }] }),
  );
  const argsSchema = { topic: completable(z.string(), startsWith(["types", "tests"])), tone: z.string().optional() };
  server.registerPrompt("review", { description: "Reviews.", argsSchema }, ({ topic, tone }) => ({
    messages: [
      { role: "user", content: { type: "text", text: `Review ${topic}${tone ? ` in a ${tone} tone` : ""}.` } },
    ],
  }));
  return server;
}

function addTools(server) {
  server.registerTool("echo", { inputSchema: { text: z.string() } }, (args) => text(args.text));
  server.registerTool(
    "add",
    { inputSchema: { a: z.number(), b: z.number() }, outputSchema: { sum: z.number() } },
    ({ a, b }) => ({ ...text(JSON.stringify({ sum: a + b })), structuredContent: { sum: a + b } }),
  );
  server.registerTool("fail", {}, () => {
    throw new Error("it is broken");
  });
  server.registerTool("steps", {}, async (extra) => {
    const opened = new Promise((resolve) => {
      open = resolve;
    });
    await progress(extra, 1, 3);
    await progress(extra, 2, 3);
    await opened;
    return text("done");
  });
  server.registerTool("hang", {}, async (extra) => {
    await wait(30_000, undefined, { signal: extra.signal }).catch(() => cancelled++);
    return text("never");
  });
  server.registerTool("cancelled", {}, () => text(String(cancelled)));
  server.registerTool("log", {}, async (extra) => {
    await server.sendLoggingMessage({ level: "debug", data: "small" }, extra.sessionId);
    await server.sendLoggingMessage({ level: "error", data: { big: true }, logger: "subject" }, extra.sessionId);
    return text("logged");
  });
  server.registerTool("gate", {}, async (extra) => {
    const opened = new Promise((resolve) => {
      open = resolve;
    });
    await progress(extra, 1, 2);
    await opened;
    await progress(extra, 2, 2);
    return text("through");
  });
  server.registerTool("release", {}, () => {
    open?.();
    return text("released");
  });
}

let cancelled = 0;
let open;

async function progress(extra, value, total) {
  const progressToken = extra._meta?.progressToken;
  if (progressToken === undefined) return;
  const params = { progressToken, progress: value, total };
  await extra.sendNotification({ method: "notifications/progress", params });
}

function addAsking(server) {
  const form = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
  server.registerTool("ask", {}, async (extra) => {
    const params = { message: "Your name?", requestedSchema: form };
    const { action, content } = await extra.sendRequest({ method: "elicitation/create", params }, ElicitResultSchema);
    return text(action === "accept" ? `Hello ${content.name}.` : action);
  });
  server.registerTool("think", {}, async (extra) => {
    const params = { maxTokens: 10, messages: [{ role: "user", content: { type: "text", text: "2+2?" } }] };
    const answer = await extra.sendRequest({ method: "sampling/createMessage", params }, CreateMessageResultSchema);
    return text(`${answer.model}: ${answer.content.text}`);
  });
  server.registerTool("where", {}, async (extra) => {
    const { roots } = await extra.sendRequest({ method: "roots/list" }, ListRootsResultSchema);
    return text(roots.map(({ uri }) => uri).join(" "));
  });
}

function addChanges(server) {
  const subscribed = new Set();
  server.server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
    subscribed.add(params.uri);
    return {};
  });
  server.server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
    subscribed.delete(params.uri);
    return {};
  });
  server.registerTool("touch", { inputSchema: { text: z.string() } }, async (args) => {
    if (subscribed.has(args.text)) await server.server.sendResourceUpdated({ uri: args.text });
    return text("touched");
  });
  let grown;
  server.registerTool("grow", {}, () => {
    grown?.remove();
    grown = server.registerTool("grown", {}, () => text("new"));
    return text("grown");
  });
}
