/** The echo server of the benchmarks over stdio, on the built package; for any client that starts it. */

import { createServer } from "../../dist/runtime/server/index.js";

const server = createServer({ name: "echo", version: "1.0.0" });
const input = { type: "object", properties: { text: { type: "string" } }, required: ["text"] };
server.tool("echo", { description: "Says it again.", input }, ({ text }) => text);
await server.serveStdio();
process.stderr.write("READY\n");
