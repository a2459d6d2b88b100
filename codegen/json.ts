/** JSON as data: the types, deep equality, pointer access and the one way files are written. */

import { GeneratorError } from "./errors.js";

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Parses JSON text; a failure names the source and keeps the parser's account of the place. */
export function parseJson(text: string, source: string): Json {
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text) as Json;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GeneratorError("UNREADABLE_INPUT", `not JSON (${reason})`, { source, cause });
  }
}

/** The text of a JSON file of the project: two spaces, a line break at the end. */
export function printJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

export function equalJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => equalJson(item, right[index]));
  }
  if (!isJsonObject(left) || !isJsonObject(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && equalJson(left[key], right[key]))
  );
}

/** The reference tokens of a JSON Pointer (RFC 6901). */
export function pointerTokens(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The value at a JSON Pointer, or undefined. */
export function valueAt(root: Json, pointer: string): Json | undefined {
  let value: Json | undefined = root;
  for (const token of pointerTokens(pointer)) {
    if (Array.isArray(value)) value = value[Number(token)];
    else if (isJsonObject(value) && Object.hasOwn(value, token)) value = value[token];
    else return undefined;
  }
  return value;
}

/** A copy of `root` with the value at `pointer` replaced; the pointer must lead to something. */
export function replaceAt(root: Json, pointer: string, replacement: Json): Json {
  const replace = (value: Json, tokens: string[]): Json => {
    const [token, ...rest] = tokens;
    if (token === undefined) return replacement;
    if (Array.isArray(value)) return value.map((item, index) => (String(index) === token ? replace(item, rest) : item));
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, key === token ? replace(item, rest) : item]),
    );
  };
  return replace(root, pointerTokens(pointer));
}
