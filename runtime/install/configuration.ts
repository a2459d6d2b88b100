/**
 * Servers as hosts write them down: `{ "mcpServers": { name: … } }`, VS Code's `{ "servers": { name: … }, "inputs": […] }` (also below
 * `"mcp"` in its settings), or the entry of one server alone.
 */

import type { Installation, InstallationInput, InstallationSource } from "./contract.js";
import { loadsCode } from "./findings/environment.js";
import { isObject, type JsonObject, type JsonValue, quoted, unreadable } from "./json.js";
import { envOf, inputsOf, objectOf, textOf, textsOf } from "./members.js";

/** Members that say how to run a server, and that are obeyed; `name` and `inputs` of links included. */
const OBEYED = new Set([
  "name",
  "type",
  "transport",
  "command",
  "args",
  "env",
  "cwd",
  "url",
  "serverUrl",
  "httpUrl",
  "inputs",
]);
/** Members that tell a person something, or that change nothing of what is run. */
const HARMLESS = new Set([
  "description",
  "disabled",
  "enabled",
  "timeout",
  "icon",
  "iconUrl",
  "id",
  "gallery",
  "version",
  "headers",
  "tools",
]);

/** Whether an object holds servers by name. */
export function isConfiguration(value: JsonValue): value is JsonObject {
  return isObject(value) && serversIn(value) !== undefined;
}

/** Whether an object is the entry of one server. */
export function isEntry(value: JsonValue): value is JsonObject {
  return isObject(value) && (typeof value.command === "string" || remoteUrl(value) !== undefined);
}

/** Every server of a configuration. */
export function readConfiguration(configuration: JsonObject, source: InstallationSource): Installation[] {
  const found = serversIn(configuration);
  const inputs = inputsOf(found?.owner ?? configuration);
  return Object.entries(found?.servers ?? {}).map(([name, entry]) => {
    if (!isEntry(entry)) throw unreadable(`the server ${quoted(name)} has neither \`command\` nor \`url\``);
    return readEntry(name, entry, inputs, source);
  });
}

/** One server; `inputs` are those that its configuration has. */
export function readEntry(
  name: string,
  entry: JsonObject,
  inputs: readonly InstallationInput[],
  source: InstallationSource,
): Installation {
  const url = remoteUrl(entry);
  const command = textOf(entry, "command") ?? "";
  if (url === undefined && command === "") throw unreadable(`the server ${quoted(name)} has no command`);
  if (url !== undefined && command !== "")
    throw unreadable(`the server ${quoted(name)} has both a command and a URL`, "Leave one of them out.");
  const env = envOf(entry);
  const args = textsOf(entry, "args") ?? [];
  if ([command, ...args].some((part) => part.includes("\0"))) throw unreadable("its command holds a zero character");
  refuseTwice(inputs);
  const used = inputs.filter(({ id }) =>
    [command, ...args, ...Object.values(env)].some((text) => text.includes(`\${input:${id}}`)),
  );
  return {
    name,
    source,
    command,
    args,
    env,
    secretEnv: Object.keys(env).filter((variable) => isSecret(variable, env[variable] ?? "", used)),
    cwd: textOf(entry, "cwd"),
    url,
    inputs: used,
    values: {},
    ignored: Object.keys(entry).filter((key) => !OBEYED.has(key) && !HARMLESS.has(key)),
  };
}

/** Words in names of variables whose values are nobody's business. */
const SECRET_NAME = /key|token|secret|passw|passphrase|credential|auth|cookie|private|pat$|dsn$|connection_?string/i;

/** Whether the value of a variable is kept out of sight, by its name or by the inputs in it. */
export function isSecret(name: string, value: string, inputs: readonly InstallationInput[]): boolean {
  return isSecretName(name) || inputs.some(({ id, secret }) => secret && value.includes(`\${input:${id}}`));
}

/** Whether the name of a variable says that its value is a secret. What loads code is to be seen, whatever it is called. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !loadsCode(name);
}

/** Two inputs with one id: one could be shown, and the other filled in. */
function refuseTwice(inputs: readonly InstallationInput[]): void {
  const ids = new Set<string>();
  for (const { id } of inputs) {
    if (ids.has(id)) throw unreadable(`the input ${quoted(id)} is there twice`);
    ids.add(id);
  }
}

function serversIn(object: JsonObject): { servers: JsonObject; owner: JsonObject } | undefined {
  for (const key of ["mcpServers", "servers"]) {
    const servers = objectOf(object, key);
    if (servers !== undefined) return { servers, owner: object };
  }
  const inner = object.mcp;
  return isObject(inner) && isObject(inner.servers) ? { servers: inner.servers, owner: inner } : undefined;
}

function remoteUrl(entry: JsonObject): string | undefined {
  return textOf(entry, "url") ?? textOf(entry, "serverUrl") ?? textOf(entry, "httpUrl");
}
