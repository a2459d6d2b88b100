/** Middleware: every call of a tool is timed and written down, and some are refused, without a word of it in the tools. */

import { connect } from "mcpwire/client";
import { createServer, RpcError } from "mcpwire/server";
import { Type } from "typebox";

const server = createServer({ name: "files", version: "1.0.0" });
const Path = Type.Object({ path: Type.String() });
server.tool("read", { input: Path, annotations: { readOnlyHint: true } }, ({ path }) => `What is in ${path}.`);
server.tool("delete", { input: Path, annotations: { destructiveHint: true } }, ({ path }) => `Deleted ${path}.`);
server.tool("convert", { input: Path }, ({ path }) => {
  throw new Error(`${path} is of no known format.`);
});

const log = [];

// Outermost: sees what all others do.
server.use("tools/call", async (params, ctx, next) => {
  const started = performance.now();
  let outcome = "refused";
  try {
    const result = await next();
    outcome = result.isError === true ? "failed" : "done";
    return result;
  } finally {
    const ms = performance.now() - started;
    log.push({ who: ctx.client.info?.name, tool: params.name, outcome, ms });
  }
});

// Inside it: who may do what. A real server decides by what its transport knows (`ctx.origin`), never by what a client says of itself.
server.use("tools/call", (params, _ctx, next) => {
  if (params.name === "delete") throw new RpcError(-32602, "Deleting is not allowed on weekdays");
  return next();
});

const client = await connect(server, { name: "desk", version: "1.0.0" });
console.log((await client.callTool("read", { path: "a.txt" })).content[0].text);
console.log((await client.callTool("convert", { path: "b.dat" })).content[0].text);
await client.callTool("delete", { path: "a.txt" }).catch((error) => console.log(error.rpcCode, error.message));
for (const { who, tool, outcome, ms } of log) console.log(`${who} ${tool} ${outcome}${ms < 10_000 ? "" : " slowly"}`);
await client.close();
