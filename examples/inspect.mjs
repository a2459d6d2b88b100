/**
 * Shows all that a server has, and calls one of its tools:
 *
 *     node examples/inspect.mjs node examples/notes-server.mjs
 *     node examples/inspect.mjs --call add_note '{"name":"trip","text":"pack a map"}' node examples/notes-server.mjs
 */

import { connect, McpWireError } from "mcpwire/client";

const given = process.argv.slice(2);
const [tool, args] = given[0] === "--call" ? given.splice(0, 3).slice(1) : [];
const [first, ...rest] = given;
if (first === undefined) {
  console.error("usage: node inspect.mjs [--call TOOL JSON] COMMAND [ARGUMENT …]");
  process.exit(2);
}

try {
  const client = await connect({ command: first, args: rest, stderr: "pass" }, { name: "inspect", version: "1.0.0" });
  try {
    await inspect(client);
  } finally {
    await client.close();
  }
} catch (error) {
  if (!(error instanceof McpWireError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}

async function inspect(client) {
  const { revision, serverInfo, instructions, serverCapabilities: offers } = client.peer;
  console.log(`${serverInfo?.title ?? serverInfo?.name} ${serverInfo?.version}, revision ${revision}`);
  if (instructions !== undefined) console.log(instructions);

  if (offers.tools) await show("Tools", client.listTools(), describeTool);
  if (offers.resources) {
    await show("Resources", client.listResources(), ({ uri, title, name }) => `${uri} ${title ?? name}`);
    await show("Templates", client.listResourceTemplates(), (one) => `${one.uriTemplate} ${one.title ?? one.name}`);
  }
  if (offers.prompts) await show("Prompts", client.listPrompts(), describePrompt);

  if (tool === undefined) return;
  const { isError, structuredContent, content } = await client.callTool(tool, JSON.parse(args));
  console.log(`\n${tool}${isError ? " failed" : ""}`);
  for (const block of content) console.log(`  ${block.type === "text" ? block.text : `[${block.type}]`}`);
  if (structuredContent !== undefined) console.log("  structured:", structuredContent);
}

/** Shows a list as its pages come. */
async function show(title, list, describe) {
  console.log(`\n${title}`);
  for await (const item of list) console.log(`  ${describe(item)}`);
}

function describeTool({ name, description = "", inputSchema }) {
  const names = Object.keys(inputSchema.properties ?? {});
  return `${name}(${names.join(", ")}) ${description}`.trimEnd();
}

function describePrompt({ name, arguments: taken = [] }) {
  return `${name}(${taken.map((one) => (one.required ? one.name : `${one.name}?`)).join(", ")})`;
}
