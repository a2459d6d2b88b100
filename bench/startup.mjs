/** From the start of a process to its first answer: servers over stdio beside a bare echo of lines, whole processes by turns. */

import { ERAS, echoCall } from "./load/messages.mjs";
import { byTurns, perRound } from "./load/rounds.mjs";
import { exchange, startServer, stopServer } from "./load/stdio.mjs";
import { summary } from "./stats.mjs";

const SERVERS = {
  floor: "bench/servers/floor-stdio.mjs",
  mcpwire: "bench/servers/echo-stdio.mjs",
  "sdk 1": "bench/servers/sdk1.mjs",
  "sdk 2": "bench/servers/sdk2.mjs",
  fastmcp: "bench/servers/fastmcp.mjs",
};

/** Milliseconds until the answer to a call that waits behind the handshake. */
async function firstAnswer(file) {
  const { initialize, initialized } = ERAS.stateful;
  const start = process.hrtime.bigint();
  const server = startServer(file, "stdio");
  try {
    const answers = await exchange(server, [initialize, initialized, echoCall("stateful")(1)], 2);
    const time = Number(process.hrtime.bigint() - start) / 1e6;
    if (!answers.at(-1).includes("hello")) throw new Error(`${file} answered ${answers.at(-1)}`);
    return time;
  } finally {
    stopServer(server);
  }
}

/** Milliseconds of each, and how many times as long as the floor. */
export async function measureStartup({ peers = true, blocks = 20 } = {}) {
  const names = Object.keys(SERVERS).filter((name) => peers || name === "floor" || name === "mcpwire");
  const subjects = Object.fromEntries(names.map((name) => [name, () => firstAnswer(SERVERS[name])]));
  const times = await byTurns(subjects, { warmup: 1, blocks });
  return {
    milliseconds: Object.fromEntries(names.map((name) => [name, summary(times[name])])),
    times: Object.fromEntries(names.slice(1).map((name) => [name, perRound(times[name], times.floor)])),
  };
}
