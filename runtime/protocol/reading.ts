/** What both eras do with the results that a client receives. */

import type { MethodEntry } from "../../generated/method-table.js";
import type { Failure } from "../../generated/prelude.js";
import type { Revision } from "../../generated/revisions.js";
import type { ClientFacts } from "./era.js";
import { resultFailures, withoutMalformed } from "./fit.js";
import { invalidResult } from "./invalid.js";
import { aheadOfItsRevision, newerThatFits } from "./newer.js";

/**
 * Looks at a result. It is given on as it came; with a report where it fits a newer revision only, or without the items of a list
 * that are malformed. `tolerate` says which failures are none.
 *
 * @throws MessageError `INVALID_RESULT`
 */
export function readResult(
  row: MethodEntry | undefined,
  method: string,
  result: unknown,
  facts: ClientFacts,
  revision: Revision,
  tolerate?: (failure: Failure) => boolean,
): unknown {
  if (row?.isResult === undefined || row.isResult(result)) return result;
  const all = resultFailures(row, result);
  const failures = tolerate === undefined ? all : all.filter((failure) => !tolerate(failure));
  if (failures.length === 0) return result;
  const newer = facts.dropMalformed
    ? newerThatFits(revision, method, ({ isResult }) => isResult?.(result) === true)
    : undefined;
  if (newer !== undefined) {
    facts.report(aheadOfItsRevision(`The result of ${method}`, revision, newer, failures));
    return result;
  }
  const kept = facts.dropMalformed ? withoutMalformed(result, failures) : undefined;
  const error = invalidResult(method, failures);
  if (kept === undefined) throw error;
  facts.report(error);
  return kept;
}
