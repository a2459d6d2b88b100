/** The programs that a command runs: many exist to start another, and what counts is the last. */

import type { Run } from "./contract.js";
import { packageIn } from "./packages.js";
import { isInterpreter } from "./programs.js";

/** A program that starts the one in its arguments. */
interface Starter {
  /** Its own options that take a value. */
  readonly valued: readonly string[];
  /** Arguments that stand before the program, such as a file to lock. */
  readonly before?: number;
}

const STARTERS: ReadonlyMap<string, Starter> = new Map<string, Starter>([
  ["env", { valued: ["-u", "--unset", "-C", "--chdir"] }],
  [
    "sudo",
    {
      valued: [
        "-u",
        "-g",
        "-h",
        "-p",
        "-C",
        "-D",
        "-R",
        "-T",
        "-U",
        "--user",
        "--group",
        "--host",
        "--prompt",
        "--chdir",
      ],
    },
  ],
  ["doas", { valued: ["-u", "-C"] }],
  ["pkexec", { valued: ["--user"] }],
  ["runuser", { valued: ["-u", "-g", "-G", "--user", "--group"] }],
  ["gosu", { valued: [], before: 1 }],
  ["su-exec", { valued: [], before: 1 }],
  ["chroot", { valued: [], before: 1 }],
  ["unshare", { valued: ["-R", "-w", "-S", "-G", "--root", "--wd"] }],
  ["nsenter", { valued: ["-t", "-S", "-G", "--target"] }],
  ["systemd-run", { valued: ["-u", "-p", "-M", "-E", "--unit", "--property", "--machine", "--setenv", "--uid"] }],
  ["nohup", { valued: [] }],
  ["nice", { valued: ["-n", "--adjustment"] }],
  ["ionice", { valued: ["-c", "-n", "-p"] }],
  ["chrt", { valued: ["-T", "-P", "-D"], before: 1 }],
  ["taskset", { valued: [], before: 1 }],
  ["timeout", { valued: ["-k", "-s", "--kill-after", "--signal"], before: 1 }],
  ["flock", { valued: ["-w", "-E", "--timeout", "--wait"], before: 1 }],
  ["setsid", { valued: [] }],
  ["stdbuf", { valued: ["-i", "-o", "-e"] }],
  ["time", { valued: ["-o", "-f"] }],
  ["watch", { valued: ["-n", "--interval"] }],
  ["xargs", { valued: ["-I", "-n", "-P", "-L", "-d", "-a"] }],
  ["unbuffer", { valued: [] }],
  ["rlwrap", { valued: [] }],
  ["tini", { valued: [] }],
  ["dumb-init", { valued: [] }],
  ["xvfb-run", { valued: ["-n", "-s", "-e", "-f", "-p", "-w"] }],
  ["dbus-run-session", { valued: [] }],
  ["firejail", { valued: [] }],
  ["proxychains", { valued: ["-f"] }],
  ["proxychains4", { valued: ["-f"] }],
  ["torsocks", { valued: [] }],
  ["command", { valued: [] }],
  ["exec", { valued: ["-a"] }],
  ["busybox", { valued: [] }],
  ["toybox", { valued: [] }],
  ["start", { valued: [] }],
  ["wsl", { valued: ["-d", "-u", "--distribution", "--user", "--cd"] }],
  ["arch", { valued: [] }],
  ["caffeinate", { valued: ["-t", "-w"] }],
  ["strace", { valued: ["-e", "-o"] }],
  ["dotenv-cli", { valued: ["-e"] }],
  ["cross-env", { valued: [] }],
  ["cross-env-shell", { valued: [] }],
]);

const MAX_DEPTH = 10;
/** How often a text may be split that came out of a split one. */
const MAX_SPLITS = 3;

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
    rest = startedBy(rest) ?? packagedIn(rest);
  }
  return runs;
}

function toRun(written: string, args: readonly string[], part: string, parts: readonly string[]): Run {
  const program = written
    .replace(/^.*[\\/]/, "")
    .replace(/\.(?:exe|cmd|bat|ps1|com)$/i, "")
    .toLowerCase();
  // `python3.12`, `node20` and Debian's `nodejs` are what they begin with.
  const known = program.replace(/^(python|pypy|pip|ruby|perl|php|node|lua)(?:js|jit)?[\d.]*$/, "$1");
  return { program: known, written, args, parts, part };
}

function startedBy(run: Run, splits = 0): Run | undefined {
  const starter = STARTERS.get(run.program);
  if (starter === undefined) return undefined;
  let before = starter.before ?? 0;
  let at = 0;
  while (at < run.args.length) {
    const arg = run.args[at] ?? "";
    if (arg === "--") {
      at++;
      break;
    }
    const split = run.program === "env" ? splitOf(run, at) : undefined;
    if (split !== undefined) return splits < MAX_SPLITS ? startedBy(split, splits + 1) : undefined;
    if (arg.startsWith("-")) at += takesNext(arg, starter.valued) ? 2 : 1;
    // `env` takes everything with = in it for a variable.
    else if (/^[A-Za-z_]\w*=/.test(arg) || (run.program === "env" && arg.indexOf("=") > 0)) at++;
    else if (before > 0) {
      before--;
      at++;
    } else break;
  }
  const written = run.args[at + before];
  return written === undefined ? undefined : innerRun(run, written, at + before);
}

function innerRun(run: Run, written: string, at: number): Run {
  return toRun(written, run.args.slice(at + 1), run.parts[at] ?? run.part, run.parts.slice(at + 1));
}

/** Whether an option, or the last in a cluster of short ones, takes the argument that follows. */
function takesNext(arg: string, valued: readonly string[]): boolean {
  if (arg.startsWith("--")) return valued.includes(arg);
  const letters = [...arg.slice(1)];
  // The value of the first one that takes any may be attached.
  const first = letters.findIndex((letter) => valued.includes(`-${letter}`));
  return first !== -1 && first === letters.length - 1;
}

/** The run as `env -S` makes it of a text: words, of which the first that is no variable is the program. */
function splitOf(run: Run, at: number): Run | undefined {
  const arg = run.args[at] ?? "";
  const [, attached] = /^(?:--split-string(?:=|$)|-[a-zA-Z]*?S)(.*)$/s.exec(arg) ?? [];
  if (attached === undefined) return undefined;
  const from = attached === "" ? at + 1 : at;
  const text = attached === "" ? (run.args[from] ?? "") : attached;
  const part = run.parts[from] ?? run.part;
  const words = (text.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []).map((word) => word.replaceAll(/["']/g, ""));
  const args = [...words, ...run.args.slice(from + 1)];
  return { ...run, args, parts: [...words.map(() => part), ...run.parts.slice(from + 1)] };
}

/** A shell or an interpreter that a package runner gets and starts: what counts are its arguments. */
function packagedIn(run: Run): Run | undefined {
  const at = packageIn(run);
  const spec = at === undefined ? undefined : run.args[at];
  if (at === undefined || spec === undefined) return undefined;
  const inner = innerRun(run, spec.replace(/(?:@|==).*$/s, ""), at);
  return isInterpreter(inner.program) ? inner : undefined;
}
