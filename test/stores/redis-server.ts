/** A Redis server of the tests' own: on a free port of the loopback, without persistence, ended with the tests. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Ends the process at once, as a crash would. */
  kill(): Promise<void>;
  /** Starts a process on the same port; it knows nothing of what was there, except where `persist` was asked for. */
  start(): Promise<void>;
  /** Ends the process and removes what it left. */
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 20_000;

/** Whether the program is there; where it is not, what needs it is reported as skipped, with a line on why. */
export const hasRedis: boolean = spawnSync("redis-server", ["--version"]).status === 0;
if (!hasRedis) process.stderr.write("There is no redis-server here: the tests that need one are skipped.\n");

/** @param persist Whether what was written outlives a kill. */
export async function startRedis({ persist = false }: { persist?: boolean } = {}): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), "mcpwire-redis-"));
  const port = await freePort();
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGKILL");
    await gone;
  };
  const start = async (): Promise<void> => {
    const keep = persist ? ["--appendonly", "yes", "--appendfsync", "always"] : ["--appendonly", "no"];
    const where = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder];
    child = spawn("redis-server", [...where, "--save", "", ...keep, "--daemonize", "no"], { stdio: "ignore" });
    process.once("exit", () => child?.kill("SIGKILL"));
    await untilReady(port);
  };
  await start();
  const stop = async (): Promise<void> => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  };
  return { url: `redis://127.0.0.1:${port}`, port, kill, start, stop };
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

async function untilReady(port: number): Promise<void> {
  const giveUpAt = Date.now() + READY_WITHIN_MS;
  while (!(await answers(port))) {
    if (Date.now() > giveUpAt) throw new Error(`redis-server did not answer on port ${port} in ${READY_WITHIN_MS} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function answers(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    const end = (ready: boolean): void => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(1_000, () => end(false));
    socket.once("error", () => end(false));
    socket.once("connect", () => socket.write("PING\r\n"));
    // While it reads its data it says that, and not this.
    socket.once("data", (data) => end(data.toString().startsWith("+PONG")));
  });
}
