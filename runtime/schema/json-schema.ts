/**
 * Checks of values against JSON Schemas of any dialect. The validator is `typebox`, loaded when a schema first needs it, since the plain
 * ones that most tools have do not. Requirements BASE-101 to BASE-111.
 */

import type { Failure } from "../../generated/prelude.js";
import { type PlainCheck, readPlain } from "./plain.js";
import { checkWellFormed } from "./wellformed.js";

export type JsonSchema = { readonly [key: string]: unknown };

/** A value that fits, or every reason why it does not. */
export type Checked<T = unknown> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failures: readonly Failure[] };

/** Checks one value; answers at once where it can. */
export type Check = (value: unknown) => Checked | Promise<Checked>;

const MAX_FAILURES = 20;

interface Library {
  readonly validator: typeof import("typebox/schema");
  readonly guards: typeof import("./patterns.js");
}

let library: Library | undefined;
let loading: Promise<Library> | undefined;

/** Loads the validator before it is needed. */
export function loadValidator(): Promise<Library> {
  loading ??= Promise.all([import("typebox/schema"), import("./patterns.js")]).then(([validator, guards]) => {
    library = { validator, guards };
    return library;
  });
  return loading;
}

/**
 * Makes the check of a schema. The schema is compiled at the first value.
 * @param foreign whether a peer wrote it: then no code is made of it, and what it costs is bounded.
 * @throws McpWireError `BAD_SCHEMA` where it is no schema, is in an unknown dialect, or refers to what it does not contain: references
 * to the network are never followed. The check throws it for patterns that cannot be checked in bounded time.
 */
export function createJsonCheck(schema: JsonSchema | boolean, foreign: boolean = false): Check {
  checkWellFormed(schema);
  const plain = readPlain(schema);
  if (plain !== undefined) return (value) => checkPlain(plain, value);
  let check: ((value: unknown) => Checked) | undefined;
  const run = (loaded: Library, value: unknown): Checked => {
    check ??= compile(schema, foreign, loaded);
    return check(value);
  };
  return (value) =>
    library === undefined ? loadValidator().then((loaded) => run(loaded, value)) : run(library, value);
}

function compile(
  given: JsonSchema | boolean,
  foreign: boolean,
  { validator, guards }: Library,
): (value: unknown) => Checked {
  const { schema, within } = guards.guardSchema(given, foreign);
  const compiled = foreign ? undefined : validator.Compile(schema as object);
  const judge = (value: unknown): Checked => {
    if (compiled === undefined ? validator.Check(schema as object, value) : compiled.Check(value))
      return { ok: true, value };
    return { ok: false, failures: failuresOf(validator.Errors(schema as object, value)[1]) };
  };
  return (value) => {
    try {
      return within(value, () => judge(value));
    } catch (error) {
      const expected =
        error instanceof guards.EffortSpent ? "a value that can be checked in bounded time" : "less nesting";
      if (expected === "less nesting" && !(error instanceof RangeError)) throw error;
      return { ok: false, failures: [{ pointer: "", expected, actual: "something else" }] };
    }
  };
}

/** The good path asks for no reasons. */
function checkPlain(plain: PlainCheck, value: unknown): Checked {
  if (plain(value, "", undefined)) return { ok: true, value };
  const failures: Failure[] = [];
  plain(value, "", failures);
  return { ok: false, failures: failures.slice(0, MAX_FAILURES) };
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
        pointer: `${instancePath}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`,
        expected: "a value",
        actual: "missing",
      }));
    return [{ pointer: instancePath, expected: message.replace(/^must (be )?/, ""), actual: "something else" }];
  });
}
