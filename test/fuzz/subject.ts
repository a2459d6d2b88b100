/** The server that the targets speak to: one of everything. */

import { createServer, type Server } from "../../runtime/server/server.js";

export function createSubject(onerror: (error: Error) => void = () => undefined): Server {
  const server = createServer({
    name: "subject",
    version: "1",
    onerror,
    requestState: { keys: ["s".repeat(32)] },
    tasks: {},
  });
  const input = {
    type: "object",
    properties: { text: { type: "string", pattern: "^(\\w+ ?)*$" }, n: { type: "integer", "x-mcp-header": "N" } },
  } as const;
  server.tool("echo", { input }, ({ text }) => String(text));
  server.tool("fail", {}, () => {
    throw new Error("as it should");
  });
  server.tool("slow", {}, async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return "done";
  });
  server.tool("ask", { task: "optional" }, async (_args, ctx) => {
    const form = { type: "object", properties: { a: { type: "string" } } } as const;
    const answer = await ctx.elicit({ message: "a?", requestedSchema: form });
    return JSON.stringify(answer);
  });
  server.resource("memo:plain", { name: "plain" }, () => "text");
  server.resourceTemplate(
    "memo:{+path}{?x}",
    { name: "memos", complete: { path: () => ["a"] } },
    ({ path }) => path ?? "",
  );
  server.prompt("form", { arguments: { text: { complete: (typed: string) => [typed] } } }, ({ text }) => String(text));
  return server;
}
