/**
 * One of several servers that share their tasks, from the built package. Whoever sends `Authorization: Bearer NAME` is NAME. Effects are
 * counted in Redis, by what the caller calls its attempt, so that those who look can tell how often each took place.
 */

import { createClient } from "redis";
import { createServer } from "../../../dist/runtime/server/index.js";
import { createRedisStores, RedisConnection } from "../../../dist/runtime/stores/redis/index.js";

const { name, url, prefix, leaseMs = 2_000, pollMs = 50, patienceMs = 5_000 } = JSON.parse(process.argv[2]);
const onerror = (error) => process.stderr.write(`${name}: ${error.code} ${error.message}\n`);
const redis = new RedisConnection({ redis: url, prefix, patienceMs, onerror });
const stores = createRedisStores({ redis });
const counter = createClient({ url });
counter.on("error", onerror);
await counter.connect();

const server = createServer({
  name,
  version: "1",
  onerror,
  tasks: { store: stores.tasks, leaseMs, pollMs },
  requestState: { keys: ["0123456789abcdef0123456789abcdef"] },
});
const input = {
  type: "object",
  properties: { attempt: { type: "string" }, ms: { type: "number" } },
  required: ["attempt"],
};
const pause = (ms, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });

/** An effect that takes place once for each attempt: where nobody knows whether it did, that is looked up. */
async function effect(ctx, attempt) {
  const key = `${prefix}effects:${attempt}`;
  try {
    return await ctx.once("effect", () => counter.incr(key));
  } catch (error) {
    if (error.code !== "EFFECT_UNSURE") throw error;
    return Number(await counter.get(key)) || (await counter.incr(key));
  }
}

const begun = (attempt) => counter.incr(`${prefix}runs:${attempt}`);

server.tool("work", { task: "optional", restartable: true, input }, async ({ attempt, ms = 100 }, ctx) => {
  await begun(attempt);
  ctx.status("half of it is to come");
  await pause(ms / 2, ctx.signal);
  const count = await effect(ctx, attempt);
  await pause(ms / 2, ctx.signal);
  return `${ctx.origin?.principal} ${attempt} ${count}`;
});

/** The first run goes no further than its effect; whoever takes it over ends it. */
server.tool("held", { task: "optional", restartable: true, input }, async ({ attempt }, ctx) => {
  const run = await begun(attempt);
  const count = await effect(ctx, attempt);
  if (run === 1) await pause(600_000, ctx.signal);
  return `${ctx.origin?.principal} ${attempt} ${count}`;
});

server.tool("ask", { task: "optional", restartable: true, input }, async ({ attempt, ms = 0 }, ctx) => {
  await begun(attempt);
  const count = await effect(ctx, attempt);
  const requestedSchema = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
  const { content } = await ctx.elicit({ message: `Who, for ${attempt}?`, requestedSchema }, { key: "who" });
  await pause(ms, ctx.signal);
  return `${ctx.origin?.principal} ${attempt} ${count} ${content?.name}`;
});

server.tool("fragile", { task: "optional", input }, async ({ attempt, ms = 100 }, ctx) => {
  await begun(attempt);
  await pause(ms, ctx.signal);
  return `${ctx.origin?.principal} ${attempt}`;
});

/** Its effect takes place at once, and takes its time to say so. */
server.tool("charge", { task: "optional", restartable: true, input }, async ({ attempt, ms = 60_000 }, ctx) => {
  await begun(attempt);
  const key = `${prefix}effects:${attempt}`;
  const charge = async () => {
    await counter.incr(key);
    await pause(ms, ctx.signal);
    return "charged";
  };
  try {
    return await ctx.once("charge", charge);
  } catch (error) {
    if (error.code === "EFFECT_UNSURE" && attempt.startsWith("careful"))
      return `it was charged ${await counter.get(key)} times`;
    throw error;
  }
});

server.tool("big", { task: "optional", restartable: true, input }, async ({ ms = 1_000_000 }) => "x".repeat(ms));

const listener = await server.serveHttp({
  ...stores.http,
  authenticate: (request) => {
    const [, principal] = /^Bearer (\w+)$/.exec(request.header("authorization") ?? "") ?? [];
    return principal === undefined ? { status: 401 } : { principal };
  },
});
process.stdout.write(`${listener.url}\n`);
