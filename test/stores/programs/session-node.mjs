/**
 * One of several servers that share their sessions, from the built package. Whoever sends `Authorization: Bearer NAME` is NAME. Effects are
 * counted in Redis by the name of the call.
 */

import { createClient } from "redis";
import { createServer } from "../../../dist/runtime/server/index.js";
import { createRedisStores } from "../../../dist/runtime/stores/redis/index.js";

const { name, url, prefix } = JSON.parse(process.argv[2]);
const onerror = (error) => process.stderr.write(`${name}: ${error.code} ${error.message}\n`);
const stores = createRedisStores({ redis: url, prefix, onerror });
const counter = createClient({ url });
counter.on("error", onerror);
await counter.connect();

const server = createServer({ name, version: "1", onerror, tasks: { store: stores.tasks } });
const input = {
  type: "object",
  properties: { call: { type: "string" }, ms: { type: "number" } },
  required: ["call"],
};
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

server.tool("stream", { input }, async ({ call, ms = 100 }, ctx) => {
  for (let step = 1; step <= 4; step++) {
    ctx.log("error", `${ctx.origin?.principal} ${call} ${step}`);
    await pause(ms / 4);
  }
  await counter.incr(`${prefix}effects:${call}`);
  return `${ctx.origin?.principal} ${call}`;
});
server.tool("ask", { input }, async ({ call, ms = 0 }, ctx) => {
  const requestedSchema = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
  const { content } = await ctx.elicit({ message: `Who, for ${call}?`, requestedSchema });
  await pause(ms);
  await counter.incr(`${prefix}effects:${call}`);
  return `${ctx.origin?.principal} ${call} ${content?.name}`;
});
server.tool("pid", {}, () => String(process.pid));
server.tool("touch", { input: { type: "object", properties: { uri: { type: "string" } } } }, ({ uri }) => {
  server.resourceUpdated(uri);
  return "touched";
});
server.resource("memo://x", { name: "x" }, () => "x");

const listener = await server.serveHttp({
  ...stores.http,
  authenticate: (request) => {
    const [, principal] = /^Bearer (\w+)$/.exec(request.header("authorization") ?? "") ?? [];
    return principal === undefined ? { status: 401 } : { principal };
  },
});
process.stdout.write(`${listener.url}\n`);
