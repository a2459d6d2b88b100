/**
 * A check for the plain schemas that most tools have (types, properties, bounds, enumerations), so that the first call of such a tool does
 * not wait for the validator to load. A schema with any other keyword is left to the validator; a test holds the two together.
 */

import type { Failure } from "../../generated/prelude.js";
import { DIALECTS } from "./wellformed.js";

/** Whether a value fits; adds every reason why not where there is a list for them. */
export type PlainCheck = (value: unknown, pointer: string, found: Failure[] | undefined) => boolean;

type Schema = { readonly [keyword: string]: unknown };

/** Keywords that say nothing about validity. */
const SILENT: ReadonlySet<string> = new Set(
  "$comment $schema default deprecated description examples readOnly title writeOnly".split(" "),
);

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number" && Number.isFinite(value),
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
  array: (value) => Array.isArray(value),
  object: isRecord,
};

type Rule = PlainCheck;

/** Makes the check of one keyword; `undefined` where the validator is needed. */
type Reader = (given: unknown, schema: Schema) => Rule | undefined;

const READERS: Readonly<Record<string, Reader>> = {
  type: readType,
  enum: (given) => (Array.isArray(given) && given.every(isScalar) ? oneOf(given) : undefined),
  const: (given) => (isScalar(given) ? oneOf([given]) : undefined),
  minimum: (given) => bound(given, isNumber, "at least", (value, limit) => value >= limit),
  maximum: (given) => bound(given, isNumber, "at most", (value, limit) => value <= limit),
  exclusiveMinimum: (given) => bound(given, isNumber, "more than", (value, limit) => value > limit),
  exclusiveMaximum: (given) => bound(given, isNumber, "less than", (value, limit) => value < limit),
  minLength: (given) => bound(given, isString, "of a length of at least", (value, limit) => lengthOf(value) >= limit),
  maxLength: (given) => bound(given, isString, "of a length of at most", (value, limit) => lengthOf(value) <= limit),
  minItems: (given) => bound(given, Array.isArray, "a list of at least", (value, limit) => value.length >= limit),
  maxItems: (given) => bound(given, Array.isArray, "a list of at most", (value, limit) => value.length <= limit),
  required: readRequired,
  properties: readProperties,
  additionalProperties: readAdditional,
  items: readItems,
};

/** Reads a schema; `undefined` where it has more to say than is understood here. */
export function readPlain(schema: unknown): PlainCheck | undefined {
  if (schema === true) return () => true;
  if (!isRecord(schema)) return undefined;
  if (schema.$schema !== undefined && !(typeof schema.$schema === "string" && DIALECTS.test(schema.$schema)))
    return undefined;
  const rules: Rule[] = [];
  for (const [keyword, given] of Object.entries(schema)) {
    if (SILENT.has(keyword)) continue;
    const rule = Object.hasOwn(READERS, keyword) ? READERS[keyword]?.(given, schema) : undefined;
    if (rule === undefined) return undefined;
    rules.push(rule);
  }
  return (value, pointer, found) => {
    let fits = true;
    for (const rule of rules) {
      if (rule(value, pointer, found)) continue;
      if (found === undefined) return false;
      fits = false;
    }
    return fits;
  };
}

function readType(given: unknown): Rule | undefined {
  const names = Array.isArray(given) ? given : [given];
  const tests = names.map((name) => (typeof name === "string" && Object.hasOwn(TYPES, name) ? TYPES[name] : undefined));
  if (tests.length === 0 || tests.includes(undefined)) return undefined;
  const expected = names.join(" or ");
  return (value, pointer, found) => tests.some((test) => test?.(value)) || fail(found, pointer, expected, value);
}

function oneOf(values: readonly unknown[]): Rule {
  const expected = values.map((value) => JSON.stringify(value)).join(" or ");
  return (value, pointer, found) => values.includes(value) || fail(found, pointer, expected, value);
}

function bound<T>(
  given: unknown,
  applies: (value: unknown) => value is T,
  words: string,
  holds: (value: T, limit: number) => boolean,
): Rule | undefined {
  if (typeof given !== "number") return undefined;
  const expected = `${words} ${given}`;
  return (value, pointer, found) => !applies(value) || holds(value, given) || fail(found, pointer, expected, value);
}

function readRequired(given: unknown): Rule | undefined {
  if (!Array.isArray(given) || !given.every(isString)) return undefined;
  return (value, pointer, found) => {
    if (!isRecord(value)) return true;
    let fits = true;
    for (const key of given) {
      if (Object.hasOwn(value, key)) continue;
      if (found === undefined) return false;
      fits = false;
      found.push({ pointer: below(pointer, key), expected: "a value", actual: "missing" });
    }
    return fits;
  };
}

function readProperties(given: unknown): Rule | undefined {
  if (!isRecord(given)) return undefined;
  const members = Object.entries(given).map(([key, schema]) => [key, readPlain(schema)] as const);
  if (members.some(([, check]) => check === undefined)) return undefined;
  return (value, pointer, found) => {
    if (!isRecord(value)) return true;
    let fits = true;
    for (const [key, check] of members) {
      if (!Object.hasOwn(value, key) || check?.(value[key], found === undefined ? "" : below(pointer, key), found))
        continue;
      if (found === undefined) return false;
      fits = false;
    }
    return fits;
  };
}

function readAdditional(given: unknown, schema: Schema): Rule | undefined {
  if (schema.properties !== undefined && !isRecord(schema.properties)) return undefined;
  const known = new Set(Object.keys(schema.properties ?? {}));
  const check = given === false ? noMore : readPlain(given);
  if (check === undefined) return undefined;
  return (value, pointer, found) => {
    if (!isRecord(value)) return true;
    let fits = true;
    for (const key of Object.keys(value)) {
      if (known.has(key) || check(value[key], below(pointer, key), found)) continue;
      if (found === undefined) return false;
      fits = false;
    }
    return fits;
  };
}

function noMore(value: unknown, pointer: string, found: Failure[] | undefined): boolean {
  return fail(found, pointer, "absent", value);
}

function readItems(given: unknown): Rule | undefined {
  const check = Array.isArray(given) ? undefined : readPlain(given);
  if (check === undefined) return undefined;
  return (value, pointer, found) => {
    if (!Array.isArray(value)) return true;
    let fits = true;
    for (let index = 0; index < value.length; index++) {
      if (check(value[index], found === undefined ? "" : `${pointer}/${index}`, found)) continue;
      if (found === undefined) return false;
      fits = false;
    }
    return fits;
  };
}

function fail(found: Failure[] | undefined, pointer: string, expected: string, value: unknown): false {
  found?.push({ pointer, expected, actual: nameOf(value) });
  return false;
}

/** A scalar is shown as it is, cut short; the rest by its type. */
function nameOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "object" ? "object" : `${typeof value} ${JSON.stringify(value)?.slice(0, 40)}`;
}

/** The pointer of a member. */
export function below(pointer: string, key: string): string {
  return `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

export function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}

/** In characters, not in the halves of some of them. */
function lengthOf(text: string): number {
  let length = 0;
  for (const _character of text) length++;
  return length;
}
