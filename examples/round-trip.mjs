/** The echo server of the examples, asked by a client at every revision, over stdio and over HTTP. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { connect } from "mcpwire/client";

const SERVER = fileURLToPath(new URL("echo-server.mjs", import.meta.url));

/** Prints a line for each revision and transport; throws where an answer is not the one that was asked for. */
export async function roundTrip(revisions) {
  const http = await startHttp();
  try {
    for (const { revision } of revisions) {
      await askOnce("stdio", { command: process.execPath, args: [SERVER] }, revision);
      await askOnce("HTTP", http.url, revision);
    }
  } finally {
    http.child.kill();
  }
}

/** Starts the server at a free port; it says on stderr where. */
async function startHttp() {
  const child = spawn(process.execPath, [SERVER, "0"], { stdio: ["ignore", "inherit", "pipe"] });
  const [text] = await once(child.stderr, "data");
  child.stderr.resume();
  return { child, url: String(text).trim() };
}

async function askOnce(transport, target, revision) {
  const began = performance.now();
  const client = await connect(target, { revisions: [revision] });
  const said = `hello over ${transport}`;
  const { content } = await client.callTool("echo", { text: said });
  const { peer } = client;
  await client.close();
  if (peer.revision !== revision || content[0]?.text !== said)
    throw new Error(
      `${transport} at ${revision}: asked for ${said}, got ${JSON.stringify(content)} at ${peer.revision}`,
    );
  const ms = Math.round(performance.now() - began);
  console.log(
    `   ${revision}  ${transport.padEnd(5)}  ${peer.serverInfo.name}: ${content[0].text}  (${ms} ms with the opening)`,
  );
}
