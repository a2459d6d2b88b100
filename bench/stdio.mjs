/** Servers over stdio by the requests they answer in a second, beside a bare echo of lines. One load generator, by turns. */

import { echoCall } from "./load/messages.mjs";
import { byTurns, perRound } from "./load/rounds.mjs";
import { openSession, startServer, stopServer, throughput } from "./load/stdio.mjs";
import { summary } from "./stats.mjs";

const FLOOR = "floor";
const SERVERS = {
  [FLOOR]: { file: "bench/servers/floor-stdio.mjs", eras: ["stateful", "stateless"] },
  mcpwire: { file: "bench/servers/echo-stdio.mjs", eras: ["stateful", "stateless"] },
  "sdk 1": { file: "bench/servers/sdk1.mjs", eras: ["stateful"] },
  "sdk 2": { file: "bench/servers/sdk2.mjs", eras: ["stateful", "stateless"] },
};
const LOADS = {
  64: { flight: 64, requests: 50_000 },
  1: { flight: 1, requests: 3_000 },
};

async function measureEra(era, names, plan) {
  const request = echoCall(era);
  const servers = names.map((name) => [name, startServer(SERVERS[name].file, "stdio")]);
  try {
    for (const [, server] of servers) await openSession(server, era, request, "hello");
    const figures = {};
    for (const [flight, load] of Object.entries(LOADS)) {
      const subjects = servers.map(([name, server]) => [name, () => throughput(server, request, load)]);
      const rates = await byTurns(Object.fromEntries(subjects), plan);
      const others = names.filter((name) => name !== FLOOR);
      figures[flight] = {
        requestsPerSecond: Object.fromEntries(names.map((name) => [name, summary(rates[name])])),
        times: Object.fromEntries(others.map((name) => [name, perRound(rates[FLOOR], rates[name])])),
      };
    }
    return figures;
  } finally {
    for (const [, server] of servers) stopServer(server);
  }
}

/** Per era and number of requests in flight: requests a second, and how many times as fast the floor is. */
export async function measureStdio({ peers = true, blocks = 8 } = {}) {
  const figures = {};
  for (const era of ["stateful", "stateless"]) {
    const names = Object.keys(SERVERS).filter(
      (name) => SERVERS[name].eras.includes(era) && (peers || !name.startsWith("sdk")),
    );
    figures[era] = await measureEra(era, names, { warmup: 2, blocks });
  }
  return figures;
}
