/** A server in ten lines, for whichever client starts it: `node examples/echo-server.mjs`. */

import { createServer } from "mcpwire/server";

const server = createServer({ name: "echo", version: "1.0.0" });

const input = { type: "object", properties: { text: { type: "string" } }, required: ["text"] };
server.tool("echo", { description: "Says it again.", input }, ({ text }) => text);

await server.serveStdio();
