/** Patch: applies the errata rows of one revision to its schema, and refuses a row that no longer fits. */

import { GeneratorError } from "./errors.js";
import { equalJson, type JsonObject, replaceAt, valueAt } from "./json.js";
import type { Erratum } from "./model.js";
import type { ErratumRow } from "./overlay/errata.js";

export interface PatchedSchema {
  readonly schema: JsonObject;
  readonly applied: readonly Erratum[];
}

/** @throws GeneratorError `UNUSED_ERRATUM` where the schema no longer says what a row mends. */
export function applyErrata(
  schema: JsonObject,
  revision: string,
  rows: readonly ErratumRow[],
  source: string,
): PatchedSchema {
  const own = rows.filter((row) => row.revision === revision);
  let patched: JsonObject = schema;
  for (const row of own) {
    if (!equalJson(valueAt(patched, row.pointer), row.from)) {
      throw new GeneratorError(
        "UNUSED_ERRATUM",
        `the erratum for ${JSON.stringify(row.from)} does not apply; remove the row from codegen/overlay/errata.ts if upstream mended it`,
        { source, pointer: row.pointer },
      );
    }
    patched = replaceAt(patched, row.pointer, row.to) as JsonObject;
  }
  return { schema: patched, applied: own.map(({ pointer, reason }) => ({ pointer, reason })) };
}
