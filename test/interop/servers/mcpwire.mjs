/**
 * The server of this package: the one that the matrix talks to, with what only whole connections show. `node mcpwire.mjs stdio|<port>
 * [revision…]`.
 */

import { createServer } from "../../../dist/runtime/server/index.js";
import { defineSubject } from "../../matrix/fixtures/subject.mjs";

const [transport, ...revisions] = process.argv.slice(2);
const server = defineSubject(createServer, revisions.length === 0 ? {} : { revisions });
const form = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };

server.tool("ask", {}, async (_args, ctx) => {
  const { action, content } = await ctx.elicit({ message: "Your name?", requestedSchema: form });
  return action === "accept" ? `Hello ${content.name}.` : action;
});

// A call that lasts until another one lets it go on, so that a stream can be cut in between.
let open;
server.tool("gate", {}, async (_args, ctx) => {
  const opened = new Promise((resolve) => {
    open = resolve;
  });
  ctx.progress({ progress: 1, total: 2 });
  await opened;
  ctx.progress({ progress: 2, total: 2 });
  return "through";
});
server.tool("release", {}, () => {
  open?.();
  return "released";
});

if (transport === "stdio") await server.serveStdio();
else await server.serveHttp({ port: Number(transport) });
