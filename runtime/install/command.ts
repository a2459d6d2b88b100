/** From an installation to the one command that would run: every input filled, every name found, nothing left to chance. */

import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { McpWireError } from "../errors.js";
import { DEFAULT_ENV_NAMES } from "../transport/child-env.js";
import type { Installation, InstallationInput, ServerCommand } from "./contract.js";
import { quoted } from "./json.js";

/**
 * The installation with more inputs filled.
 * @throws McpWireError `INVALID_USE` for an input that it does not have, or a value that is none of its choices
 */
export function fillInputs(installation: Installation, values: Readonly<Record<string, string>>): Installation {
  for (const [id, value] of Object.entries(values)) {
    const input = installation.inputs.find((one) => one.id === id);
    const known = installation.inputs.map((one) => one.id).join(", ") || "none";
    if (input === undefined)
      throw new McpWireError("INVALID_USE", `There is no input ${quoted(id)}.`, `There are: ${known}.`);
    if (input.choices !== undefined && !input.choices.includes(value))
      throw new McpWireError(
        "INVALID_USE",
        `The input ${id} has another value than its choices.`,
        `Take one of ${input.choices.join(", ")}.`,
      );
    if (value.includes("\0"))
      throw new McpWireError("INVALID_USE", `The input ${id} holds a zero character.`, "Leave it out.");
  }
  return { ...installation, values: { ...installation.values, ...values } };
}

/** Inputs without which the command cannot run. */
export function missingInputs(installation: Installation): readonly InstallationInput[] {
  const { inputs, values } = installation;
  return inputs.filter(
    ({ id, required, default: given }) => required && !Object.hasOwn(values, id) && given === undefined,
  );
}

/**
 * The command that would run. Its directory is the person's home unless the installation names one: packages of a directory that happens to
 * be current are nobody's choice.
 * @throws McpWireError `INVALID_USE` where it runs elsewhere, or where inputs are missing
 */
export function commandOf(installation: Installation): ServerCommand {
  const missing = missingInputs(installation).map(({ id }) => id);
  if (missing.length > 0 && installation.url === undefined) {
    const problem = `The server ${quoted(installation.name)} needs what only you can tell: ${missing.join(", ")}.`;
    throw new McpWireError("INVALID_USE", problem, "Give them by `fillInputs`.");
  }
  return draftOf(installation);
}

/** The same, where inputs may be missing: for showing, not for running. */
export function draftOf(installation: Installation): ServerCommand {
  const { name, url, cwd } = installation;
  if (url !== undefined) {
    const problem = `The server ${quoted(name)} runs elsewhere: there is nothing to start here.`;
    throw new McpWireError("INVALID_USE", problem, "Connect to its URL.");
  }
  const { command, args, env } = filled(installation, () => true);
  // A folder is given to the system as it is, to which `~` would be one of that name.
  const folder = (cwd ?? "").replace(/^~(?=$|[\\/])/, () => homedir());
  return { command, args, env, cwd: resolve(homedir(), folder), inheritEnv: DEFAULT_ENV_NAMES };
}

/**
 * The parts with those inputs filled that are wanted; parts of optional inputs that nobody filled are left out. What the offer itself puts
 * in for an input is always filled in: it is a part of the command, and no secret of the person.
 */
export function filled(
  { command, args, env, inputs, values }: Installation,
  wanted: (input: InstallationInput) => boolean,
): Pick<ServerCommand, "command" | "args" | "env"> {
  const known = new Map(inputs.map((input) => [input.id, input]));
  const fill = (text: string): string | undefined => {
    let open = false;
    const result = text.replaceAll(/\$\{input:([^{}]*)\}/g, (whole, id: string) => {
      const input = known.get(id);
      if (input === undefined) return whole;
      const given = Object.hasOwn(values, id);
      const value = given ? values[id] : input.default;
      // What is required and missing stays to be seen; nothing can run with it.
      if (value === undefined && !input.required) open = true;
      return value === undefined || (given && !wanted(input)) ? whole : value;
    });
    return open ? undefined : result;
  };
  const isText = (text: string | undefined): text is string => text !== undefined;
  const variables = Object.entries(env).map(([name, value]) => [name, fill(value)] as const);
  return {
    command: fill(command) ?? command,
    args: args.map(fill).filter(isText),
    env: Object.fromEntries(variables.filter((pair): pair is readonly [string, string] => pair[1] !== undefined)),
  };
}

/**
 * The file that a command would run, by the `PATH` that it would get; `undefined` where there is none. Agreeing to a command agrees to this
 * file: whoever puts another one before it later changes the command.
 */
export function findProgram({ command, env, cwd, inheritEnv }: ServerCommand): string | undefined {
  if (/[\\/]/.test(command)) return firstFile([resolve(cwd, command)]);
  const variable = Object.keys(env).find((name) => name === "PATH" || (onWindows && name.toUpperCase() === "PATH"));
  const path = (variable === undefined ? (inheritEnv.includes("PATH") ? process.env.PATH : "") : env[variable]) ?? "";
  // A relative entry would mean another file in each directory.
  const folders = path.split(delimiter).filter((folder) => isAbsolute(folder));
  return firstFile(folders.map((folder) => join(folder, command)));
}

const onWindows = process.platform === "win32";

function firstFile(paths: readonly string[]): string | undefined {
  const endings = onWindows ? ["", ...(process.env.PATHEXT ?? ".EXE;.CMD;.BAT").split(";")] : [""];
  return paths.flatMap((path) => endings.map((ending) => path + ending)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // Not there, or not to be run: another place may have it.
    return false;
  }
}
