/**
 * The server of this package: the one that the matrix talks to, with what only whole connections show. `node mcpwire.mjs stdio|<port>
 * <file for reports> [revision…]`.
 */

import { appendFileSync } from "node:fs";
import { createServer } from "../../../dist/runtime/server/index.js";
import { defineSubject } from "../../matrix/fixtures/subject.mjs";

const [transport, reports, ...revisions] = process.argv.slice(2);
const server = defineSubject(createServer, {
  requestState: { keys: ["a secret of at least thirty-two bytes, for tests"] },
  onerror: (error) => appendFileSync(reports, `${error.code}: ${error.message}\n`),
  ...(revisions.length === 0 ? {} : { revisions }),
});
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
server.tool("steps", {}, async (_args, ctx) => {
  const opened = new Promise((resolve) => {
    open = resolve;
  });
  ctx.progress({ progress: 1, total: 3 });
  ctx.progress({ progress: 2, total: 3, message: "nearly" });
  await opened;
  return "done";
});
server.tool("release", {}, () => {
  open?.();
  return "released";
});

if (transport === "stdio") await server.serveStdio();
else await server.serveHttp({ port: Number(transport) });
