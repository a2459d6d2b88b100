/** A server in ten lines: for whichever client starts it, or over HTTP at a port: `node examples/echo-server.mjs 3000`. */

import { createServer } from "mcpwire/server";

const server = createServer({ name: "echo", version: "1.0.0" });

const input = { type: "object", properties: { text: { type: "string" } }, required: ["text"] };
server.tool("echo", { description: "Says it again.", input }, ({ text }) => text);

const port = process.argv[2];
if (port === undefined) await server.serveStdio();
else console.error((await server.serveHttp({ port: Number(port) })).url);
