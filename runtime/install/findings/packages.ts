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
  readonly kind: "npm" | "pypi" | "image" | "url";
}

const NPM = {
  valued: /^(?:-w|--workspace|--cache|--prefix|--userconfig)$/,
  packaged: /^(?:-p|--package)$/,
  shell: /^(?:-c|--call)$/,
  kind: "npm",
} as const;
const UV_VALUED =
  /^(?:-p|--python|--index|--index-url|--default-index|--extra-index-url|-i|--cache-dir|--directory|--env-file|--config-file|--refresh-package)$/;
const UV = { valued: UV_VALUED, packaged: /^(?:--from|--with|--with-editable|--spec)$/, kind: "pypi" } as const;
const IMAGE_VALUED =
  /^(?:-e|--env|--env-file|-v|--volume|--mount|-p|--publish|--name|--network|--net|-u|--user|-w|--workdir|--entrypoint|--pid|--ipc|--cap-add|--cap-drop|--device|--security-opt|-l|--label|--platform|--pull|-m|--memory|--cpus|--add-host|--dns|--gpus|--hostname|-h|--tmpfs|--ulimit|--restart|--runtime|--userns|--uts|--cgroupns|--volumes-from|--group-add|--log-driver|--stop-signal)$/;
const IMAGE = { verbs: ["run"], valued: IMAGE_VALUED, kind: "image" } as const;

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
  uv: [{ verbs: ["tool", "run"], ...UV }],
  pipx: [{ verbs: ["run"], ...UV }],
  docker: [IMAGE, { ...IMAGE, verbs: ["container", "run"] }],
  podman: [IMAGE],
  nerdctl: [IMAGE],
  deno: [{ verbs: ["run"], valued: /^(?:-c|--config|--import-map|-L|--log-level)$/, kind: "url" }],
  dnx: [{ verbs: [], valued: /^(?:--source|--configfile|--verbosity)$/, kind: "npm" }],
};

export function inspectPackages(run: Run): Finding[] {
  const runner = RUNNERS[run.program]?.find(({ verbs }) => verbs.every((verb, index) => run.args[index] === verb));
  if (runner === undefined) return [];
  const found = runner.kind === "image" ? inspectContainer(run) : [];
  let own = true;
  let packaged = false;
  for (let at = runner.verbs.length; at < run.args.length && own; at++) {
    const arg = run.args[at] ?? "";
    const [flag = "", attached] = arg.startsWith("-") ? splitFlag(arg) : [];
    const part = run.parts[attached === undefined && flag !== "" ? at + 1 : at] ?? run.part;
    const value = attached ?? run.args[at + 1] ?? "";
    if (/registry|index|find-links|--source$/.test(flag) && !flag.includes("--no-"))
      found.push(
        caution("other-registry", part, "Packages come from another place than this machine usually takes them from."),
      );
    if (runner.packaged?.test(flag)) found.push(...judge(runner.kind, value, part));
    if (runner.packaged?.test(flag)) packaged = true;
    if (runner.shell?.test(flag)) found.push(danger("shell-code", part, "This is a script for a shell."));
    if (flag === "") {
      own = false;
      // With a package named by an option, this is the program in it.
      if (!packaged) found.push(...judge(runner.kind, arg, part));
    } else if (
      attached === undefined &&
      (runner.valued.test(flag) || runner.packaged?.test(flag) || runner.shell?.test(flag))
    )
      at++;
  }
  return found;
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
  /^--privileged$|^--(?:pid|ipc|uts|userns|net|network|cgroupns)=host$|^--cap-add|^--device|^--security-opt/;

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
