/** A server in a process of its own that listens on a port of this machine. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** How long a server may take until it listens, in milliseconds. */
const PATIENCE = 60_000;

export interface ServerProcess {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts a program that is told its port. @throws Error with its last words where it never listens. */
export async function startServer(programOf: (port: number) => readonly string[]): Promise<ServerProcess> {
  const port = await freePort();
  const env = { ...process.env, PORT: String(port) };
  const child = spawn(process.execPath, programOf(port), { stdio: ["ignore", "ignore", "pipe"], env });
  const exited = once(child, "exit");
  let words = "";
  child.stderr.on("data", (text) => {
    words = (words + text).slice(-4_000);
  });
  const close = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  const until = Date.now() + PATIENCE;
  while (!(await listens(port))) {
    if (child.exitCode === null && Date.now() < until) await wait(20);
    else {
      await close();
      throw new Error(`The server does not listen. It said: ${words}`);
    }
  }
  return { port, close };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
