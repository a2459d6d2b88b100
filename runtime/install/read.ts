/** What somebody offers to install, in whatever form: a link, a configuration, a registry's document, or a command. */

import { McpWireError } from "../errors.js";
import { isConfiguration, isEntry, readConfiguration, readEntry } from "./configuration.js";
import type { Installation } from "./contract.js";
import { readJson, unreadable } from "./json.js";
import { isLink, readLink } from "./links.js";
import { textOf } from "./members.js";
import { readRegistryEntry, registryEntry } from "./registry.js";

/** A command as somebody typed it: the program and its arguments, each as it is. */
export interface CommandInput {
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Default: the program. */
  readonly name?: string;
}

/**
 * Reads every server that a text offers: an installation link, `mcp.json` and its like (`mcpServers`, `servers`), the entry of one server,
 * or `server.json`. Nothing is run, looked up or fetched. A {@link CommandInput} is taken as it is.
 * @throws McpWireError `BAD_INSTALLATION` where it cannot be read, or could be read in two ways
 */
export function readInstallations(input: string | CommandInput): Installation[] {
  const found = typeof input === "string" ? readText(input.trim()) : [readCommand(input)];
  if (found.length === 0) throw unreadable("it has no servers in it");
  for (const { name } of found)
    if (name.length > 200) throw unreadable("the name of a server has more than 200 characters");
  return found;
}

function readText(text: string): Installation[] {
  if (isLink(text)) return readLink(text);
  const value = readJson(text);
  const entry = registryEntry(value);
  if (entry !== undefined) return readRegistryEntry(entry);
  if (isConfiguration(value)) return readConfiguration(value, "configuration");
  if (isEntry(value)) return [readEntry(textOf(value, "name") ?? "unnamed", value, [], "configuration")];
  throw unreadable("it has neither `mcpServers` nor `servers` nor `command` nor `packages`");
}

function readCommand({ command, args = [], env = {}, cwd, name = command }: CommandInput): Installation {
  if (command === "") throw new McpWireError("INVALID_USE", "The command is empty.", "Give a program.");
  const entry = Object.assign(Object.create(null), { command, args, env, ...(cwd === undefined ? {} : { cwd }) });
  return readEntry(name, entry, [], "command");
}
