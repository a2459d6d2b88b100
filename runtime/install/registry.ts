/**
 * The `server.json` of the MCP registry: packages become the commands that run them, with what the person has to fill in as inputs. Where
 * packages are fetched from is decided by this machine's own settings, not by the document.
 */

import { isSecret, readEntry } from "./configuration.js";
import type { Installation, InstallationInput } from "./contract.js";
import { isObject, type JsonObject, type JsonValue, unreadable } from "./json.js";
import { addVariable, objectOf, objectsOf, textOf } from "./members.js";

/** How packages of a kind are run: the arguments around the runtime's own and the package's. */
interface Runtime {
  readonly program: string;
  readonly args: (parts: {
    runtime: string[];
    identifier: string;
    version: string | undefined;
    own: string[];
    env: string[];
  }) => string[];
}

const RUNTIMES: Readonly<Record<string, Runtime>> = {
  npm: {
    program: "npx",
    args: ({ runtime, identifier, version, own }) => [
      ...unless(runtime, "-y", "--yes"),
      ...runtime,
      at(identifier, version),
      ...own,
    ],
  },
  pypi: {
    program: "uvx",
    args: ({ runtime, identifier, version, own }) => [...runtime, at(identifier, version), ...own],
  },
  oci: {
    program: "docker",
    args: ({ runtime, identifier, version, own, env }) => [
      ...unless(runtime, "run"),
      ...unless(runtime, "-i", "--interactive"),
      ...unless(runtime, "--rm"),
      ...runtime,
      ...env.flatMap((name) => ["-e", name]),
      version === undefined || /[:@][^/:@]*$/.test(identifier) ? identifier : `${identifier}:${version}`,
      ...own,
    ],
  },
  nuget: {
    program: "dnx",
    args: ({ runtime, identifier, version, own }) => [
      ...runtime,
      at(identifier, version),
      "--yes",
      ...(own.length > 0 ? ["--", ...own] : []),
    ],
  },
};

/** Whether an object is a `server.json`, or holds one as the registry answers. */
export function registryEntry(value: JsonValue): JsonObject | undefined {
  if (!isObject(value)) return undefined;
  const inner = value.server;
  const entry = isObject(inner) ? inner : value;
  return Array.isArray(entry.packages) || Array.isArray(entry.remotes) ? entry : undefined;
}

/** Every way to run the server that the document has and that is known here; where it runs elsewhere, its URLs. */
export function readRegistryEntry(entry: JsonObject): Installation[] {
  const name = textOf(entry, "name") ?? "unnamed";
  const packages = objectsOf(entry, "packages");
  const usable = packages.filter((one) => runtimeOf(one) !== undefined && transportOf(one) === "stdio");
  const several = usable.length > 1;
  const local = usable.map((one) => readPackage(several ? `${name} (${kindOf(one)})` : name, one));
  const remote = objectsOf(entry, "remotes").map((one) => readEntry(name, withUrl(one), [], "registry"));
  if (local.length + remote.length > 0) return [...local, ...remote];
  const kinds = packages.map((one) => `${kindOf(one)} over ${transportOf(one)}`).join(", ");
  const why = kinds === "" ? "it has neither packages nor remotes" : `none of its packages can be run here (${kinds})`;
  throw unreadable(why, `Packages of ${Object.keys(RUNTIMES).join(", ")} over stdio can.`);
}

function readPackage(name: string, one: JsonObject): Installation {
  const runtime = runtimeOf(one);
  const identifier = textOf(one, "identifier");
  if (runtime === undefined || identifier === undefined) throw unreadable("a package has no `identifier`");
  const collected = new Map<string, InstallationInput>();
  const ignored: string[] = [];
  const argsOf = (key: string): string[] =>
    objectsOf(one, key).flatMap((argument) => readArgument(argument, collected, ignored));
  const env: Record<string, string> = {};
  for (const variable of objectsOf(one, "environmentVariables")) {
    const key = textOf(variable, "name") ?? "";
    const value = inputText(variable, key, collected);
    if (value !== undefined) addVariable(env, key, value);
  }
  const parts = { identifier, version: textOf(one, "version"), env: Object.keys(env) };
  const args = runtime.args({ ...parts, runtime: argsOf("runtimeArguments"), own: argsOf("packageArguments") });
  const inputs = [...collected.values()];
  const secretEnv = Object.entries(env).filter(([key, value]) => isSecret(key, value, inputs));
  const base = textOf(one, "registryBaseUrl");
  return {
    name,
    source: "registry",
    command: textOf(one, "runtimeHint") ?? runtime.program,
    args,
    env,
    secretEnv: secretEnv.map(([key]) => key),
    cwd: undefined,
    url: undefined,
    inputs,
    values: {},
    ignored: [...ignored, ...(base === undefined ? [] : [`registryBaseUrl ${base}`])],
  };
}

function readArgument(argument: JsonObject, collected: Map<string, InstallationInput>, ignored: string[]): string[] {
  const name = textOf(argument, "name");
  const named = textOf(argument, "type") === "named";
  if (named && name === undefined) throw unreadable("a named argument has no `name`");
  const id = (named ? name : textOf(argument, "valueHint")) ?? freeId("argument", collected);
  const value = inputText(argument, id, collected, named);
  if (!named || name === undefined) return value === undefined ? [] : [value];
  if (value === undefined) return [name];
  if (name.startsWith("--")) return [`${name}=${value}`];
  const input = collected.get(id);
  if (input === undefined || input.required || input.default !== undefined) return [name, value];
  // A flag cannot be left out later without its value.
  collected.delete(id);
  ignored.push(`argument ${name}`);
  return [];
}

/** What has no name of its own must not share the value of something else. */
function freeId(base: string, collected: ReadonlyMap<string, unknown>): string {
  let id = base;
  for (let number = 2; collected.has(id); number++) id = `${base} ${number}`;
  return id;
}

/** The text of a value, with inputs for what is left to the person; nothing where it has none and is a flag. */
function inputText(
  owner: JsonObject,
  id: string,
  collected: Map<string, InstallationInput>,
  flag = false,
): string | undefined {
  const text = textOf(owner, "value");
  if (text === undefined) {
    if (flag && owner.isRequired !== true && owner.default === undefined && owner.description === undefined)
      return undefined;
    collect(id, owner, collected);
    return `\${input:${id}}`;
  }
  let filled = text;
  for (const [name, variable] of Object.entries(objectOf(owner, "variables") ?? {})) {
    if (!isObject(variable) || !text.includes(`{${name}}`)) continue;
    const fixed = textOf(variable, "value");
    if (fixed === undefined) collect(name, { isRequired: true, ...variable }, collected);
    filled = filled.replaceAll(`{${name}}`, () => fixed ?? `\${input:${name}}`);
  }
  return filled;
}

function collect(id: string, owner: JsonObject, collected: Map<string, InstallationInput>): void {
  const choices = owner.choices;
  const texts = Array.isArray(choices) ? choices.filter((choice): choice is string => typeof choice === "string") : [];
  const input = {
    id,
    description: textOf(owner, "description") ?? id,
    secret: owner.isSecret === true,
    default: textOf(owner, "default"),
    choices: texts.length > 0 ? texts : undefined,
    required: owner.isRequired === true,
  };
  if (!collected.has(id)) collected.set(id, input);
}

function kindOf(one: JsonObject): string {
  return textOf(one, "registryType") ?? textOf(one, "registry_type") ?? "unknown";
}

function runtimeOf(one: JsonObject): Runtime | undefined {
  const kind = kindOf(one);
  return Object.hasOwn(RUNTIMES, kind) ? RUNTIMES[kind] : undefined;
}

function transportOf(one: JsonObject): string {
  return textOf(objectOf(one, "transport") ?? {}, "type") ?? "stdio";
}

function withUrl(remote: JsonObject): JsonObject {
  return Object.assign(Object.create(null), { url: textOf(remote, "url") ?? "" });
}

function at(identifier: string, version: string | undefined): string {
  return version === undefined ? identifier : `${identifier}@${version}`;
}

function unless(args: readonly string[], ...flags: readonly string[]): string[] {
  return args.some((arg) => flags.includes(arg)) ? [] : flags.slice(0, 1);
}
