/** The subject of `@modelcontextprotocol/sdk` over HTTP: `/mcp` with sessions and resumable streams, `/sse` as 2024-11-05 had it. */

import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { createEventStore } from "./event-store.mjs";
import { createSubject } from "./official-v1.mjs";

const streamable = new Map();
const deprecated = new Map();

async function serveStreamable(request, response) {
  const named = request.headers["mcp-session-id"];
  if (named !== undefined && !streamable.has(named)) {
    response.writeHead(404).end();
    return;
  }
  let transport = streamable.get(named);
  if (transport === undefined) {
    transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: createEventStore(),
      onsessioninitialized: (id) => streamable.set(id, transport),
      onsessionclosed: (id) => streamable.delete(id),
    });
    await createSubject().connect(transport);
  }
  await transport.handleRequest(request, response);
}

async function serveDeprecated(request, response) {
  if (request.method === "GET") {
    const transport = new SSEServerTransport("/messages", response);
    deprecated.set(transport.sessionId, transport);
    await createSubject().connect(transport);
    return;
  }
  const id = new URL(request.url, "http://localhost").searchParams.get("sessionId");
  const transport = deprecated.get(id);
  if (transport === undefined) response.writeHead(404).end();
  else await transport.handlePostMessage(request, response);
}

createServer((request, response) => {
  const serve = request.url.startsWith("/mcp") ? serveStreamable : serveDeprecated;
  serve(request, response).catch((error) => {
    console.error(error);
    response.destroy();
  });
}).listen(Number(process.argv[2]), "127.0.0.1");
