/** Package runners: what they fetch today may be something else tomorrow, and containers can be given the whole machine. */

import { caution, danger, type Finding, type Run } from "./contract.js";

/** A runner's package: how to get at it, and options whose value is not it. */
interface Runner {
  /** Words before the package: `npm exec` has one. */
  readonly verbs: readonly string[];
  readonly valued: RegExp;
  /** Options whose value is a package as well. */
  readonly packaged?: RegExp;
  /** Options whose value is code for a shell. */
  readonly shell?: RegExp;
  readonly kind: "npm" | "pypi" | "image" | "url" | "go";
  /** Whether what it runs is a program or a file of this machine, unless an address is given. */
  readonly local?: boolean;
}

const NPM = {
  valued: /^(?:-w|--workspace|--cache|--prefix|--userconfig)$/,
  packaged: /^(?:-p|--package)$/,
  shell: /^(?:-c|--call)$/,
  kind: "npm",
} as const;
const UV_VALUED =
  /^(?:-p|--python|--index|--index-url|--default-index|--extra-index-url|-i|--cache-dir|--directory|--env-file|--config-file|--refresh-package|--project|--extra|--group|--with-requirements|--color)$/;
const UV = { valued: UV_VALUED, packaged: /^(?:--from|--with|--with-editable|--spec)$/, kind: "pypi" } as const;
const IMAGE_VALUED =
  /^(?:-e|--env|--env-file|-v|--volume|--mount|-p|--publish|--name|--network|--net|-u|--user|-w|--workdir|--entrypoint|--pid|--ipc|--cap-add|--cap-drop|--device|--security-opt|-l|--label|--platform|--pull|-m|--memory|--cpus|--add-host|--dns|--gpus|--hostname|-h|--tmpfs|--ulimit|--restart|--runtime|--userns|--uts|--cgroupns|--volumes-from|--group-add|--log-driver|--stop-signal)$/;
const IMAGE = { verbs: ["run"], valued: IMAGE_VALUED, kind: "image" } as const;

const DENO = { valued: /^(?:-c|--config|--import-map|-L|--log-level|--env-file)$/, kind: "url" } as const;

const RUNNERS: Readonly<Record<string, readonly Runner[]>> = {
  npx: [{ verbs: [], ...NPM }],
  npm: [
    { verbs: ["exec"], ...NPM },
    { verbs: ["x"], ...NPM },
  ],
  pnpx: [{ verbs: [], ...NPM }],
  pnpm: [{ verbs: ["dlx"], ...NPM }],
  yarn: [{ verbs: ["dlx"], ...NPM }],
  bunx: [{ verbs: [], ...NPM }],
  bun: [{ verbs: ["x"], ...NPM }],
  uvx: [{ verbs: [], ...UV }],
  uv: [
    { verbs: ["tool", "run"], ...UV },
    { verbs: ["run"], ...UV, local: true },
  ],
  pipx: [{ verbs: ["run"], ...UV }],
  docker: [IMAGE, { ...IMAGE, verbs: ["container", "run"] }],
  podman: [IMAGE],
  nerdctl: [IMAGE],
  deno: [
    { verbs: ["run"], ...DENO },
    { verbs: [], ...DENO },
  ],
  go: [{ verbs: ["run"], valued: /^-(?:C|exec|ldflags|gcflags|mod|modfile|tags|overlay)$/, kind: "go" }],
  dnx: [{ verbs: [], valued: /^(?:--source|--configfile|--verbosity)$/, kind: "npm" }],
};

export function inspectPackages(run: Run): Finding[] {
  const used = runnerOf(run);
  if (used === undefined) return [];
  const { runner, verbs } = used;
  const found = runner.kind === "image" ? inspectContainer(run) : [];
  const at = ownOf(run, used);
  let packaged = false;
  for (let index = 0; index < Math.min(at, run.args.length); index++) {
    const arg = run.args[index] ?? "";
    if (!arg.startsWith("-") || verbs.includes(index)) continue;
    const [flag, attached] = splitFlag(arg);
    const part = run.parts[attached === undefined ? index + 1 : index] ?? run.part;
    const value = attached ?? run.args[index + 1] ?? "";
    if (/registry|index|find-links|--source$/.test(flag) && !flag.includes("--no-"))
      found.push(
        caution("other-registry", part, "Packages come from another place than this machine usually takes them from."),
      );
    if (runner.packaged?.test(flag)) found.push(...judge(runner.kind, value, part));
    if (runner.packaged?.test(flag)) packaged = true;
    if (runner.shell?.test(flag)) found.push(danger("shell-code", part, "This is a script for a shell."));
  }
  const own = run.args[at];
  // With a package named by an option, this is the program in it.
  const isPackage = runner.local === true ? /^[a-z]+:\/\//i.test(own ?? "") : !packaged;
  if (own !== undefined && isPackage) found.push(...judge(runner.kind, own, run.parts[at] ?? run.part));
  return found;
}

/** Where the package or program stands that a runner on this machine starts; absent where the command is no such runner. */
export function packageIn(run: Run): number | undefined {
  const used = runnerOf(run);
  return used === undefined || used.runner.kind === "image" || used.runner.kind === "url"
    ? undefined
    : ownOf(run, used);
}

interface Used {
  readonly runner: Runner;
  /** Where the verbs stand. */
  readonly verbs: readonly number[];
}

function runnerOf({ program, args }: Run): Used | undefined {
  if (!Object.hasOwn(RUNNERS, program)) return undefined;
  for (const runner of RUNNERS[program] ?? []) {
    const verbs = verbsIn(args, runner.verbs);
    if (verbs !== undefined) return { runner, verbs };
  }
  return undefined;
}

/** Where the words stand one after the other, with nothing before each but options and what may be their values. */
function verbsIn(args: readonly string[], words: readonly string[]): number[] | undefined {
  const found: number[] = [];
  for (let index = 0; found.length < words.length; index++) {
    const arg = args[index];
    if (arg === undefined) return undefined;
    if (arg === words[found.length]) found.push(index);
    else if (!arg.startsWith("-") && !args[index - 1]?.startsWith("-")) return undefined;
  }
  return found;
}

/** Where the first argument stands that is neither a verb nor an option nor its value; behind all where there is none. */
function ownOf({ args }: Run, { runner, verbs }: Used): number {
  let at = (verbs.at(-1) ?? -1) + 1;
  for (; at < args.length; at++) {
    const arg = args[at] ?? "";
    if (!arg.startsWith("-")) break;
    const [flag, attached] = splitFlag(arg);
    const takes = runner.valued.test(flag) || runner.packaged?.test(flag) || runner.shell?.test(flag);
    if (attached === undefined && takes === true) at++;
  }
  return at;
}

function splitFlag(arg: string): [string, string | undefined] {
  const at = arg.startsWith("--") ? arg.indexOf("=") : -1;
  return at === -1 ? [arg, undefined] : [arg.slice(0, at), arg.slice(at + 1)];
}

const UNPINNED = "No version is fixed: what runs can change at any time without your being asked again.";

function judge(kind: Runner["kind"], spec: string, part: string): Finding[] {
  if (kind === "image") return judgeImage(spec, part);
  if (
    /^(?:git[+:@]|github:|gitlab:|bitbucket:|gist:|https?:|file:|ssh:)|\.git$|@ ?(?:git\+|https?:)/i.test(spec) ||
    (kind === "npm" && /^[\w.-]+\/[\w.-]+(?:#|$)/.test(spec))
  ) {
    const fixed = /[@#][\da-f]{40}$/i.test(spec);
    return [
      danger("package-url", part, "The package comes straight from an address, not from a registry."),
      ...(fixed ? [] : [caution("unpinned", part, UNPINNED)]),
    ];
  }
  if (/^\.{0,2}[\\/]/.test(spec)) return [];
  if (kind === "go")
    return !spec.includes("@") || /@v\d+\.\d+\.\d+/.test(spec) ? [] : [caution("unpinned", part, UNPINNED)];
  if (kind === "url")
    return /^(?:npm|jsr):@?[^@]+@\d[\w.+-]*$/.test(spec) || !/^(?:npm|jsr):/.test(spec)
      ? []
      : [caution("unpinned", part, UNPINNED)];
  const pinned = kind === "npm" ? /^@?[^@]+@v?\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/ : /^[\w.[\],-]+(?:===?|@)v?\d[\w.+!-]*$/;
  return pinned.test(spec) ? [] : [caution("unpinned", part, UNPINNED)];
}

function judgeImage(spec: string, part: string): Finding[] {
  if (/@sha256:[\da-f]{64}$/.test(spec)) return [];
  const tag = /:([^/:]+)$/.exec(spec)?.[1];
  return tag === undefined || /^(?:latest|main|master|edge|nightly|stable|dev)$/.test(tag)
    ? [caution("unpinned", part, UNPINNED)]
    : [];
}

const ESCAPES =
  /^--privileged(?:=(?!(?:0|f|false)$)|$)|^--(?:pid|ipc|uts|userns|net|network|cgroupns)=host$|^--cap-add|^--device|^--security-opt/;

function inspectContainer({ args, parts, part }: Run): Finding[] {
  return args.flatMap((arg, index) => {
    const where = parts[index] ?? part;
    const joined = /^--(?:pid|ipc|uts|userns|net|network|cgroupns)$/.test(arg) ? `${arg}=${args[index + 1]}` : arg;
    const found: Finding[] = [];
    if (ESCAPES.test(joined))
      found.push(danger("container-rights", where, "The container gets rights over this machine itself."));
    if (/docker\.sock|containerd\.sock|podman\.sock/.test(arg))
      found.push(danger("container-rights", where, "The container can start others with any rights."));
    return found;
  });
}
