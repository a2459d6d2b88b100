/** The echo server as `@modelcontextprotocol/sdk` has it: `node sdk1.mjs stdio`, or over HTTP with sessions at `PORT`. */

import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { z } from "zod";

const { PORT = "0", ANSWERS, TOOLS = "1" } = process.env;

function createEcho() {
  const server = new McpServer({ name: "echo", version: "1.0.0" });
  const answer = ({ text }) => ({ content: [{ type: "text", text }] });
  server.registerTool("echo", { description: "Says it again.", inputSchema: { text: z.string() } }, answer);
  for (let number = 1; number < Number(TOOLS); number++)
    server.registerTool(`tool-${number}`, { description: "Another.", inputSchema: { text: z.string() } }, answer);
  return server;
}

const sessions = new Map();

async function serve(request, response) {
  let transport = sessions.get(request.headers["mcp-session-id"]);
  if (transport === undefined) {
    transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      enableJsonResponse: ANSWERS !== "sse",
      onsessioninitialized: (id) => sessions.set(id, transport),
      onsessionclosed: (id) => sessions.delete(id),
    });
    await createEcho().connect(transport);
  }
  await transport.handleRequest(request, response);
}

if (process.argv[2] === "stdio") await createEcho().connect(new StdioServerTransport());
else {
  const listener = createServer((request, response) => {
    serve(request, response).catch((error) => {
      console.error(error);
      response.destroy();
    });
  });
  listener.listen(Number(PORT), "127.0.0.1", () => {
    process.stderr.write(`READY http://127.0.0.1:${listener.address().port}/mcp\n`);
  });
}
