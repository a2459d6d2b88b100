/**
 * A client over HTTP: `node examples/http-client.mjs URL [REVISION]`, with a server that `http-server.mjs` runs. Two users add to their
 * lists; somebody without a token is sent away.
 */

import { connect, HttpError } from "mcpwire/client";

const [url, revision] = process.argv.slice(2);
if (url === undefined) {
  console.error("usage: node http-client.mjs URL [REVISION]");
  process.exit(2);
}
const options = { name: "lister", version: "1.0.0", ...(revision === undefined ? {} : { revisions: [revision] }) };

for (const [token, line] of [
  ["token-of-ada", "tea"],
  ["token-of-bob", "nails"],
  ["token-of-ada", "lemons"],
]) {
  const client = await connect({ url, headers: { Authorization: `Bearer ${token}` } }, options);
  const { content } = await client.callTool("add", { line });
  console.log(`${content[0].text} (${client.peer.revision})`);
  await client.close();
}

try {
  await connect(url, options);
} catch (error) {
  if (!(error instanceof HttpError)) throw error;
  console.log(`without a token: ${error.status} ${error.headers.get("www-authenticate")}`);
}
