/** The subject of `@modelcontextprotocol/server` over HTTP: sessions for the older era, the handler of the newer one, at one address. */

import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { NodeStreamableHTTPServerTransport, toNodeHandler, toWebRequest } from "@modelcontextprotocol/node";
import { createMcpHandler, isLegacyRequest } from "@modelcontextprotocol/server";
import { createEventStore } from "./event-store.mjs";
import { createSubject } from "./official-v2.mjs";

const handler = createMcpHandler(() => createSubject(handler.notify), { legacy: "reject" });
const serveStateless = toNodeHandler(handler);
const sessions = new Map();

async function serve(request, response) {
  const body = request.method === "POST" ? await readJson(request) : undefined;
  if (!(await isLegacyRequest(await toWebRequest(request, body)))) {
    await serveStateless(request, response, body);
    return;
  }
  const named = request.headers["mcp-session-id"];
  if (named !== undefined && !sessions.has(named)) {
    response.writeHead(404).end();
    return;
  }
  let transport = sessions.get(named);
  if (transport === undefined) {
    transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: createEventStore(),
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed: (id) => void sessions.delete(id),
    });
    await createSubject().connect(transport);
  }
  await transport.handleRequest(request, response, body);
}

async function readJson(request) {
  let text = "";
  request.setEncoding("utf8");
  for await (const chunk of request) text += chunk;
  return JSON.parse(text);
}

createServer((request, response) => {
  serve(request, response).catch((error) => {
    console.error(error);
    response.destroy();
  });
}).listen(Number(process.argv[2]), "127.0.0.1");
