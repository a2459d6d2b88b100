/** The error for a result that does not fit, on whichever side it came in. */

import type { Failure } from "../../generated/prelude.js";
import { MessageError } from "../errors.js";
import { describe } from "./fit.js";

/** Names the place of the first failure; the result itself is not kept. */
export function invalidResult(method: string, failures: readonly Failure[]): MessageError {
  const problem = `The result of ${method} does not fit the revision spoken: ${describe(failures)}.`;
  return new MessageError("INVALID_RESULT", problem, "The peer has to mend it.");
}
