/**
 * Whether a JSON Schema is one: keywords of the dialects in use hold what they may hold. A validator that meets `{ "type": "strin" }`
 * lets everything through, and what is sent to a peer has to be valid in its dialect. References have to end inside the schema: those to
 * the network are never followed. Requirements BASE-103, BASE-104, BASE-106 to BASE-110.
 */

import { McpWireError } from "../errors.js";
import { below, isRecord } from "./plain.js";

/** The dialects that are understood; a schema that names none is 2020-12 (BASE-101). */
export const DIALECTS: RegExp =
  /^https?:\/\/json-schema\.org\/(draft\/2020-12|draft\/2019-09|draft-07|draft-06)\/schema#?$/;

/** What was met on the way. */
interface Seen {
  readonly references: string[];
  readonly ids: string[];
  readonly anchors: Set<unknown>;
}

/** Looks at the value of one keyword: `undefined` where it is good, else what it should be. */
type Look = (value: unknown, pointer: string, seen: Seen) => string | undefined;

const TYPES: ReadonlySet<unknown> = new Set(["string", "number", "integer", "boolean", "null", "array", "object"]);
const MAX_DEPTH = 64;

const is = (words: string, holds: (value: unknown) => boolean): Look => {
  return (value) => (holds(value) ? undefined : words);
};
const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === "string") && new Set(value).size === value.length;
const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;
const isNumber = (value: unknown): boolean => typeof value === "number" && Number.isFinite(value);
const isType = (value: unknown): boolean =>
  TYPES.has(value) ||
  (isTexts(value) && (value as unknown[]).length > 0 && (value as unknown[]).every((one) => TYPES.has(one)));

const text = is("a string", (value) => typeof value === "string");
const count = is("a whole number from 0", isCount);
const number = is("a number", isNumber);
const flag = is("true or false", (value) => typeof value === "boolean");
const texts = is("a list of different strings", isTexts);

const one: Look = (value, pointer, seen) => {
  if (typeof value === "boolean") return undefined;
  return isRecord(value) ? look(value, pointer, seen) : "a schema";
};
const several: Look = (value, pointer, seen) => {
  if (!Array.isArray(value) || value.length === 0) return "a list of schemas";
  for (const [index, schema] of value.entries()) need(one, schema, `${pointer}/${index}`, seen);
  return undefined;
};
const named = (inner: Look): Look => {
  return (value, pointer, seen) => {
    if (!isRecord(value)) return "an object";
    for (const [key, schema] of Object.entries(value)) need(inner, schema, below(pointer, key), seen);
    return undefined;
  };
};
const oneOrSeveral: Look = (value, pointer, seen) =>
  Array.isArray(value) ? several(value, pointer, seen) : one(value, pointer, seen);
const regex: Look = (value) => (typeof value === "string" && isRegex(value) ? undefined : "a regular expression");
const byRegex: Look = (value, pointer, seen) => {
  for (const key of Object.keys(value ?? {})) need(regex, key, below(pointer, key), seen);
  return named(one)(value, pointer, seen);
};

const LOOKS: ReadonlyMap<string, Look> = new Map<string, Look>([
  ...pairs("additionalItems additionalProperties contains else if not propertyNames then", one),
  ...pairs("unevaluatedItems unevaluatedProperties", one),
  ...pairs("allOf anyOf oneOf prefixItems", several),
  ...pairs("$defs definitions dependentSchemas properties", named(one)),
  ...pairs("$comment $schema description format title", text),
  ...pairs(
    "$dynamicRef $ref",
    noting((seen, value) => seen.references.push(value)),
  ),
  ...pairs(
    "$anchor $dynamicAnchor",
    noting((seen, value) => seen.anchors.add(`#${value}`)),
  ),
  ["$id", noting((seen, value) => (value.startsWith("#") ? seen.anchors.add(value) : seen.ids.push(value)))],
  ...pairs("maxContains maxItems maxLength maxProperties minContains minItems minLength minProperties", count),
  ...pairs("exclusiveMaximum exclusiveMinimum maximum minimum", number),
  ...pairs("deprecated readOnly uniqueItems writeOnly", flag),
  [
    "dependencies",
    named((value, pointer, seen) => (Array.isArray(value) ? texts(value, pointer, seen) : one(value, pointer, seen))),
  ],
  ["dependentRequired", named(texts)],
  ["enum", is("a list", Array.isArray)],
  ["items", oneOrSeveral],
  ["multipleOf", is("a number above 0", (value) => isNumber(value) && (value as number) > 0)],
  ["pattern", regex],
  ["patternProperties", byRegex],
  ["required", texts],
  ["type", is("the name of a type, or a list of such names", isType)],
]);

function noting(note: (seen: Seen, value: string) => void): Look {
  return (value, _pointer, seen) => {
    if (typeof value !== "string") return "a string";
    note(seen, value);
    return undefined;
  };
}

function pairs(keywords: string, how: Look): [string, Look][] {
  return keywords.split(" ").map((keyword) => [keyword, how]);
}

/**
 * @throws McpWireError `BAD_SCHEMA` with the place of the first fault, for a dialect that is not understood, and for a reference to what
 * the schema does not contain.
 */
export function checkWellFormed(schema: unknown): void {
  const dialect = isRecord(schema) ? schema.$schema : undefined;
  if (typeof dialect === "string" && !DIALECTS.test(dialect)) {
    const wayOut = "Use 2020-12 (or 2019-09, draft-07, draft-06).";
    throw new McpWireError("BAD_SCHEMA", `The JSON Schema is in a dialect that is not supported: ${dialect}.`, wayOut);
  }
  const seen: Seen = { references: [], ids: [], anchors: new Set(["#", ""]) };
  need(one, schema, "", seen);
  const away = seen.references.find((reference) => !isInside(reference, schema, seen));
  if (away === undefined) return;
  const wayOut = "References to the network are not followed: put the definition under `$defs`.";
  throw new McpWireError("BAD_SCHEMA", `The JSON Schema refers to ${away}, which it does not contain.`, wayOut);
}

function isInside(reference: string, schema: unknown, { ids, anchors }: Seen): boolean {
  const at = reference.indexOf("#");
  const [document, fragment] = at < 0 ? [reference, "#"] : [reference.slice(0, at), reference.slice(at)];
  if (document === "") {
    // Where parts have names of their own, a fragment may start from one of them.
    if (ids.length > 1 || anchors.has(fragment)) return true;
    return fragment.startsWith("#/") && leadsTo(schema, fragment.slice(2));
  }
  // Names of parts may be relative to the name of the whole.
  const absolute = (uri: string): string => (URL.canParse(uri, ids[0]) ? new URL(uri, ids[0]).href : uri);
  return ids.some((id) => id.replace(/#$/, "") === document || absolute(id) === absolute(document));
}

/** Whether a JSON Pointer, as it stands in a URI, leads anywhere. */
function leadsTo(schema: unknown, pointer: string): boolean {
  let place = schema;
  for (const part of pointer.split("/")) {
    const key = decoded(part).replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof place !== "object" || place === null || !Object.hasOwn(place, key)) return false;
    place = (place as { readonly [key: string]: unknown })[key];
  }
  return true;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function look(schema: { readonly [keyword: string]: unknown }, pointer: string, seen: Seen): undefined {
  if (pointer.length > MAX_DEPTH * 2 && pointer.split("/").length > MAX_DEPTH * 2)
    throw new McpWireError("BAD_SCHEMA", "The JSON Schema is nested too deeply.", "Keep it within 64 levels.");
  for (const [keyword, value] of Object.entries(schema)) {
    const how = value === undefined ? undefined : LOOKS.get(keyword);
    if (how !== undefined) need(how, value, below(pointer, keyword), seen);
  }
  return undefined;
}

function need(how: Look, value: unknown, pointer: string, seen: Seen): void {
  const expected = how(value, pointer, seen);
  if (expected === undefined) return;
  const problem = `The JSON Schema is none: ${pointer === "" ? "it" : pointer} should be ${expected}.`;
  throw new McpWireError("BAD_SCHEMA", problem, "Mend the schema.");
}

/** As validators read them, with Unicode. */
function isRegex(source: string): boolean {
  try {
    new RegExp(source, "u");
    return true;
  } catch {
    return false;
  }
}
