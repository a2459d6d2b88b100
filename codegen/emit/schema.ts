/** `schema.json`: the patched and normalised schema of a revision, with the names the generator gave. */

import type { JsonObject } from "../json.js";
import type { Model, ObjectShape, Shape } from "../model.js";

/** A model as JSON Schema 2020-12: what every guard of the revision decides, in the words any validator understands. */
export function schemaOf(model: Model): JsonObject {
  const definitions = Object.values(model.definitions).map(
    (definition) => [definition.name, toSchema(definition.shape)] as const,
  );
  return { $schema: "https://json-schema.org/draft/2020-12/schema", $defs: Object.fromEntries(definitions) };
}

/** One shape as JSON Schema; references lead to `#/$defs/<name>`. */
export function toSchema(shape: Shape): JsonObject {
  switch (shape.kind) {
    case "any":
      return {};
    case "never":
      return { not: {} };
    case "null":
    case "boolean":
      return { type: shape.kind };
    case "string":
    case "number":
    case "integer": {
      const { kind, ...assertions } = shape;
      return { type: kind, ...assertions };
    }
    case "const":
      return { const: shape.value };
    case "enum":
      return { enum: [...shape.values] };
    case "array": {
      const { kind, items, ...assertions } = shape;
      return { type: kind, ...(items.kind === "any" ? {} : { items: toSchema(items) }), ...assertions };
    }
    case "object":
      return objectSchema(shape);
    case "ref":
      return { $ref: `#/$defs/${shape.name}` };
    case "union":
      return { anyOf: shape.members.map(toSchema) };
    case "all":
      return { allOf: shape.members.map(toSchema) };
  }
}

function objectSchema(shape: ObjectShape): JsonObject {
  const entries = Object.entries(shape.properties);
  const required = entries.filter(([, property]) => property.required).map(([key]) => key);
  return {
    type: "object",
    ...(entries.length === 0
      ? {}
      : { properties: Object.fromEntries(entries.map(([key, property]) => [key, toSchema(property.shape)])) }),
    ...(required.length === 0 ? {} : { required }),
    ...(shape.values.kind === "any" ? {} : { additionalProperties: toSchema(shape.values) }),
  };
}
