/** Servers over HTTP by the requests they answer in a second, beside bare `node:http`. One load generator, by turns. */

import { ask, Connection, httpThroughput, openHttpSession, post, startHttpServer } from "./load/http.mjs";
import { echoCall } from "./load/messages.mjs";
import { byTurns, perRound } from "./load/rounds.mjs";
import { summary } from "./stats.mjs";

const FLOOR = "floor";
const LOADS = { 16: { connections: 16, requests: 6_000 }, 1: { connections: 1, requests: 2_000 } };
const OURS = {
  mcpwire: { file: "bench/servers/echo-http.mjs" },
  "mcpwire, fetch": { file: "bench/servers/echo-fetch.mjs" },
};
/** The peers, as what they are told to do allows. */
const PEERS = {
  "stateful json": {
    "sdk 1": { file: "bench/servers/sdk1.mjs" },
    "sdk 2": { file: "bench/servers/sdk2.mjs" },
  },
  "stateful sse": {
    "sdk 1": { file: "bench/servers/sdk1.mjs", env: { ANSWERS: "sse" } },
    "sdk 2": { file: "bench/servers/sdk2.mjs", env: { ANSWERS: "sse" } },
    fastmcp: { file: "bench/servers/fastmcp.mjs", env: { PORT: "17399" } },
  },
  "stateless json": { "sdk 2": { file: "bench/servers/sdk2.mjs" } },
  "stateless sse": {},
};

/** A subject that is ready for its blocks. */
async function prepare({ file, env, path }, era, flight) {
  const server = await startHttpServer(file, env);
  try {
    const url = path === undefined ? server.url : new URL(path, server.url);
    const lines = path === undefined ? await openHttpSession(url, era) : [];
    const headers = era === "stateless" ? [...lines, "Mcp-Name: echo"] : lines;
    const call = echoCall(era);
    const bytesOf = (id) => post(url, call(id), headers);
    const answer = await ask(url, bytesOf(1));
    if (!answer.includes("hello") || answer.includes('"error"')) throw new Error(`${file} answered ${answer}`);
    const connections = Array.from({ length: flight }, () => new Connection(url));
    return { connections, bytesOf, stop: server.stop };
  } catch (error) {
    server.stop();
    throw error;
  }
}

async function measureLoad(servers, era, { connections, requests }, plan) {
  const ready = [];
  try {
    for (const [name, server] of Object.entries(servers)) ready.push([name, await prepare(server, era, connections)]);
    const subjects = ready.map(([name, one]) => [name, () => httpThroughput(one.connections, one.bytesOf, requests)]);
    const rates = await byTurns(Object.fromEntries(subjects), plan);
    const others = Object.keys(servers).filter((name) => name !== FLOOR);
    return {
      requestsPerSecond: Object.fromEntries(Object.entries(rates).map(([name, sample]) => [name, summary(sample)])),
      times: Object.fromEntries(others.map((name) => [name, perRound(rates[FLOOR], rates[name])])),
    };
  } finally {
    for (const [, { connections: open, stop }] of ready) {
      for (const connection of open) connection.close();
      stop();
    }
  }
}

/** Per era, way of answering and number of connections: requests a second, and how many times as fast the floor is. */
export async function measureHttp({ peers = true, blocks = 6 } = {}) {
  const figures = {};
  for (const era of ["stateful", "stateless"]) {
    for (const answers of ["json", "sse"]) {
      const kind = `${era} ${answers}`;
      const env = { ANSWERS: answers === "sse" ? "sse" : "auto" };
      const ours = Object.entries(OURS).map(([name, { file }]) => [name, { file, env }]);
      const servers = {
        [FLOOR]: { file: "bench/servers/floor-http.mjs", path: `/${era}/${answers}` },
        ...Object.fromEntries(ours),
        ...(peers ? PEERS[kind] : {}),
      };
      figures[kind] = {};
      for (const [connections, load] of Object.entries(LOADS))
        figures[kind][connections] = await measureLoad(servers, era, load, { warmup: 2, blocks });
    }
  }
  return figures;
}
