/** What a server over HTTP keeps: for each idle session, and after many requests; and how many requests it works on at once. */

import { ask, Connection, httpThroughput, openHttpSession, post, startHttpServer } from "./load/http.mjs";
import { echoCall, requestOf } from "./load/messages.mjs";
import { byTurns, perRound } from "./load/rounds.mjs";
import { summary } from "./stats.mjs";

const SESSIONS = 1_000;
const REQUESTS = 100_000;
const FLIGHT = 1_000;
const OURS = "bench/servers/echo-http.mjs";
const PEERS = { "sdk 1": "bench/servers/sdk1.mjs", "sdk 2": "bench/servers/sdk2.mjs" };

async function withServer(file, env, run) {
  const server = await startHttpServer(file, env);
  try {
    return await run(server);
  } finally {
    server.stop();
  }
}

const deletion = ({ host, pathname }, lines) =>
  `DELETE ${pathname} HTTP/1.1\r\nHost: ${host}\r\n${lines.join("\r\n")}\r\nContent-Length: 0\r\n\r\n`;

/** Opens sessions one after another on one connection, deletes them where asked to. */
async function openMany(url, count) {
  const connection = new Connection(url);
  const sessions = [];
  for (let number = 0; number < count; number++) sessions.push(await openHttpSession(url, "stateful", connection));
  return { connection, sessions };
}

async function closeMany(url, { connection, sessions }) {
  for (const lines of sessions) await ask(url, deletion(url, lines), connection);
  connection.close();
}

async function sessionBytes(file, tools) {
  return await withServer(file, { TOOLS: String(tools) }, async ({ url, heap }) => {
    await closeMany(url, await openMany(url, 200));
    const before = await heap();
    const open = await openMany(url, SESSIONS);
    const during = await heap();
    await closeMany(url, open);
    const after = await heap();
    return { each: (during - before) / SESSIONS, left: (after - before) / SESSIONS };
  });
}

/** Bytes of heap for each idle session with 1 and with 50 tools, and what is left of each after it was deleted. */
export async function measureSessions({ peers = true } = {}) {
  const files = { mcpwire: OURS, ...(peers ? { "sdk 2": PEERS["sdk 2"] } : {}) };
  const figures = {};
  for (const [name, file] of Object.entries(files))
    figures[name] = { 1: await sessionBytes(file, 1), 50: await sessionBytes(file, 50) };
  return figures;
}

async function retainedBytes(file, answers, requests) {
  return await withServer(file, { ANSWERS: answers }, async ({ url, heap }) => {
    const lines = await openHttpSession(url, "stateful");
    const call = echoCall("stateful");
    const load = async (count) => {
      const connections = Array.from({ length: 16 }, () => new Connection(url));
      await httpThroughput(connections, (id) => post(url, call(id), lines), count);
      for (const connection of connections) connection.close();
    };
    // What is kept within a bound, such as events to come back for, is full after this.
    await load(10_000);
    const before = await heap();
    await load(requests);
    return ((await heap()) - before) / requests;
  });
}

/** Bytes of heap that a request leaves behind, with answers as JSON and as event streams. */
export async function measureRetained({ peers = true, requests = REQUESTS } = {}) {
  const files = { mcpwire: OURS, ...(peers ? { "sdk 1": PEERS["sdk 1"] } : {}) };
  const figures = {};
  for (const [name, file] of Object.entries(files))
    figures[name] = {
      json: await retainedBytes(file, "auto", requests),
      sse: await retainedBytes(file, "sse", requests),
    };
  return figures;
}

/** Requests a second of a tool that takes 20 ms, 1,000 of them in flight on one session, and their share of the floor's. */
export async function measureFlight({ blocks = 5 } = {}) {
  const call = requestOf("stateful", "tools/call", { name: "wait", arguments: { text: "hello" } });
  return await withServer("bench/servers/floor-http.mjs", {}, (floor) =>
    withServer(OURS, { TOOLS: "2" }, async ({ url }) => {
      const lines = await openHttpSession(url, "stateful");
      const subject = (target, headers) => {
        const connections = Array.from({ length: FLIGHT }, () => new Connection(target));
        return () => httpThroughput(connections, (id) => post(target, call(id), headers), 10 * FLIGHT);
      };
      const subjects = { floor: subject(new URL("/wait", floor.url), []), mcpwire: subject(url, lines) };
      const rates = await byTurns(subjects, { warmup: 1, blocks });
      return {
        requestsPerSecond: Object.fromEntries(Object.entries(rates).map(([name, sample]) => [name, summary(sample)])),
        share: perRound(rates.mcpwire, rates.floor),
      };
    }),
  );
}
