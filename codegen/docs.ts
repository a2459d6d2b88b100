/**
 * `schema/docs/*.json`: the project's own sentences about definitions and properties. Each file is one object; keys are
 * `Definition` or `Definition.property`, values a sentence, or `{ text, deprecated, deprecatedSince }`.
 */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { GeneratorError, pointerTo } from "./errors.js";
import { isJsonObject, type Json, parseJson } from "./json.js";
import { isMissingFile, readText } from "./manifest.js";

export interface DocEntry {
  readonly text?: string;
  /** What to use instead. */
  readonly deprecated?: string;
  /** The first revision for which `deprecated` holds; absent where it holds for all. */
  readonly deprecatedSince?: string;
}

export type Docs = ReadonlyMap<string, DocEntry>;

/** Reads every file of the folder; a folder that is not there gives no sentences. */
export async function readDocs(directory: string): Promise<Docs> {
  const docs = new Map<string, DocEntry>();
  for (const file of await filesOf(directory)) {
    const content = parseJson(await readText(file), file);
    if (!isJsonObject(content))
      throw new GeneratorError("UNREADABLE_INPUT", "must be an object", { source: file, pointer: "" });
    for (const [key, value] of Object.entries(content)) {
      const place = { source: file, pointer: pointerTo("", key) };
      if (docs.has(key)) throw new GeneratorError("NAME_CONFLICT", `${key} is documented twice`, place);
      docs.set(key, entryOf(value, place));
    }
  }
  return docs;
}

async function filesOf(directory: string): Promise<string[]> {
  try {
    const names = await readdir(directory);
    return names
      .filter((name) => name.endsWith(".json"))
      .sort()
      .map((name) => join(directory, name));
  } catch (error) {
    if (isMissingFile(error)) return [];
    throw error;
  }
}

const ENTRY_KEYS: readonly string[] = ["text", "deprecated", "deprecatedSince"] satisfies (keyof DocEntry)[];

function entryOf(value: Json, place: { source: string; pointer: string }): DocEntry {
  if (typeof value === "string") return { text: value };
  const entries = isJsonObject(value) ? Object.entries(value) : [];
  const known = entries.every(([key, text]) => ENTRY_KEYS.includes(key) && typeof text === "string");
  if (entries.length > 0 && known) return Object.fromEntries(entries);
  const expected = "must be a sentence or { text, deprecated, deprecatedSince }";
  throw new GeneratorError("UNREADABLE_INPUT", expected, place);
}
