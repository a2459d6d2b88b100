/**
 * A client at the terminal for the server beside it: `node examples/visits/client.mjs URL USER [TOOL] [ARGUMENTS]`. A page that the server asks
 * for is shown, and opened in your browser after a yes; the call goes on when you are done there.
 */

import { connect } from "mcpwire/client";
import { createUrlConsent } from "mcpwire/terminal";

const [, , url, user = "ada", tool = "calendar", args = "{}"] = process.argv;

const client = await connect(
  { url, headers: { Authorization: `Bearer token-of-${user}` } },
  { elicitUrl: createUrlConsent() },
);
try {
  const { content } = await client.callTool(tool, JSON.parse(args));
  for (const block of content) console.log(block.text);
} finally {
  await client.close();
}
