/** Schemas as users give them (TypeBox, any Standard Schema, plain JSON Schema): their types, their JSON Schema, their check. */

import type { XStatic } from "typebox/schema";
import { McpWireError } from "../errors.js";
import { type Check, type Checked, createJsonCheck, type JsonSchema } from "./json-schema.js";
import { isStandardSchema, pointerOf, type StandardResult, type StandardSchema } from "./standard.js";

/** A TypeBox schema, a plain JSON Schema, or a schema of any library that follows Standard Schema. */
export type UserSchema = StandardSchema | object;

/** The type of the values that a schema lets through. */
export type Infer<S> = S extends StandardSchema<infer Output> ? Output : Known<XStatic<S>>;

/** A schema that says nothing that types can say lets any object through. */
type Known<T> = unknown extends T ? { readonly [key: string]: unknown } : T;

export interface ReadSchema {
  readonly json: JsonSchema;
  readonly check: Check;
}

/**
 * Reads a user's schema, for values that come `"input"` or go `"output"`.
 * @throws McpWireError `BAD_SCHEMA` where no JSON Schema can be had of it.
 */
export function readSchema(schema: UserSchema, io: "input" | "output"): ReadSchema {
  if (!isStandardSchema(schema)) return { json: schema as JsonSchema, check: createJsonCheck(schema as JsonSchema) };
  const standard = schema["~standard"];
  return {
    json: jsonOf(schema, io),
    check(value) {
      const result = standard.validate(value);
      return result instanceof Promise ? result.then(checkedOf) : checkedOf(result);
    },
  };
}

function checkedOf(result: StandardResult<unknown>): Checked {
  if (result.issues === undefined) return { ok: true, value: result.value };
  return {
    ok: false,
    failures: result.issues.map((issue) => ({
      pointer: pointerOf(issue),
      expected: issue.message,
      actual: "something else",
    })),
  };
}

/** Libraries from before Standard JSON Schema have a method of their own. */
function jsonOf(schema: StandardSchema, io: "input" | "output"): JsonSchema {
  const { vendor, jsonSchema } = schema["~standard"];
  const own = schema as { toJsonSchema?: () => unknown; toJSONSchema?: (options: object) => unknown };
  try {
    const json = jsonSchema?.[io]({ target: "draft-2020-12" }) ?? own.toJSONSchema?.({ io }) ?? own.toJsonSchema?.();
    if (typeof json === "object" && json !== null) return json as JsonSchema;
  } catch (cause) {
    throw new McpWireError(
      "BAD_SCHEMA",
      `The ${vendor} schema has no JSON Schema.`,
      "Use what JSON Schema can say.",
      cause,
    );
  }
  const wayOut = "Use a version of the library with Standard JSON Schema, or add `~standard.jsonSchema` to the schema.";
  throw new McpWireError("BAD_SCHEMA", `The ${vendor} schema does not give a JSON Schema.`, wayOut);
}
