/**
 * The floor over HTTP: `node:http` that parses each body and answers the same bytes as the servers do, with nothing in between. The path
 * says what to answer: `/stateful/json`, `/stateful/sse`, `/stateless/json`, `/stateless/sse`, and `/wait` for an answer after 20 ms.
 */

import { createServer } from "node:http";

const META = { "io.modelcontextprotocol/serverInfo": { name: "echo", version: "1.0.0" } };
const STREAM = [
  "Content-Type",
  "text/event-stream",
  "Cache-Control",
  "no-cache, no-transform",
  "X-Accel-Buffering",
  "no",
];
let streams = 0;

function answer(path, text) {
  const { id, params } = JSON.parse(text);
  const content = [{ type: "text", text: params.arguments?.text ?? "" }];
  const result = path.startsWith("/stateless") ? { resultType: "complete", content, _meta: META } : { content };
  return JSON.stringify({ jsonrpc: "2.0", id, result });
}

function respond(path, response, body) {
  if (!path.endsWith("/sse")) {
    const length = String(Buffer.byteLength(body));
    response.writeHead(200, ["Content-Type", "application/json", "Content-Length", length]);
    response.end(body);
    return;
  }
  response.writeHead(200, STREAM);
  if (path.startsWith("/stateless")) response.end(`data: ${body}\n\n`);
  else {
    const stream = `_8B-fFTrt3Zztxtv.${(++streams).toString(36)}`;
    response.end(`id: ${stream}.0\nretry: 1000\ndata: \n\nid: ${stream}.1\ndata: ${body}\n\n`);
  }
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const text = (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)).toString("utf8");
    const give = () => respond(request.url, response, answer(request.url, text));
    if (request.url === "/wait") setTimeout(give, 20);
    else give();
  });
});
server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", () => {
  process.stderr.write(`READY http://127.0.0.1:${server.address().port}\n`);
});
