/** The echo server behind `Request → Response`, with the least that makes web objects of those of `node:http`. */

import { createServer as createListener } from "node:http";
import { createServer } from "../../dist/runtime/server/index.js";

const { PORT = "0", ANSWERS = "auto" } = process.env;
const server = createServer({ name: "echo", version: "1.0.0" });
const input = { type: "object", properties: { text: { type: "string" } }, required: ["text"] };
server.tool("echo", { description: "Says it again.", input }, ({ text }) => text);
const handle = server.toFetchHandler({ answers: ANSWERS });

async function serve(incoming, outgoing, body) {
  const { method, headers, url } = incoming;
  const request = new Request(`http://${headers.host}${url}`, {
    method,
    headers,
    body: method === "POST" ? body : null,
  });
  const response = await handle(request);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.headers.get("content-type") !== "text/event-stream") {
    outgoing.end(Buffer.from(await response.arrayBuffer()));
    return;
  }
  for await (const chunk of response.body) outgoing.write(chunk);
  outgoing.end();
}

const listener = createListener((incoming, outgoing) => {
  const chunks = [];
  incoming.on("data", (chunk) => chunks.push(chunk));
  incoming.on("end", () => {
    serve(incoming, outgoing, Buffer.concat(chunks)).catch((error) => {
      console.error(error);
      outgoing.destroy();
    });
  });
});
listener.listen(Number(PORT), "127.0.0.1", () => {
  process.stderr.write(`READY http://127.0.0.1:${listener.address().port}/mcp\n`);
});
