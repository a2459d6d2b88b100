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

export const MAX_FAILURES = 20;

type Library = typeof import("./validator.js");

let library: Library | undefined;
let loading: Promise<Library> | undefined;

/** Loads the validator before it is needed. */
export function loadValidator(): Promise<Library> {
  loading ??= import("./validator.js").then((loaded) => {
    library = loaded;
    return loaded;
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
    check ??= loaded.compileSchema(schema, foreign);
    return check(value);
  };
  return (value) =>
    library === undefined ? loadValidator().then((loaded) => run(loaded, value)) : run(library, value);
}

/** The good path asks for no reasons. */
function checkPlain(plain: PlainCheck, value: unknown): Checked {
  if (plain(value, "", undefined)) return { ok: true, value };
  const failures: Failure[] = [];
  plain(value, "", failures);
  return { ok: false, failures: failures.slice(0, MAX_FAILURES) };
}
