/**
 * The echo server of the benchmarks over HTTP, on the built package; for any client. `PORT` is where it listens (one that is free where
 * it is not given), `ANSWERS=sse` answers by event streams, `TOOLS` is how many tools there are: `echo`, `wait`, which takes 20 ms, and
 * more that are never called.
 */

import { createServer } from "../../dist/runtime/server/index.js";

const { PORT = "0", ANSWERS = "auto", TOOLS = "1" } = process.env;
const server = createServer({ name: "echo", version: "1.0.0" });
const input = { type: "object", properties: { text: { type: "string" } }, required: ["text"] };
server.tool("echo", { description: "Says it again.", input }, ({ text }) => text);
const wait = ({ text }) => new Promise((resolve) => setTimeout(resolve, 20, text));
if (Number(TOOLS) > 1) server.tool("wait", { description: "Says it again, after 20 ms.", input }, wait);
for (let number = 2; number < Number(TOOLS); number++)
  server.tool(`tool-${number}`, { description: `Tool number ${number}.`, input }, ({ text }) => text);
const { url } = await server.serveHttp({ port: Number(PORT), answers: ANSWERS });
process.stderr.write(`READY ${url}\n`);
