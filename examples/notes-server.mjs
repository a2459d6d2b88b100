/**
 * A server with some of everything: tools that keep notes, the notes as resources, suggestions for their names, and a prompt.
 * Start it by a client: `node examples/inspect.mjs node examples/notes-server.mjs`.
 */

import { createServer, RpcError } from "mcpwire/server";
import { Type } from "typebox";

const notes = new Map([
  ["shopping", "milk, bread"],
  ["ships", "Fram, Gjøa"],
]);

const server = createServer({
  name: "notes",
  version: "1.0.0",
  title: "Notes",
  instructions: "Look at the list of resources before adding a note: names are taken once.",
});

const Name = Type.String({ pattern: "^[a-z]{1,40}$", description: "Small letters only" });

server.tool(
  "add_note",
  {
    title: "Add a note",
    description: "Keeps a text under a name.",
    input: Type.Object({ name: Name, text: Type.String({ maxLength: 10_000 }) }),
    output: Type.Object({ uri: Type.String(), notes: Type.Integer() }),
    annotations: { destructiveHint: false, openWorldHint: false },
  },
  ({ name, text }) => {
    if (notes.has(name))
      throw new Error(`There is a note ${name} already. Choose another name, or remove that one first.`);
    notes.set(name, text);
    return { structuredContent: { uri: `note://${name}`, notes: notes.size } };
  },
);

server.tool(
  "remove_note",
  { title: "Remove a note", input: Type.Object({ name: Name }), annotations: { idempotentHint: true } },
  ({ name }, ctx) => {
    if (!notes.delete(name)) return `There was no note ${name}.`;
    server.resourceUpdated(`note://${name}`);
    ctx.log("notice", { removed: name });
    return `Removed ${name}.`;
  },
);

const namesLike = (value) => [...notes.keys()].filter((name) => name.startsWith(value));

server.resource("note://", { name: "all", title: "Names of all notes", mimeType: "application/json" }, () =>
  JSON.stringify([...notes.keys()]),
);

server.resourceTemplate(
  "note://{name}",
  { name: "note", title: "One note", mimeType: "text/plain", complete: { name: namesLike } },
  ({ name }) => notes.get(name),
);

server.prompt(
  "tidy",
  {
    title: "Tidy a note",
    description: "Has a note written anew.",
    arguments: { name: { required: true, complete: namesLike }, style: { description: "For example: short" } },
  },
  ({ name, style = "plain" }) => {
    const text = notes.get(name);
    if (text === undefined) throw new RpcError(-32602, `There is no note ${name}`);
    return [
      { role: "user", content: { type: "text", text: `Write this note anew, in a ${style} style:` } },
      {
        role: "user",
        content: { type: "resource", resource: { uri: `note://${name}`, mimeType: "text/plain", text } },
      },
    ];
  },
);

await server.serveStdio();
