/**
 * Many tasks at once, both forms over every transport: the time until all have their results, beside the same work as plain calls; what is
 * left of them in memory once their time is over; and how often a handler with questions and one effect runs and is asked.
 */

import { once } from "node:events";
import { createServer as createListener } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { connect } from "../dist/runtime/client/index.js";
import { createServer } from "../dist/runtime/server/index.js";
import { byTurns, perRound } from "./load/rounds.mjs";
import { createTaskServer } from "./servers/tasks.mjs";
import { summary } from "./stats.mjs";

const COUNT = 1_000;
const FORMS = { core: "2025-11-25", extension: "2026-07-28" };
const BACKLOG = 4_096;
const SERVER = fileURLToPath(new URL("servers/tasks.mjs", import.meta.url));

/** Ways to a server; each gives what is connected to, and what ends it. */
const TRANSPORTS = {
  memory: async () => {
    const server = createTaskServer();
    return { target: server, end: () => server.close() };
  },
  stdio: async () => ({ target: { command: process.execPath, args: [SERVER] }, end: async () => undefined }),
  http: async () => {
    const server = createTaskServer();
    const listener = createListener(server.toNodeHandler());
    // Connections that rest between two blocks are not closed while the next one begins.
    listener.keepAliveTimeout = 120_000;
    // A thousand connections may be opened at once: those that do not fit the queue of the system are reset, or wait a second.
    listener.listen({ port: 0, host: "127.0.0.1", backlog: BACKLOG });
    await once(listener, "listening");
    const end = async () => {
      await server.close();
      listener.close();
      listener.closeAllConnections();
    };
    return { target: `http://127.0.0.1:${listener.address().port}/mcp`, end };
  },
};

function check(results) {
  const wrong = results.findIndex(({ content }, index) => content[0].text !== String(index));
  if (wrong >= 0) throw new Error(`the result of ${wrong} is ${results[wrong].content[0].text}`);
}

async function timed(run) {
  const start = performance.now();
  check(await Promise.all(Array.from({ length: COUNT }, (_, value) => run({ value }))));
  return performance.now() - start;
}

/** Begun, and waited for as `callTool` does. */
const waited = (client) => async (args) => await (await client.startTool("work", args)).result();

/** Begun, looked at until it has ended, and its result fetched. */
const watched = (client) => async (args) => {
  const task = await client.startTool("work", args);
  for await (const state of task.updates) if (state.status === "failed") throw new Error(state.message);
  return await task.result();
};

export async function measureSpeed(transport, revision, blocks) {
  const { target, end } = await TRANSPORTS[transport]();
  const client = await connect(target, { revisions: [revision], verdicts: false });
  const subjects = {
    plain: () => timed((args) => client.callTool("plain", args)),
    waited: () => timed(waited(client)),
    watched: () => timed(watched(client)),
  };
  const times = await byTurns(subjects, { warmup: 3, blocks });
  await client.close();
  await end();
  return {
    milliseconds: Object.fromEntries(Object.entries(times).map(([name, sample]) => [name, summary(sample)])),
    times: { waited: perRound(times.waited, times.plain), watched: perRound(times.watched, times.plain) },
  };
}

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc");

async function heap() {
  for (let round = 0; round < 4; round++) {
    gc();
    await wait(20);
  }
  return process.memoryUsage().heapUsed;
}

/** Bytes of each task while it is kept, and after its time. */
async function measureMemory(revision, rounds) {
  const ttlMs = 1_500;
  const server = createTaskServer({ ttlMs });
  const client = await connect(server, { revisions: [revision], verdicts: false });
  const round = () => timed(waited(client));
  const over = () => wait(ttlMs + 200);
  await round();
  await over();
  const before = await heap();
  await round();
  const during = await heap();
  for (let more = 1; more < rounds; more++) await round();
  await over();
  const after = await heap();
  await client.close();
  await server.close();
  return { each: (during - before) / COUNT, left: (after - before) / (COUNT * rounds) };
}

const NAME = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };

/** A handler with two questions and one effect, where questions end the run: how often it ran, had its effect, and was sent. */
async function measureReplay(together) {
  const server = createServer({ name: "replay", version: "1" });
  const counts = { effects: 0, runs: 0, asks: 0 };
  server.tool("book", {}, async (_args, ctx) => {
    counts.runs++;
    const id = await ctx.once("book", () => ++counts.effects);
    const ask = (message) => ctx.elicit({ message, requestedSchema: NAME });
    const answers = together
      ? await Promise.all([ask("First?"), ask("Last?")])
      : [await ask("First?"), await ask("Last?")];
    return `${id} ${answers.map(({ content }) => content.name).join(" ")}`;
  });
  let calls = 0;
  server.use("tools/call", async (params, _ctx, next) => {
    calls++;
    return await next(params);
  });
  const client = await connect(server, {
    revisions: [FORMS.extension],
    elicit: ({ message }) => ({ action: "accept", content: { name: `${message}${++counts.asks}` } }),
  });
  const { content } = await client.callTool("book");
  await client.close();
  await server.close();
  if (!content[0].text.startsWith("1 First?")) throw new Error(`the answer is ${content[0].text}`);
  return { ...counts, trips: calls - 1 };
}

export async function measureTasks({ blocks = 15, rounds = 5 } = {}) {
  const speed = {};
  for (const [form, revision] of Object.entries(FORMS)) {
    speed[form] = {};
    for (const transport of Object.keys(TRANSPORTS))
      speed[form][transport] = await measureSpeed(transport, revision, blocks);
  }
  const memory = {};
  for (const [form, revision] of Object.entries(FORMS)) memory[form] = await measureMemory(revision, rounds);
  return {
    speed,
    memory,
    replay: { together: await measureReplay(true), "one by one": await measureReplay(false) },
  };
}
