/** The programs that a command runs: many exist to start another, and what counts is the last. */

import type { Run } from "./contract.js";

/** Programs that start the one in their arguments, with their own options that take a value. */
const STARTERS: Readonly<Record<string, readonly string[]>> = {
  env: ["-u", "--unset", "-C", "--chdir"],
  sudo: ["-u", "-g", "-h", "-p", "-C", "-D", "-R", "-T", "-U", "--user", "--group"],
  doas: ["-u", "-C"],
  pkexec: ["--user"],
  nohup: [],
  nice: ["-n", "--adjustment"],
  ionice: ["-c", "-n", "-p"],
  timeout: ["-k", "-s", "--kill-after", "--signal"],
  setsid: [],
  stdbuf: ["-i", "-o", "-e"],
  time: ["-o", "-f"],
  xargs: ["-I", "-n", "-P", "-L", "-d", "-a"],
  unbuffer: [],
  command: [],
  exec: ["-a"],
  busybox: [],
  start: [],
  arch: [],
  caffeinate: ["-t", "-w"],
  strace: ["-e", "-o"],
  "dotenv-cli": ["-e"],
  "cross-env": [],
  "cross-env-shell": [],
};

const MAX_DEPTH = 10;

/** The command and, where it starts another program, that one too, and so on. */
export function runsOf(command: string, args: readonly string[]): Run[] {
  const runs: Run[] = [];
  let rest: Run | undefined = toRun(
    command,
    args,
    "command",
    args.map((_, index) => `args/${index}`),
  );
  while (rest !== undefined && runs.length < MAX_DEPTH) {
    runs.push(rest);
    rest = innerOf(rest);
  }
  return runs;
}

function toRun(written: string, args: readonly string[], part: string, parts: readonly string[]): Run {
  const program = written
    .replace(/^.*[\\/]/, "")
    .replace(/\.(?:exe|cmd|bat|ps1|com)$/i, "")
    .toLowerCase();
  // `python3.12` and `node20` are what they begin with.
  return { program: program.replace(/^(python|pip|ruby|perl|php|node|lua)[\d.]+$/, "$1"), written, args, parts, part };
}

function innerOf(run: Run): Run | undefined {
  const takesValue = STARTERS[run.program];
  if (takesValue === undefined) return undefined;
  let at = 0;
  while (at < run.args.length) {
    const arg = run.args[at] ?? "";
    if (arg === "--") at++;
    if (arg === "--") break;
    const isVariable = /^[A-Za-z_]\w*=/.test(arg);
    const isDuration = run.program === "timeout" && /^[\d.]+[smhd]?$/.test(arg);
    if (!arg.startsWith("-") && !isVariable && !isDuration) break;
    at += takesValue.includes(arg) ? 2 : 1;
  }
  const written = run.args[at];
  if (written === undefined) return undefined;
  return toRun(written, run.args.slice(at + 1), run.parts[at] ?? run.part, run.parts.slice(at + 1));
}
