/** The subject as the users of `fastmcp` would write it. `node fastmcp.mjs stdio|<port>`. */

import { setTimeout as wait } from "node:timers/promises";
import { FastMCP } from "fastmcp";
import { z } from "zod";

const server = new FastMCP({ name: "subject", version: "1.2.3" });
const sessionOf = (sessionId) =>
  server.sessions.find((session) => session.sessionId === sessionId) ?? server.sessions[0];
const startsWith = (values) => (value) => ({ values: values.filter((one) => one.startsWith(value ?? "")) });
const tool = (name, execute) => server.addTool({ name, description: name, execute });

let cancelled = 0;
let open;

server.addTool({
  name: "echo",
  description: "Says it again.",
  parameters: z.object({ text: z.string() }),
  execute: async ({ text }) => text,
});
server.addTool({
  name: "add",
  description: "Adds.",
  parameters: z.object({ a: z.number(), b: z.number() }),
  outputSchema: z.object({ sum: z.number() }),
  execute: async ({ a, b }) => ({ sum: a + b }),
});
tool("fail", async () => {
  throw new Error("it is broken");
});
tool("steps", async (_args, { reportProgress }) => {
  const opened = new Promise((resolve) => {
    open = resolve;
  });
  await reportProgress({ progress: 1, total: 3 });
  await reportProgress({ progress: 2, total: 3 });
  await opened;
  return "done";
});
tool("hang", async (_args, { signal }) => {
  await wait(30_000, undefined, { signal }).catch(() => cancelled++);
  return "never";
});
tool("cancelled", async () => String(cancelled));
tool("log", async (_args, { log }) => {
  log.debug("small");
  log.error("subject", { big: true });
  return "logged";
});
tool("gate", async (_args, { reportProgress }) => {
  const opened = new Promise((resolve) => {
    open = resolve;
  });
  await reportProgress({ progress: 1, total: 2 });
  await opened;
  await reportProgress({ progress: 2, total: 2 });
  return "through";
});
tool("release", async () => {
  open?.();
  return "released";
});

const requestedSchema = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
tool("ask", async (_args, { elicit }) => {
  const { action, content } = await elicit({ message: "Your name?", requestedSchema });
  return action === "accept" ? `Hello ${content.name}.` : action;
});
tool("think", async (_args, { sessionId }) => {
  const messages = [{ role: "user", content: { type: "text", text: "2+2?" } }];
  const answer = await sessionOf(sessionId).requestSampling({ maxTokens: 10, messages });
  return `${answer.model}: ${answer.content.text}`;
});
tool("where", async (_args, { sessionId }) =>
  sessionOf(sessionId)
    .roots.map(({ uri }) => uri)
    .join(" "),
);
server.addTool({
  name: "touch",
  description: "Tells of a change.",
  parameters: z.object({ text: z.string() }),
  execute: async ({ text }, { sessionId }) => {
    await sessionOf(sessionId).sendResourceUpdated(text);
    return "touched";
  },
});
tool("grow", async () => {
  server.removeTool("grown");
  tool("grown", async () => "new");
  return "grown";
});

server.addResource({ uri: "memo://one", name: "one", mimeType: "text/plain", load: async () => ({ text: "first" }) });
server.addResource({ uri: "memo://bytes", name: "bytes", load: async () => ({ blob: "AQID" }) });
server.addResourceTemplate({
  uriTemplate: "memo://item/{id}",
  name: "item",
  mimeType: "text/plain",
  arguments: [{ name: "id", required: true, complete: async (value) => startsWith(["alpha", "beta"])(value) }],
  load: async ({ id }) => ({ text: `item ${id}` }),
});
server.addPrompt({
  name: "review",
  description: "Reviews.",
  arguments: [
    { name: "topic", required: true, complete: async (value) => startsWith(["types", "tests"])(value) },
    { name: "tone" },
  ],
  load: async ({ topic, tone }) => `Review ${topic}${tone ? ` in a ${tone} tone` : ""}.`,
});

const [transport] = process.argv.slice(2);
if (transport === "stdio") await server.start({ transportType: "stdio" });
else {
  const httpStream = { port: Number(transport), host: "127.0.0.1", endpoint: "/mcp" };
  await server.start({ transportType: "httpStream", httpStream });
}
