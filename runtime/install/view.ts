/**
 * What the person sees before saying yes, as texts: the whole command, with nothing cut off and nothing hidden (SEC-02, SEC-03, SEC-07).
 * Every dialog shows these texts, so what is said and what is left out is decided once.
 */

import { visibleText } from "../terminal/index.js";
import { filled } from "./command.js";
import { isSecretName } from "./configuration.js";
import type { Installation, ServerCommand } from "./contract.js";
import type { Finding, Severity } from "./findings/contract.js";

/** Texts of a dialog. Characters that nobody could see are written out; show them as text, never as markup. */
export interface ConsentView {
  readonly title: string;
  /** Who offers it, as far as that is known. */
  readonly origin: string;
  /** What saying yes means. */
  readonly warning: string;
  /** The file that would run. */
  readonly program: string;
  /** The command as it was offered. */
  readonly command: string;
  /** One text for each argument, in quotes where its ends could be missed. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  /** Names of variables of this process that it gets as well. */
  readonly inherits: readonly string[];
  readonly findings: readonly { readonly severity: Severity; readonly where: string; readonly message: string }[];
  /** What the offer also asks for and is not done. */
  readonly ignored: readonly string[];
  /** Whether something else was agreed to under this name before. */
  readonly changed: boolean;
}

export interface ViewParts {
  readonly installation: Installation;
  readonly command: ServerCommand;
  readonly program: string | undefined;
  readonly findings: readonly Finding[];
  readonly changed: boolean;
}

const ORIGINS = {
  link: "A link offers it. Whoever made the link chose what is below, its name too.",
  configuration: "A configuration offers it. Whoever wrote it chose what is below, its name too.",
  registry: "A document of a registry offers it. Whoever published it chose what is below, its name too.",
  command: "It was given as a command.",
} as const;

const WARNING =
  "This runs a program on your computer, with all of your rights: it can read, change and send your files, use the network, and start other programs. Say yes only if you know who made it and trust them.";

export function createView({ installation, command, program, findings, changed }: ViewParts): ConsentView {
  const shown = shownParts(installation);
  const hidden = new Set(installation.secretEnv.filter((name) => isHidden(installation, name)));
  return {
    title: `Start the server ${quote(installation.name, true)}?`,
    origin: ORIGINS[installation.source],
    warning: WARNING,
    program: program === undefined ? "(not found on this machine)" : quote(program),
    command: quote(shown.command),
    args: shown.args.map((arg) => quote(arg)),
    cwd: quote(command.cwd),
    env: Object.entries(shown.env).map(([name, value]) => ({
      name: quote(name),
      value: hidden.has(name) ? "(secret, not shown)" : quote(value),
    })),
    inherits: command.inheritEnv,
    findings: findings.map(({ severity, part, message }) => ({ severity, where: placeOf(part), message })),
    ignored: installation.ignored.map((one) => quote(one)),
    changed,
  };
}

/** Whether the value of a variable that counts as secret is the person's: what the offer puts in for an input is shown. */
function isHidden({ env, inputs, values }: Installation, name: string): boolean {
  const used = inputs.filter(({ id, secret }) => secret && env[name]?.includes(`\${input:${id}}`));
  return isSecretName(name) || used.length === 0 || used.some(({ id }) => Object.hasOwn(values, id));
}

/** The parts as they are shown and remembered: secret inputs stand as their placeholders. */
export function shownParts(installation: Installation): Pick<ServerCommand, "command" | "args" | "env"> {
  return filled(installation, ({ secret }) => !secret);
}

/** A text with its hidden characters written out; in quotes where it would be hard to see where it ends. */
function quote(text: string, always = false): string {
  const visible = visibleText(text);
  return always || text === "" || /[\s"']/.test(text) ? `"${visible.replaceAll('"', '\\"')}"` : visible;
}

function placeOf(part: string): string {
  const [kind = "", ...rest] = part.split("/");
  if (kind === "args") return `argument ${Number(rest[0]) + 1}`;
  if (kind === "env") return `variable ${visibleText(rest.join("/"))}`;
  return { command: "program", cwd: "folder", name: "name" }[kind] ?? kind;
}

/** The dialog for a terminal. */
export function consentText(view: ConsentView): string {
  const width = String(view.args.length).length;
  const section = (head: string, lines: readonly string[]): string[] =>
    lines.map((line, index) => `  ${(index === 0 ? head : "").padEnd(10)}${line}`);
  const args = view.args.map((arg, index) => `${String(index + 1).padStart(width)}  ${arg}`);
  const env = view.env.map(({ name, value }) => `${name} = ${value}`);
  return [
    view.title,
    view.origin,
    ...(view.changed ? ["It is not what you agreed to before under this name."] : []),
    "",
    ...section("program", [view.program, ...(view.command === view.program ? [] : [`(asked for as ${view.command})`])]),
    ...section("arguments", args.length === 0 ? ["none"] : args),
    ...section("folder", [view.cwd]),
    ...section("variables", env.length === 0 ? ["none"] : env),
    ...section("inherits", [view.inherits.join(", ")]),
    ...section("not done", view.ignored),
    "",
    // What is read last is what stays on the screen.
    ...view.findings
      .map(({ severity, where, message }) => `${severity === "danger" ? "DANGER" : "Caution"}, ${where}: ${message}`)
      .reverse(),
    ...(view.findings.length === 0 ? [] : [""]),
    view.warning,
  ].join("\n");
}
