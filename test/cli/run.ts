/** Runs the built command line as a user does: another process, with its output and exit code. */

import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));
export const SCHEMAS: string = fileURLToPath(new URL("../../schema", import.meta.url));
const MAIN = fileURLToPath(new URL("../../dist/runtime/cli/main.js", import.meta.url));

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Working folder; the project's root unless given. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export function mcpwire(args: readonly string[], options: RunOptions = {}): Run {
  const { DEBUG: _debug, NO_COLOR: _noColor, FORCE_COLOR: _forceColor, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd: options.cwd ?? ROOT,
    env: { ...env, ...options.env },
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  return { code: status, stdout, stderr };
}

/** Runs it with a reader that goes away after the first bytes, as `| head -1` does. */
export function mcpwireCutOff(args: readonly string[]): Promise<Omit<Run, "stdout">> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.stdout.once("data", () => child.stdout.destroy());
    child.once("error", fail);
    child.once("close", (code) => done({ code, stderr }));
  });
}
