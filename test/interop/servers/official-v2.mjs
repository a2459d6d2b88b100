/** The subject as the users of `@modelcontextprotocol/server` would write it: one factory for both eras. */

import { setTimeout as wait } from "node:timers/promises";
import { acceptedContent, completable, inputRequired, McpServer, ResourceTemplate } from "@modelcontextprotocol/server";
import { z } from "zod";

const text = (value) => ({ content: [{ type: "text", text: value }] });
const startsWith = (values) => (value) => values.filter((one) => one.startsWith(value ?? ""));
const NOTHING = z.object({});

// An instance of the server may live for one request only: what lasts longer is kept here.
let cancelled = 0;
let open;
let grown = false;

/** @param notify where the transport has its own way to tell of changes. */
export function createSubject(notify) {
  const capabilities = { logging: {}, tools: { listChanged: true }, resources: { subscribe: true, listChanged: true } };
  const server = new McpServer({ name: "subject", version: "1.2.3" }, { capabilities });
  addTools(server);
  addAsking(server);
  addChanges(server, notify);
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
  const topic = completable(z.string(), startsWith(["types", "tests"]));
  const argsSchema = z.object({ topic, tone: z.string().optional() });
  server.registerPrompt("review", { description: "Reviews.", argsSchema }, (args) => ({
    messages: [
      {
        role: "user",
        content: { type: "text", text: `Review ${args.topic}${args.tone ? ` in a ${args.tone} tone` : ""}.` },
      },
    ],
  }));
  return server;
}

function addTools(server) {
  const tool = (name, run) => server.registerTool(name, { inputSchema: NOTHING }, run);
  server.registerTool("echo", { inputSchema: z.object({ text: z.string() }) }, (args) => text(args.text));
  server.registerTool(
    "add",
    { inputSchema: z.object({ a: z.number(), b: z.number() }), outputSchema: z.object({ sum: z.number() }) },
    ({ a, b }) => ({ ...text(JSON.stringify({ sum: a + b })), structuredContent: { sum: a + b } }),
  );
  tool("fail", () => {
    throw new Error("it is broken");
  });
  tool("steps", async (_args, ctx) => {
    const opened = new Promise((resolve) => {
      open = resolve;
    });
    await progress(ctx, 1, 3);
    await progress(ctx, 2, 3);
    await opened;
    return text("done");
  });
  tool("hang", async (_args, ctx) => {
    await wait(30_000, undefined, { signal: ctx.mcpReq.signal }).catch(() => cancelled++);
    return text("never");
  });
  tool("cancelled", () => text(String(cancelled)));
  tool("log", async (_args, ctx) => {
    await ctx.mcpReq.log("debug", "small");
    await ctx.mcpReq.log("error", { big: true }, "subject");
    return text("logged");
  });
  tool("gate", async (_args, ctx) => {
    const opened = new Promise((resolve) => {
      open = resolve;
    });
    await progress(ctx, 1, 2);
    await opened;
    await progress(ctx, 2, 2);
    return text("through");
  });
  tool("release", () => {
    open?.();
    return text("released");
  });
}

async function progress(ctx, value, total) {
  const progressToken = ctx.mcpReq._meta?.progressToken;
  if (progressToken === undefined) return;
  await ctx.mcpReq.notify({ method: "notifications/progress", params: { progressToken, progress: value, total } });
}

function addAsking(server) {
  const asking = (name, question, answer) =>
    server.registerTool(name, { inputSchema: NOTHING }, (_args, ctx) => {
      const response = ctx.mcpReq.inputResponses?.q;
      return response === undefined ? inputRequired({ inputRequests: { q: question } }) : text(answer(response, ctx));
    });
  const requestedSchema = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
  asking("ask", inputRequired.elicit({ message: "Your name?", requestedSchema }), ({ action }, ctx) =>
    action === "accept" ? `Hello ${acceptedContent(ctx.mcpReq.inputResponses, "q").name}.` : action,
  );
  const messages = [{ role: "user", content: { type: "text", text: "2+2?" } }];
  asking(
    "think",
    inputRequired.createMessage({ maxTokens: 10, messages }),
    ({ model, content }) => `${model}: ${content.text}`,
  );
  const tools = [{ name: "stock", inputSchema: { type: "object", properties: { of: { type: "string" } } } }];
  asking(
    "wish",
    inputRequired.createMessage({ maxTokens: 10, messages, tools, toolChoice: { mode: "required" } }),
    ({ content }) =>
      [content]
        .flat()
        .map(({ type, input }) => `${type} ${input.of}`)
        .join(),
  );
  asking("where", inputRequired.listRoots(), ({ roots }) => roots.map(({ uri }) => uri).join(" "));
}

function addChanges(server, notify) {
  const subscribed = new Set();
  server.server.setRequestHandler("resources/subscribe", ({ params }) => {
    subscribed.add(params.uri);
    return {};
  });
  server.server.setRequestHandler("resources/unsubscribe", ({ params }) => {
    subscribed.delete(params.uri);
    return {};
  });
  server.registerTool("touch", { inputSchema: z.object({ text: z.string() }) }, async (args, ctx) => {
    const stateless = ctx.mcpReq.envelope !== undefined;
    if (notify !== undefined) notify.resourceUpdated(args.text);
    else if (stateless || subscribed.has(args.text)) await server.server.sendResourceUpdated({ uri: args.text });
    return text("touched");
  });
  const grow = () => server.registerTool("grown", { inputSchema: NOTHING }, () => text("new"));
  let added = grown ? grow() : undefined;
  server.registerTool("grow", { inputSchema: NOTHING }, () => {
    added?.remove();
    added = grow();
    grown = true;
    notify?.toolsChanged();
    return text("grown");
  });
}
