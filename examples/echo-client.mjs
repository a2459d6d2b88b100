/** A client in five lines: starts the echo server and calls its tool, at every revision or at those given as arguments. */

import { fileURLToPath } from "node:url";
import { revisions } from "mcpwire";
import { connect } from "mcpwire/client";

const script = fileURLToPath(new URL("echo-server.mjs", import.meta.url));
const wanted = process.argv.length > 2 ? process.argv.slice(2) : revisions.map(({ revision }) => revision);

for (const revision of wanted) {
  const client = await connect({ command: process.execPath, args: [script] }, { revisions: [revision] });
  const { content } = await client.callTool("echo", { text: `hello from ${client.peer.revision}` });
  console.log(content[0].text);
  await client.close();
}
