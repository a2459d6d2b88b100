/** A server in a process of its own, from the built package: one of several machines, which can be killed in the middle of anything. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface NodeProcess {
  readonly url: string;
  readonly pid: number;
  /** What it wrote to stderr. */
  errors(): string;
  /** Ends it at once, and without a word (`kill -9`). */
  kill(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;
const ERRORS_KEPT = 20_000;
/** Nothing that was started is left behind, however the tests end. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/**
 * Starts a program of `test/stores/programs`, which is given the settings as JSON and says by a first line where it listens.
 * @throws where it ends, or says nothing for a long time.
 */
export async function startNode(program: string, settings: object): Promise<NodeProcess> {
  // The same path from here and from where this is bundled to.
  const file = fileURLToPath(new URL(`../../test/stores/programs/${program}`, import.meta.url));
  const child = spawn(process.execPath, [file, JSON.stringify(settings)], { stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  const ended = once(child, "exit").then(() => running.delete(child));
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-ERRORS_KEPT);
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), READY_WITHIN_MS);
  });
  const first = await Promise.race([once(child.stdout, "data"), ended.then(() => undefined), late]);
  clearTimeout(timer);
  if (first === undefined) {
    child.kill("SIGKILL");
    throw new Error(`${program} did not begin to serve: ${errors}`);
  }
  child.stdout.resume();
  return {
    url: String(first[0]).trim(),
    pid: child.pid ?? 0,
    errors: () => errors,
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
