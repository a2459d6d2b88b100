/** Members of a configuration, each read as what it has to be: nothing is guessed and nothing is bent. */

import type { InstallationInput } from "./contract.js";
import { isObject, type JsonObject, type JsonValue, quoted, unreadable } from "./json.js";

export function textOf(object: JsonObject, key: string): string | undefined {
  const value = object[key];
  if (value === undefined || typeof value === "string") return value;
  throw unreadable(`\`${key}\` is not a text`);
}

export function textsOf(object: JsonObject, key: string): readonly string[] | undefined {
  const value = object[key];
  if (value === undefined || isTexts(value)) return value;
  throw unreadable(`\`${key}\` is not a list of texts`);
}

export function objectOf(object: JsonObject, key: string): JsonObject | undefined {
  const value = object[key];
  if (value === undefined || isObject(value)) return value;
  throw unreadable(`\`${key}\` is not an object`);
}

export function objectsOf(object: JsonObject, key: string): readonly JsonObject[] {
  const value = object[key];
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every(isObject)) return value;
  throw unreadable(`\`${key}\` is not a list of objects`);
}

/** Environment variables: texts, or numbers and booleans, which some configurations have. */
export function envOf(object: JsonObject): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(objectOf(object, "env") ?? {})) {
    // `null` takes a variable away; it is not given in the first place.
    if (value === null) continue;
    if (typeof value === "object") throw unreadable(`the variable ${quoted(name)} is not a text`);
    addVariable(env, name, String(value));
  }
  return env;
}

export function addVariable(env: Record<string, string>, name: string, value: string): void {
  if (name === "" || name === "__proto__" || /[=\0]/.test(name) || value.includes("\0"))
    throw unreadable(`${quoted(name)} can be no environment variable`);
  env[name] = value;
}

/** The inputs of a configuration of VS Code. */
export function inputsOf(object: JsonObject): InstallationInput[] {
  return objectsOf(object, "inputs").map((input) => {
    const id = textOf(input, "id");
    if (id === undefined) throw unreadable("an input has no `id`");
    const options = input.options;
    const choices = Array.isArray(options) ? options.map(choiceOf) : undefined;
    return {
      id,
      description: textOf(input, "description") ?? id,
      secret: input.password === true,
      default: textOf(input, "default"),
      choices,
      required: true,
    };
  });
}

function choiceOf(option: JsonValue): string {
  if (typeof option === "string") return option;
  const value = isObject(option) ? option.value : undefined;
  if (typeof value === "string") return value;
  throw unreadable("an option of an input is no text");
}

function isTexts(value: JsonValue): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
