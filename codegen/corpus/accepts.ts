/**
 * Whether a value fits a shape, by reading the shape: slow and plain. It labels the corpus, and shares no code with the
 * emitted guards or with the JSON Schema of a revision, so that each of the three can prove the others wrong.
 */

import { isJsonObject } from "../json.js";
import type { ArrayShape, Model, NumberShape, ObjectShape, Shape, StringShape } from "../model.js";

/** What the shapes of a model need to be read. */
export type Definitions = Model["definitions"];

/** A member whose value is `undefined` counts as absent, as it is once written as JSON. */
export function accepts(shape: Shape, value: unknown, definitions: Definitions): boolean {
  switch (shape.kind) {
    case "any":
      return true;
    case "never":
      return false;
    case "null":
      return value === null;
    case "boolean":
      return typeof value === "boolean";
    case "string":
      return acceptsString(shape, value);
    case "number":
    case "integer":
      return acceptsNumber(shape, value);
    case "const":
      return value === shape.value;
    case "enum":
      return shape.values.some((member) => member === value);
    case "array":
      return acceptsArray(shape, value, definitions);
    case "object":
      return acceptsObject(shape, value, definitions);
    case "ref":
      return accepts(shapeOfDefinition(shape.name, definitions), value, definitions);
    case "union":
      return shape.members.some((member) => accepts(member, value, definitions));
    case "all":
      return shape.members.every((member) => accepts(member, value, definitions));
  }
}

/** The shape of a definition by its name; nothing fits a name that the model does not have. */
export function shapeOfDefinition(name: string, definitions: Definitions): Shape {
  return Object.hasOwn(definitions, name) ? (definitions[name]?.shape ?? { kind: "never" }) : { kind: "never" };
}

function acceptsString(shape: StringShape, value: unknown): boolean {
  if (typeof value !== "string") return false;
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern } = shape;
  if (minLength > 0 || maxLength < Number.POSITIVE_INFINITY) {
    const length = [...value].length;
    if (length < minLength || length > maxLength) return false;
  }
  return pattern === undefined || new RegExp(pattern, "u").test(value);
}

function acceptsNumber(shape: NumberShape, value: unknown): boolean {
  if (typeof value !== "number" || !Number.isFinite(value)) return false;
  if (shape.kind === "integer" && !Number.isInteger(value)) return false;
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = shape;
  return (
    (minimum === undefined || value >= minimum) &&
    (maximum === undefined || value <= maximum) &&
    (exclusiveMinimum === undefined || value > exclusiveMinimum) &&
    (exclusiveMaximum === undefined || value < exclusiveMaximum)
  );
}

function acceptsArray(shape: ArrayShape, value: unknown, definitions: Definitions): boolean {
  if (!Array.isArray(value)) return false;
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY, items } = shape;
  if (value.length < minItems || value.length > maxItems) return false;
  // By index: `every` passes over the holes of a sparse array.
  for (let index = 0; index < value.length; index++) if (!accepts(items, value[index], definitions)) return false;
  return true;
}

function acceptsObject(shape: ObjectShape, value: unknown, definitions: Definitions): boolean {
  if (!isJsonObject(value)) return false;
  for (const [key, property] of Object.entries(shape.properties)) {
    const member: unknown = value[key];
    if (member === undefined ? property.required : !accepts(property.shape, member, definitions)) return false;
  }
  if (shape.values.kind === "any") return true;
  return Object.keys(value).every(
    (key) => Object.hasOwn(shape.properties, key) || accepts(shape.values, value[key], definitions),
  );
}
