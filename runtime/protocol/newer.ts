/**
 * What is said in one revision and fits only a newer one. Servers in the field agree on an old revision and then answer as in the
 * newest; a client that refused that would lose whole answers over one block or field that it understands.
 */

import type { MethodEntry } from "../../generated/method-table.js";
import type { Failure } from "../../generated/prelude.js";
import { type Revision, revisions, tables } from "../../generated/revisions.js";
import { MessageError } from "../errors.js";
import { describe } from "./fit.js";
import { isStateful } from "./revision.js";

/** The oldest of the newer revisions of the same era whose row for the method passes. */
export function newerThatFits(
  revision: Revision,
  method: string,
  fits: (row: MethodEntry) => boolean,
): Revision | undefined {
  const later = revisions.slice(revisions.findIndex((row) => row.revision === revision) + 1);
  return later.find((candidate) => {
    const { methods } = tables[candidate.revision];
    const row = Object.hasOwn(methods, method) ? methods[method] : undefined;
    return row !== undefined && isStateful(candidate.revision) === isStateful(revision) && fits(row);
  })?.revision;
}

/** The report of what was taken all the same. */
export function aheadOfItsRevision(
  what: string,
  spoken: Revision,
  newer: Revision,
  failures: readonly Failure[],
): MessageError {
  const problem = `${what} fits ${newer}, not ${spoken}, which was agreed on: ${describe(failures)}.`;
  return new MessageError("AHEAD_OF_REVISION", problem, "It was taken; the peer has to mend it.");
}
