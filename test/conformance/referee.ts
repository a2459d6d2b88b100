/** The referee as a program: where it and the Node it needs are, what a revision demands of each side, and how one run of it goes. */

import { execFileSync, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

export type Side = "server" | "client";

/** The scenarios of one side: those that count, and those that are run beside them. */
export interface Requirements {
  readonly scored: readonly string[];
  readonly notScored: readonly string[];
}

export interface Referee {
  readonly version: string;
  /** Version of the Node that it runs on. */
  readonly node: string;
  requirements(revision: string, side: Side): Requirements;
  /** Runs it; what it prints goes to a file beside its results. Gives its exit code, or `undefined` after a timeout. */
  run(args: readonly string[], out: string): Promise<number | undefined>;
}

/** What is read of a file of requirements. */
interface RequirementSet {
  readonly server: readonly string[];
  readonly client: readonly string[];
  readonly not_scored: readonly { readonly scenario: string; readonly leg: Side }[];
}

const WINDOWS = process.platform === "win32";

/** The first major version that the referee runs on. */
const NODE_NEEDED = 22;

/** Milliseconds after which a run of the referee is ended. */
const PATIENCE = 300_000;

/** Installs the referee where it is not installed yet. @param root the folder of the project, which it is run in. */
export function prepareReferee(root: string): Referee {
  const folder = install(join(root, "test/conformance/referee"));
  const node = findNode(root);
  const home = join(folder, "node_modules/@modelcontextprotocol/conformance");
  const { parse } = createRequire(join(folder, "package.json"))("yaml") as { parse(text: string): RequirementSet };
  const { version } = JSON.parse(readFileSync(join(home, "package.json"), "utf8")) as { version: string };
  return {
    version,
    node: execFileSync(node, ["--version"], { encoding: "utf8" }).trim(),
    requirements(revision, side) {
      const set = parse(readFileSync(join(home, "requirements", `${revision}.yaml`), "utf8"));
      const notScored = set.not_scored.filter((row) => row.leg === side).map(({ scenario }) => scenario);
      return { scored: set[side], notScored };
    },
    run(args, out) {
      mkdirSync(out, { recursive: true });
      const log = openSync(join(out, "referee.log"), "a");
      const stdio = ["ignore" as const, log, log];
      const program = spawn(node, [join(home, "dist/index.js"), ...args, "-o", out], {
        cwd: root,
        stdio,
        timeout: PATIENCE,
      });
      closeSync(log);
      return new Promise((resolve, reject) => {
        program.on("error", reject);
        program.on("close", (code) => resolve(code ?? undefined));
      });
    },
  };
}

/** Installs a folder's packages unless they are there as its lock file says. Gives the folder. */
function install(folder: string): string {
  const done = join(folder, "node_modules/.package-lock.json");
  const isDone = existsSync(done) && statSync(done).mtimeMs >= statSync(join(folder, "package-lock.json")).mtimeMs;
  if (isDone) return folder;
  const npm = WINDOWS ? "npm.cmd" : "npm";
  execFileSync(npm, ["ci", "--silent", "--prefix", folder], { stdio: "inherit", shell: WINDOWS });
  return folder;
}

/** The running Node where it is new enough, else one from the package registry. */
function findNode(root: string): string {
  if (Number.parseInt(process.versions.node, 10) >= NODE_NEEDED) return process.execPath;
  const folder = install(join(root, "test/conformance/node22"));
  return join(folder, "node_modules/node/bin", WINDOWS ? "node.exe" : "node");
}
