/**
 * What is dangerous about a command (SEC-05). Rules find what is known to be misused; that they find nothing says nothing good of the
 * rest, so the command is always shown in full as well.
 */

import type { ServerCommand } from "./contract.js";
import { danger, distinct, type Finding } from "./findings/contract.js";
import { inspectVariable } from "./findings/environment.js";
import { inspectPackages } from "./findings/packages.js";
import { inspectPlaces, inspectProgramPlace } from "./findings/places.js";
import { inspectProgram } from "./findings/programs.js";
import { runsOf } from "./findings/runs.js";
import { inspectForShell, inspectSecret, inspectText } from "./findings/texts.js";

/** What is looked at: a command, and the name under which it is offered. */
export interface InspectedCommand extends Pick<ServerCommand, "command" | "args"> {
  readonly name?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Everything that a person should know before saying yes, the dangerous first, then in the order of the command. */
export function inspectCommand({ name = "", command, args, env = {}, cwd }: InspectedCommand): Finding[] {
  const found: Finding[] = [...inspectText(name, "name"), ...inspectText(command, "command")];
  const runs = runsOf(command, args);
  for (const run of runs)
    found.push(...inspectProgram(run), ...inspectProgramPlace(run.written, run.part, cwd), ...inspectPackages(run));
  // In the script of a shell, shell syntax is what it says; that it is a script is told already.
  const isScript = new Set(found.filter(({ code }) => code === "shell-code").map(({ part }) => part));
  const words = wordsOfCode(args, found);
  args.forEach((arg, index) => {
    const part = `args/${index}`;
    found.push(...inspectText(arg, part), ...inspectPlaces(arg, part), ...inspectSecret(arg, part));
    if (!isScript.has(part)) found.push(...inspectForShell(arg, part));
  });
  for (const [variable, value] of Object.entries(env)) {
    found.push(
      ...inspectVariable(variable),
      ...(words.has(variable.toUpperCase()) ? [scriptVariable(variable)] : []),
      ...inspectText(variable, `env/${variable}`),
      ...inspectText(value, `env/${variable}`),
    );
    found.push(...inspectPlaces(value, `env/${variable}`));
  }
  if (cwd !== undefined)
    found.push(
      ...inspectText(cwd, "cwd"),
      ...(cwd === "" ? [] : inspectPlaces(cwd, "cwd").filter(({ code }) => code !== "whole-home")),
    );
  const once = distinct(found);
  const of = (severity: Finding["severity"]): Finding[] => once.filter((one) => one.severity === severity);
  return [...of("danger"), ...of("caution")];
}

/** The words of what is code in the arguments, in upper case. */
function wordsOfCode(args: readonly string[], found: readonly Finding[]): ReadonlySet<string> {
  const parts = new Set(
    found.flatMap(({ code, part }) => (code === "shell-code" || code === "inline-code" ? [part] : [])),
  );
  const first = args.findIndex((_, index) => parts.has(`args/${index}`));
  const code = first === -1 ? [] : args.slice(first);
  return new Set(code.flatMap((arg) => arg.match(/[a-z_]\w*/gi) ?? []).map((word) => word.toUpperCase()));
}

function scriptVariable(name: string): Finding {
  return danger(
    "script-variable",
    `env/${name}`,
    "The code in the arguments uses this variable: its value can be a part of the code.",
  );
}
