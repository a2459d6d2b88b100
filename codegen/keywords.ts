/**
 * The JSON Schema keywords the generator knows, and where schemas sit inside a schema.
 * Schemas are walked by position (TRAP-49): a property may be called `properties` or `required`.
 */

/** Annotations that carry prose; import drops them, the project writes its own (`schema/docs/`). */
export const PROSE: ReadonlySet<string> = new Set([
  "description",
  "title",
  "$comment",
  "examples",
  "markdownDescription",
]);

/** Annotations that are no prose and no assertion. */
export const ANNOTATIONS: ReadonlySet<string> = new Set([
  "$schema",
  "$id",
  "default",
  "deprecated",
  "readOnly",
  "writeOnly",
  "format",
]);

/** Keywords whose value is a schema. */
export const SCHEMA_VALUED: ReadonlySet<string> = new Set(["items", "additionalProperties", "propertyNames", "not"]);

/** Keywords whose value is an array of schemas. */
export const SCHEMA_LISTS: ReadonlySet<string> = new Set(["anyOf", "allOf", "oneOf"]);

/** Keywords whose value is a map of schemas. */
export const SCHEMA_MAPS: ReadonlySet<string> = new Set(["properties", "$defs", "definitions", "patternProperties"]);

/** Order of keywords in the project's own form of a schema. Others follow alphabetically. */
export const KEYWORD_ORDER: readonly string[] = [
  "$schema",
  "$id",
  "$ref",
  "type",
  "const",
  "enum",
  "format",
  "pattern",
  "minLength",
  "maxLength",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "items",
  "minItems",
  "maxItems",
  "properties",
  "required",
  "additionalProperties",
  "propertyNames",
  "anyOf",
  "allOf",
  "oneOf",
  "not",
  "$defs",
];
