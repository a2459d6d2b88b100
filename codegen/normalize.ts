/** Normalise: JSON Schema becomes shapes. Every keyword is either understood here or stops the generator with its pointer. */

import { GeneratorError, pointerTo } from "./errors.js";
import { equalJson, isJsonObject, type Json, type JsonObject } from "./json.js";
import { ANNOTATIONS, PROSE } from "./keywords.js";
import type { NumberShape, ObjectShape, Property, Scalar, Shape, StringShape } from "./model.js";

interface Place {
  readonly source: string;
  readonly pointer: string;
}

/** Keywords that assert something, by the type they belong to. A keyword beside another type is refused, not ignored. */
const ASSERTIONS: Readonly<Record<string, readonly string[]>> = {
  string: ["minLength", "maxLength", "pattern"],
  number: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
  integer: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
  array: ["items", "minItems", "maxItems"],
  object: ["properties", "required", "additionalProperties", "propertyNames"],
  boolean: [],
  null: [],
};

const ANY: Shape = { kind: "any" };

/**
 * The shapes of all definitions of a canonical schema, in its order.
 *
 * @throws GeneratorError `UNKNOWN_KEYWORD`, `UNKNOWN_FORM` or `UNKNOWN_REFERENCE`, with the pointer.
 */
export function normalize(schema: JsonObject, source: string): Record<string, Shape> {
  const definitions = schema.$defs as JsonObject;
  const shapes = Object.entries(definitions).map(([name, definition]) => {
    const place = { source, pointer: pointerTo("/$defs", name) };
    if (!/^[A-Za-z_$][\w$]*$/.test(name)) {
      throw new GeneratorError(
        "UNKNOWN_FORM",
        `${JSON.stringify(name)} is no name for a type; rename the definition`,
        place,
      );
    }
    refuseInherited(name, place);
    return [name, shapeOf(definition, place, definitions)] as const;
  });
  return Object.fromEntries(shapes);
}

function shapeOf(schema: Json, place: Place, definitions: JsonObject): Shape {
  if (schema === true) return ANY;
  if (schema === false) return { kind: "never" };
  if (!isJsonObject(schema)) throw unknownForm("a schema must be an object or a boolean", place);
  const keywords = Object.keys(schema).filter((keyword) => !ANNOTATIONS.has(keyword) && !PROSE.has(keyword));
  const known = (allowed: readonly string[]): void => refuseOthers(keywords, allowed, place);
  if (schema.$ref !== undefined) {
    known(["$ref"]);
    return referenceShape(schema.$ref, at(place, "$ref"), definitions);
  }
  const combined = combinedShape(schema, keywords, place, definitions);
  if (combined !== undefined) return combined;
  if (schema.const !== undefined) {
    known(["const", "type"]);
    return constShape(schema, place);
  }
  if (schema.enum !== undefined) {
    known(["enum", "type"]);
    return enumShape(schema, place);
  }
  if (keywords.length === 0) return ANY;
  return typedShape(schema, keywords, place, definitions);
}

function referenceShape(reference: Json, place: Place, definitions: JsonObject): Shape {
  const name = typeof reference === "string" ? /^#\/\$defs\/([^/]+)$/.exec(reference)?.[1] : undefined;
  if (name === undefined || !Object.hasOwn(definitions, name)) {
    throw new GeneratorError(
      "UNKNOWN_REFERENCE",
      `${JSON.stringify(reference)} leads to no definition of this file`,
      place,
    );
  }
  return { kind: "ref", name };
}

function combinedShape(
  schema: JsonObject,
  keywords: readonly string[],
  place: Place,
  definitions: JsonObject,
): Shape | undefined {
  for (const [keyword, kind] of [
    ["anyOf", "union"],
    ["allOf", "all"],
  ] as const) {
    const members = schema[keyword];
    if (members === undefined) continue;
    refuseOthers(keywords, [keyword], place);
    if (!Array.isArray(members) || members.length === 0)
      throw unknownForm("must be a list of schemas", at(place, keyword));
    const shapes = members.map((member, index) => shapeOf(member, at(at(place, keyword), index), definitions));
    return kind === "union" ? unionOf(shapes) : allOf(shapes);
  }
  if (schema.not !== undefined) {
    refuseOthers(keywords, ["not"], place);
    if (!equalJson(schema.not, {}) && schema.not !== true)
      throw unknownForm('"not" is known only as {"not": {}}', place);
    return { kind: "never" };
  }
  return undefined;
}

/** A union, flat, with unions of scalars turned into one enum (zod-made schemas write enums as `anyOf` of constants). */
export function unionOf(members: readonly Shape[]): Shape {
  const flat = members.flatMap((member) => (member.kind === "union" ? member.members : [member]));
  const [first] = flat;
  if (flat.length === 1 && first !== undefined) return first;
  const values = flat.flatMap((member) =>
    member.kind === "const" ? [member.value] : member.kind === "enum" ? member.values : [],
  );
  const allScalars = flat.every((member) => member.kind === "const" || member.kind === "enum");
  return allScalars ? { kind: "enum", values: [...new Set(values)] } : { kind: "union", members: flat };
}

function allOf(members: readonly Shape[]): Shape {
  const flat = members.flatMap((member) => (member.kind === "all" ? member.members : [member]));
  const [first] = flat;
  return flat.length === 1 && first !== undefined ? first : { kind: "all", members: flat };
}

function constShape(schema: JsonObject, place: Place): Shape {
  const value = scalar(schema.const as Json, at(place, "const"));
  if (schema.type !== undefined && !hasType(value, schema.type))
    throw unknownForm('"const" does not fit "type"', place);
  return { kind: "const", value };
}

function enumShape(schema: JsonObject, place: Place): Shape {
  if (!Array.isArray(schema.enum) || schema.enum.length === 0)
    throw unknownForm("must be a list of values", at(place, "enum"));
  const values = schema.enum.map((value, index) => scalar(value, at(at(place, "enum"), index)));
  if (schema.type !== undefined && !values.every((value) => hasType(value, schema.type as Json))) {
    throw unknownForm('a value of "enum" does not fit "type"', place);
  }
  const [only] = values;
  return values.length === 1 && only !== undefined ? { kind: "const", value: only } : { kind: "enum", values };
}

function scalar(value: Json, place: Place): Scalar {
  if (typeof value === "object" && value !== null)
    throw unknownForm("only strings, numbers, booleans and null are known here", place);
  return value;
}

function hasType(value: Scalar, type: Json): boolean {
  const types = Array.isArray(type) ? type : [type];
  const own = value === null ? "null" : typeof value;
  return types.includes(own) || (typeof value === "number" && Number.isInteger(value) && types.includes("integer"));
}

function typedShape(schema: JsonObject, keywords: readonly string[], place: Place, definitions: JsonObject): Shape {
  const { type } = schema;
  if (Array.isArray(type)) {
    refuseOthers(keywords, ["type"], place);
    if (type.length === 0) throw unknownForm("must be a type or a list of types", at(place, "type"));
    return unionOf(
      type.map((name, index) => typeShape({ type: name }, name, place, definitions, at(at(place, "type"), index))),
    );
  }
  if (type === undefined) {
    const [keyword = ""] = keywords;
    const known = Object.values(ASSERTIONS).some((assertions) => assertions.includes(keyword));
    if (known) throw unknownForm(`"${keyword}" without "type"`, at(place, keyword));
    throw unknownKeyword(keyword, place);
  }
  refuseOthers(keywords, ["type", ...(ASSERTIONS[String(type)] ?? [])], place);
  return typeShape(schema, type, place, definitions);
}

function typeShape(
  schema: JsonObject,
  type: Json,
  place: Place,
  definitions: JsonObject,
  typePlace: Place = at(place, "type"),
): Shape {
  switch (type) {
    case "null":
    case "boolean":
      return { kind: type };
    case "string":
      return { kind: "string", ...pick(schema, ["format", ...(ASSERTIONS.string ?? [])], place) } as StringShape;
    case "number":
    case "integer":
      return { kind: type, ...pick(schema, ASSERTIONS.number ?? [], place) } as NumberShape;
    case "array": {
      const items = shapeOf(schema.items ?? true, at(place, "items"), definitions);
      return { kind: "array", items, ...pick(schema, ["minItems", "maxItems"], place) };
    }
    case "object":
      return objectShape(schema, place, definitions);
    default:
      throw unknownForm(`${JSON.stringify(type)} is no type of JSON Schema`, typePlace);
  }
}

function objectShape(schema: JsonObject, place: Place, definitions: JsonObject): ObjectShape {
  const names = schema.propertyNames;
  if (names !== undefined && !equalJson(names, { type: "string" }))
    throw unknownForm("only { type: string } is known here", at(place, "propertyNames"));
  const { properties: declared = {}, required = [] } = schema;
  if (!isJsonObject(declared)) throw unknownForm("must be a map of schemas", at(place, "properties"));
  if (!Array.isArray(required) || !required.every((name) => typeof name === "string"))
    throw unknownForm("must be a list of names", at(place, "required"));
  const properties: Record<string, Property> = {};
  const keys = new Set([...Object.keys(declared), ...required]);
  for (const key of [...keys].sort()) {
    const inner = at(at(place, "properties"), key);
    refuseInherited(key, inner);
    properties[key] = { shape: shapeOf(declared[key] ?? true, inner, definitions), required: required.includes(key) };
  }
  return {
    kind: "object",
    properties,
    values: shapeOf(schema.additionalProperties ?? true, at(place, "additionalProperties"), definitions),
    ...(isOpaque(schema) ? { opaque: true } : {}),
  };
}

/** The form that upstream's `object` has in JSON Schema (TRAP-13), apart from `{ [key: string]: unknown }` (TRAP-12). */
function isOpaque(schema: JsonObject): boolean {
  return equalJson(schema, { type: "object", properties: {}, additionalProperties: true });
}

/** `value.constructor` is there in every object: neither the generator nor a guard could tell it from a member. */
function refuseInherited(key: string, place: Place): void {
  if (key in Object.prototype)
    throw unknownForm(`${JSON.stringify(key)} is what every object inherits; give it another name`, place);
}

/** Assertions that have a value each: bounds are numbers, the others text. */
function pick(schema: JsonObject, keywords: readonly string[], place: Place): JsonObject {
  const entries = keywords.flatMap((keyword): [string, Json][] => {
    const value = schema[keyword];
    if (value === undefined) return [];
    const type = keyword === "format" || keyword === "pattern" ? "string" : "number";
    if (typeof value !== type) throw unknownForm(`must be a ${type}`, at(place, keyword));
    return [[keyword, value]];
  });
  return Object.fromEntries(entries);
}

function refuseOthers(keywords: readonly string[], allowed: readonly string[], place: Place): void {
  const stranger = keywords.find((keyword) => !allowed.includes(keyword));
  if (stranger !== undefined) throw unknownKeyword(stranger, place);
}

function at(place: Place, token: string | number): Place {
  return { source: place.source, pointer: pointerTo(place.pointer, token) };
}

function unknownKeyword(keyword: string, place: Place): GeneratorError {
  return new GeneratorError(
    "UNKNOWN_KEYWORD",
    `the generator does not know "${keyword}" here; teach it in codegen/normalize.ts, or mend the schema by a row in codegen/overlay/errata.ts`,
    at(place, keyword),
  );
}

function unknownForm(message: string, place: Place): GeneratorError {
  return new GeneratorError("UNKNOWN_FORM", message, place);
}
