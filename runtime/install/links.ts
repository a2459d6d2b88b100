/**
 * Links that hosts open to install a server, as their makers publish them. A link is a text that any page can offer, so it is read as
 * data, and what it says is shown before anything else happens.
 */

import { isConfiguration, isEntry, readConfiguration, readEntry } from "./configuration.js";
import type { Installation, InstallationInput } from "./contract.js";
import { isObject, type JsonObject, type JsonValue, MAX_TEXT, readJson, unreadable } from "./json.js";
import { inputsOf, textOf } from "./members.js";

/** How a link carries its servers. */
type Reading = (url: URL, text: string) => Installation[];

interface Kind {
  /** What the link begins with, up to its query. */
  readonly start: RegExp;
  readonly read: Reading;
}

const KINDS: readonly Kind[] = [
  // The query is the whole entry, as JSON.
  { start: /^(?:vscode|vscode-insiders|vscodium|code-oss|raycast):(?:\/\/)?mcp\/install\?/i, read: fromQuery },
  { start: /^https:\/\/(?:insiders\.)?vscode\.dev\/redirect\?url=/i, read: fromRedirect },
  // `name`, and `config` as JSON or as base64 of it; VS Code's pages have `inputs` too.
  { start: /^https:\/\/(?:insiders\.)?vscode\.dev\/redirect\/mcp\/install\?/i, read: fromParameters },
  { start: /^cursor:\/\/anysphere\.cursor-deeplink\/mcp\/install\?/i, read: fromParameters },
  { start: /^https:\/\/(?:www\.)?cursor\.com\/(?:[a-z]{2}(?:-[a-z]{2})?\/)?install-mcp\?/i, read: fromParameters },
  { start: /^lmstudio:\/\/add_mcp\/?\?/i, read: fromParameters },
  { start: /^https:\/\/lmstudio\.ai\/install-mcp\?/i, read: fromParameters },
  { start: /^kiro:\/\/kiro\.mcp\/add\?/i, read: fromParameters },
  { start: /^https:\/\/kiro\.dev\/launch\/mcp\/add\?/i, read: fromParameters },
  // One parameter for each part of the command.
  { start: /^goose:\/\/extension\/?\?/i, read: fromParts },
];

/** Whether a text is a link at all, of a known kind or not. */
export function isLink(text: string): boolean {
  return /^[a-z][a-z\d+.-]*:/i.test(text) && !/^[a-z]:[\\/]/i.test(text);
}

/**
 * Reads an installation link.
 * @throws McpWireError `BAD_INSTALLATION`
 */
export function readLink(text: string): Installation[] {
  if (text.length > MAX_TEXT) throw unreadable(`it has more than ${MAX_TEXT} characters`);
  // A URL drops line breaks: what is shown must be what was given.
  if (/[\p{Cc}\s]/u.test(text)) throw unreadable("the link holds spaces or control characters");
  const kind = KINDS.find(({ start }) => start.test(text));
  if (kind !== undefined && URL.canParse(text)) return kind.read(new URL(text), text);
  const known = "Links of VS Code, Cursor, LM Studio, Kiro, Goose and Raycast are.";
  throw unreadable("it is no link of a known kind", `${known} Others may have a configuration to copy.`);
}

function fromQuery(_url: URL, text: string): Installation[] {
  return fromConfig(undefined, decode(text.slice(text.indexOf("?") + 1)), undefined);
}

function fromRedirect(url: URL): Installation[] {
  const inner = only(url, "url") ?? "";
  // One that leads to another redirect is nobody's install link.
  if (!/^vscode(?:-insiders)?:/i.test(inner)) throw unreadable("it leads to something else than an installation");
  return readLink(inner.replaceAll(/[^\x21-\x7e]/gu, encodeURIComponent));
}

function fromParameters(url: URL): Installation[] {
  const config = only(url, "config");
  if (config === undefined) throw unreadable("the link has no `config`");
  // A `+` of base64 is a space in a query.
  const text = /^\s*\{/.test(config) ? config : fromBase64(config.replaceAll(" ", "+"));
  return fromConfig(only(url, "name"), text, only(url, "inputs"));
}

function fromConfig(name: string | undefined, text: string, inputsText: string | undefined): Installation[] {
  const config = readJson(text);
  const inputs = inputsText === undefined ? [] : inputsOf(wrapped(readJson(inputsText)));
  if (isConfiguration(config)) return readConfiguration(config, "link");
  if (isEntry(config)) {
    const own = inputsOf(config);
    return [readEntry(name ?? textOf(config, "name") ?? "unnamed", config, [...inputs, ...own], "link")];
  }
  // Some have the entry below its name once more.
  if (isObject(config)) return readConfiguration(Object.assign(Object.create(null), { servers: config }), "link");
  throw unreadable("what the link holds is no server");
}

function wrapped(inputs: JsonValue): JsonObject {
  return Object.assign(Object.create(null), { inputs });
}

function fromParts(url: URL): Installation[] {
  const query = url.searchParams;
  const name = only(url, "name") ?? only(url, "id") ?? "unnamed";
  const remote = only(url, "url");
  const inputs: InstallationInput[] = [];
  const env: Record<string, string> = Object.create(null);
  // `NAME=what it is for`: the person gives the value.
  for (const variable of query.getAll("env")) {
    const [id = "", ...description] = variable.split("=");
    env[id] = `\${input:${id}}`;
    inputs.push({
      id,
      description: description.join("=") || id,
      secret: true,
      default: undefined,
      choices: undefined,
      required: true,
    });
  }
  const entry: Record<string, JsonValue> = Object.create(null);
  if (remote === undefined) Object.assign(entry, { command: only(url, "cmd") ?? "", args: query.getAll("arg"), env });
  else entry.url = remote;
  return [readEntry(name, entry, inputs, "link")];
}

/** A parameter that may be there once. */
function only(url: URL, name: string): string | undefined {
  const [value, another] = url.searchParams.getAll(name);
  if (another !== undefined) throw unreadable(`the link has \`${name}\` twice`);
  return value;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw unreadable("the link is not encoded as it has to be", undefined, cause);
  }
}

function fromBase64(text: string): string {
  const standard = text.replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Buffer.from(standard, "base64");
  // Node passes over what is no base64; a stranger's text must not have two readings.
  const again = bytes.toString("base64").replaceAll("=", "");
  if (again === "" || again !== standard.replace(/=+$/, ""))
    throw unreadable("its `config` is neither JSON nor base64");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unreadable("its `config` is no UTF-8", undefined, cause);
  }
}
