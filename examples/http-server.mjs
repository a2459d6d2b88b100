/**
 * A server over HTTP for clients of every revision: `node examples/http-server.mjs [PORT]`. It knows its users by tokens, and each sees
 * a list of their own; nothing in the handlers asks which revision is spoken. Ends with Ctrl-C.
 */

import { createServer } from "mcpwire/server";
import { Type } from "typebox";

/** A real server checks tokens that somebody else gives out, and keeps none in its source. */
const users = new Map([
  ["token-of-ada", "ada"],
  ["token-of-bob", "bob"],
]);
const lists = new Map();

const server = createServer({ name: "lists", version: "1.0.0" });

server.tool(
  "add",
  { description: "Adds a line to your list.", input: Type.Object({ line: Type.String() }) },
  ({ line }, ctx) => {
    const { principal } = ctx.origin.auth;
    const list = [...(lists.get(principal) ?? []), line];
    lists.set(principal, list);
    return `${principal}: ${list.join(", ")}`;
  },
);

const http = await server.serveHttp({
  port: Number(process.argv[2] ?? 0),
  authenticate(request) {
    const principal = users.get(request.header("authorization")?.replace(/^Bearer /, "") ?? "");
    return principal === undefined ? { status: 401, headers: { "WWW-Authenticate": "Bearer" } } : { principal };
  },
});
console.log(http.url);

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => http.close());
