/**
 * Parameters of tools that are mirrored in headers: where the schema of a tool says so, whether it says so rightly, and what the
 * header of a value is. Streamable HTTP, `x-mcp-header`; requirements HTTP-128 to HTTP-142. No platform but the web's is needed.
 */

import { isObject } from "./envelope.js";

/** One mirrored parameter. */
export interface ParamHeader {
  /** `Mcp-Param-` and the name that the schema gives. */
  readonly header: string;
  /** Keys from the arguments down to the value. */
  readonly path: readonly string[];
  readonly type: "boolean" | "integer" | "string";
}

/** The mirrored parameters of a tool, or why and where (a JSON pointer into the schema) its annotations are of no use. */
export type ParamHeaders =
  | { readonly ok: true; readonly headers: readonly ParamHeader[] }
  | { readonly ok: false; readonly reason: string; readonly pointer: string };

const ANNOTATION = "x-mcp-header";
const PREFIX = "Mcp-Param-";
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** More schemas than this inside one are not looked through. */
const MAX_SCHEMAS = 100_000;

/** Keywords by what they hold. What other keywords hold (`default`, `enum`) is data, in which the annotation has no meaning. */
const MAPS = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"];
const LISTS = ["allOf", "anyOf", "oneOf", "prefixItems", "items"];
const SINGLES = [
  "items",
  "additionalItems",
  "unevaluatedItems",
  "contains",
  "additionalProperties",
  "unevaluatedProperties",
  "propertyNames",
  "contentSchema",
  "not",
  "if",
  "then",
  "else",
];

interface Place {
  readonly schema: Readonly<Record<string, unknown>>;
  readonly pointer: string;
  /** The path of the value, where `properties` alone lead to the schema. */
  readonly path: readonly string[] | undefined;
}

/** Reads the annotations of an input schema. The whole schema is looked through, since one in a wrong place spoils the tool. */
export function readParamHeaders(inputSchema: unknown): ParamHeaders {
  const headers: ParamHeader[] = [];
  const names = new Set<string>();
  const seen = new Set<unknown>();
  // Places that `properties` lead to come first: a reference to one of them then leads to nothing new.
  const direct: Place[] = [];
  const others: Place[] = [];
  const add = (schema: unknown, pointer: string, path: readonly string[] | undefined): void => {
    if (isObject(schema)) (path === undefined ? others : direct).push({ schema, pointer, path });
  };
  add(inputSchema, "", []);
  for (let place = direct.pop() ?? others.pop(); place !== undefined; place = direct.pop() ?? others.pop()) {
    if (seen.has(place.schema)) continue;
    seen.add(place.schema);
    if (seen.size > MAX_SCHEMAS) return refused(`the schema holds more than ${MAX_SCHEMAS} schemas`, place.pointer);
    if (Object.hasOwn(place.schema, ANNOTATION)) {
      const read = readAnnotation(place, names);
      if (typeof read === "string") return refused(read, `${place.pointer}/${ANNOTATION}`);
      headers.push(read);
    }
    addBelow(place, add, inputSchema);
  }
  return { ok: true, headers };
}

/** The header of a value; `undefined` where headers cannot carry it: no string, boolean, or integer that every platform has exactly. */
export function paramHeaderText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "boolean" || Number.isSafeInteger(value) ? String(value) : undefined;
}

/** The value at a path of the arguments; `undefined` where it is `null` or not there, which are the same to a header. */
export function valueAt(args: unknown, path: readonly string[]): unknown {
  let value = args;
  for (const key of path) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value ?? undefined;
}

function readAnnotation({ schema, path }: Place, names: Set<string>): ParamHeader | string {
  const name = schema[ANNOTATION];
  const { type } = schema;
  if (path === undefined) return "the parameter is not reached from the root by properties alone";
  if (path.length === 0) return "the arguments as a whole are no parameter";
  if (typeof name !== "string" || !TOKEN.test(name)) return `${JSON.stringify(name)} is no name of a header`;
  if (type !== "string" && type !== "integer" && type !== "boolean")
    return `the parameter is ${Object.hasOwn(schema, "type") ? `of the type ${JSON.stringify(type)}` : "of no type"}, not string, integer or boolean`;
  const key = name.toLowerCase();
  if (names.has(key)) return `the name ${name} is used twice`;
  names.add(key);
  return { header: PREFIX + name, path, type };
}

type Add = (schema: unknown, pointer: string, path: readonly string[] | undefined) => void;

function addBelow({ schema, pointer, path }: Place, add: Add, root: unknown): void {
  for (const keyword of MAPS) {
    const map = own(schema, keyword);
    if (!isObject(map)) continue;
    for (const [key, value] of Object.entries(map)) {
      const below = keyword === "properties" && path !== undefined ? [...path, key] : undefined;
      add(value, `${pointer}/${keyword}/${escaped(key)}`, below);
    }
  }
  for (const keyword of LISTS) {
    const list = own(schema, keyword);
    if (!Array.isArray(list)) continue;
    for (const [index, value] of list.entries()) add(value, `${pointer}/${keyword}/${index}`, undefined);
  }
  for (const keyword of SINGLES) add(own(schema, keyword), `${pointer}/${keyword}`, undefined);
  const reference = own(schema, "$ref");
  if (typeof reference === "string" && reference.startsWith("#/"))
    add(schemaAt(root, reference), reference.slice(1), undefined);
}

/** What a reference inside the schema leads to, which can be outside of all keywords. */
function schemaAt(root: unknown, reference: string): unknown {
  let value = root;
  for (const token of reference.slice(2).split("/")) {
    const key = unescaped(token);
    if (typeof value !== "object" || value === null || key === undefined || !Object.hasOwn(value, key))
      return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

function own(schema: Readonly<Record<string, unknown>>, keyword: string): unknown {
  return Object.hasOwn(schema, keyword) ? schema[keyword] : undefined;
}

function refused(reason: string, pointer: string): ParamHeaders {
  return { ok: false, reason, pointer };
}

function escaped(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

function unescaped(token: string): string | undefined {
  try {
    return decodeURIComponent(token).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    // A malformed reference leads nowhere.
    return undefined;
  }
}
