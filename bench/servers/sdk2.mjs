/** The echo server as `@modelcontextprotocol/server` has it, for both eras: `node sdk2.mjs stdio`, or over HTTP at `PORT`. */

import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { NodeStreamableHTTPServerTransport, toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

const { PORT = "0", ANSWERS, TOOLS = "1" } = process.env;

function createEcho() {
  const server = new McpServer({ name: "echo", version: "1.0.0" }, { capabilities: { tools: {} } });
  const answer = ({ text }) => ({ content: [{ type: "text", text }] });
  const inputSchema = z.object({ text: z.string() });
  server.registerTool("echo", { description: "Says it again.", inputSchema }, answer);
  for (let number = 1; number < Number(TOOLS); number++)
    server.registerTool(`tool-${number}`, { description: "Another.", inputSchema }, answer);
  return server;
}

const handler = createMcpHandler(() => createEcho(), { legacy: "reject" });
const serveStateless = toNodeHandler(handler);
const sessions = new Map();

async function serve(request, response) {
  // The headers of the stateless era say so before any body is read.
  if (request.headers["mcp-method"] !== undefined) return serveStateless(request, response);
  let transport = sessions.get(request.headers["mcp-session-id"]);
  if (transport === undefined) {
    transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      enableJsonResponse: ANSWERS !== "sse",
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed: (id) => void sessions.delete(id),
    });
    await createEcho().connect(transport);
  }
  return transport.handleRequest(request, response);
}

if (process.argv[2] === "stdio") serveStdio(() => createEcho());
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
