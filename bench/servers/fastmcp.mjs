/** The echo server as `fastmcp` has it: `node fastmcp.mjs stdio`, or over HTTP at `PORT`, which has to be given. */

import { FastMCP } from "fastmcp";
import { z } from "zod";

const server = new FastMCP({ name: "echo", version: "1.0.0", logger: silent() });
server.addTool({
  name: "echo",
  description: "Says it again.",
  parameters: z.object({ text: z.string() }),
  execute: async ({ text }) => text,
});

function silent() {
  const nothing = () => undefined;
  return { debug: nothing, error: nothing, info: nothing, log: nothing, warn: nothing };
}

if (process.argv[2] === "stdio") await server.start({ transportType: "stdio" });
else {
  const httpStream = { port: Number(process.env.PORT), host: "127.0.0.1", endpoint: "/mcp" };
  await server.start({ transportType: "httpStream", httpStream });
  process.stderr.write(`READY http://127.0.0.1:${process.env.PORT}/mcp\n`);
}
