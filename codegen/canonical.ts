/** The project's own form of an upstream schema: facts without prose, one dialect, one order of keys. */

import { GeneratorError } from "./errors.js";
import { isJsonObject, type Json, type JsonObject } from "./json.js";
import { KEYWORD_ORDER, PROSE, SCHEMA_LISTS, SCHEMA_MAPS, SCHEMA_VALUED } from "./keywords.js";

const DIALECT = "https://json-schema.org/draft/2020-12/schema";

/**
 * Rewrites an upstream `schema.json` as `{ $schema, $defs }` in dialect 2020-12: definitions and properties sorted, prose
 * dropped, references to `#/definitions/X` turned into `#/$defs/X`. Keywords that the generator does not know are kept, so
 * that a later phase can name them. The input is not changed.
 *
 * @throws GeneratorError `NOT_A_SCHEMA` where there is no container of definitions.
 */
export function canonicalize(upstream: Json, source: string): JsonObject {
  if (!isJsonObject(upstream)) throw notASchema(source, "the file is not a JSON object");
  const container = upstream.$defs ?? upstream.definitions;
  if (!isJsonObject(container)) throw notASchema(source, 'it has neither "$defs" nor "definitions"');
  const definitions = sortedEntries(container).map(([name, schema]) => {
    const canonical = canonicalSchema(schema);
    if (isJsonObject(canonical)) delete canonical.$schema;
    return [name, canonical] as const;
  });
  return { $schema: DIALECT, $defs: Object.fromEntries(definitions) };
}

function notASchema(source: string, reason: string): GeneratorError {
  return new GeneratorError("NOT_A_SCHEMA", `not a protocol schema: ${reason}; give the schema.json of a revision`, {
    source,
  });
}

function canonicalSchema(schema: Json): Json {
  if (!isJsonObject(schema)) return schema;
  const keywords = Object.keys(schema).filter((keyword) => !PROSE.has(keyword));
  keywords.sort((left, right) => rank(left) - rank(right) || (left < right ? -1 : 1));
  return Object.fromEntries(keywords.map((keyword) => [keyword, canonicalValue(keyword, schema[keyword] as Json)]));
}

function canonicalValue(keyword: string, value: Json): Json {
  if (keyword === "$ref" && typeof value === "string") return value.replace(/^#\/definitions\//, "#/$defs/");
  if (keyword === "required" && Array.isArray(value)) return value.toSorted();
  if (SCHEMA_VALUED.has(keyword)) return canonicalSchema(value);
  if (SCHEMA_LISTS.has(keyword) && Array.isArray(value)) return value.map(canonicalSchema);
  if (SCHEMA_MAPS.has(keyword) && isJsonObject(value)) {
    return Object.fromEntries(sortedEntries(value).map(([name, schema]) => [name, canonicalSchema(schema)]));
  }
  return value;
}

function rank(keyword: string): number {
  const index = KEYWORD_ORDER.indexOf(keyword);
  return index < 0 ? KEYWORD_ORDER.length : index;
}

/** Sorted by UTF-16 code unit, so that the order is the same on every machine. */
function sortedEntries(object: JsonObject): [string, Json][] {
  return Object.entries(object).sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
}
