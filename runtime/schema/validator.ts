/** Checks by the validator `typebox`, for schemas that are not plain; loaded when a schema first needs it. Requirements BASE-101 to BASE-111. */

import { Check, Compile, Errors } from "typebox/schema";
import type { Failure } from "../../generated/prelude.js";
import { type Checked, type JsonSchema, MAX_FAILURES } from "./json-schema.js";
import { EffortSpent, guardSchema } from "./patterns.js";
import { below } from "./plain.js";

/**
 * @param foreign whether a peer wrote the schema: then no code is made of it.
 * @throws McpWireError `BAD_SCHEMA` for patterns that cannot be checked in bounded time.
 */
export function compileSchema(given: JsonSchema | boolean, foreign: boolean): (value: unknown) => Checked {
  const { schema, within } = guardSchema(given, foreign);
  const compiled = foreign ? undefined : Compile(schema as object);
  const fits = (value: unknown): boolean =>
    compiled === undefined ? Check(schema as object, value) : compiled.Check(value);
  const judge = (value: unknown): Checked =>
    fits(value) ? { ok: true, value } : { ok: false, failures: failuresOf(Errors(schema as object, value)[1]) };
  return (value) => {
    try {
      return within(value, () => judge(value));
    } catch (error) {
      const expected = unfinished(error);
      if (expected === undefined) throw error;
      return { ok: false, failures: [{ pointer: "", expected, actual: "something else" }] };
    }
  };
}

/** What would have let a check come to its end. */
function unfinished(error: unknown): string | undefined {
  if (error instanceof EffortSpent) return "a value that can be checked in bounded time";
  return error instanceof RangeError ? "less nesting" : undefined;
}

interface LibraryError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly message: string;
  readonly params: object;
}

/** Errors of the validator in the form of all other failures. A missing member is named where it should be. */
function failuresOf(errors: readonly LibraryError[]): Failure[] {
  return errors.slice(0, MAX_FAILURES).flatMap(({ instancePath, keyword, message, params }) => {
    const { requiredProperties } = params as { requiredProperties?: readonly string[] };
    if (keyword === "required" && requiredProperties !== undefined)
      return requiredProperties.map((key) => ({
        pointer: below(instancePath, key),
        expected: "a value",
        actual: "missing",
      }));
    return [{ pointer: instancePath, expected: message.replace(/^must (be )?/, ""), actual: "something else" }];
  });
}
