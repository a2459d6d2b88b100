/** What both eras do with the results that a server sends: nothing leaves that does not fit its revision. */

import type { MethodEntry } from "../../generated/method-table.js";
import { McpWireError, RpcError } from "../errors.js";
import { RpcCode } from "../jsonrpc/message.js";
import type { ServerFacts } from "./era.js";
import { describe, resultFailures } from "./fit.js";

/** Frozen results that were found to fit, such as the pages of lists, by the guard that said so. */
const proven = new Map<unknown, WeakSet<object>>();

/**
 * Looks at a result before it goes out. A result that does not fit is a fault of this server: its owner is told where, the
 * client only that it happened.
 *
 * @throws RpcError −32603
 */
export function checkOutgoing(row: MethodEntry, method: string, result: unknown, facts: ServerFacts): void {
  if (row.isResult === undefined || row.isResult(result)) return;
  if (row.alternatives?.some((other) => other.isResult(result)) === true) return;
  const problem = `The result of ${method} does not fit the revision spoken: ${describe(resultFailures(row, result))}.`;
  facts.report(
    new McpWireError("INVALID_RESULT", problem, "Mend the handler; the client was told of an internal error."),
  );
  throw new RpcError(RpcCode.InternalError, `Internal error: the result of ${method} does not fit the protocol`);
}

/** The same for results that never change: those that are frozen are looked at once. */
export function checkFrozen(row: MethodEntry, method: string, result: object, facts: ServerFacts): void {
  let set = proven.get(row.isResult);
  if (set === undefined) {
    set = new WeakSet();
    proven.set(row.isResult, set);
  }
  if (set.has(result)) return;
  checkOutgoing(row, method, result, facts);
  set.add(result);
}

/** The error of a question that the client did not answer; it is no error of the request that asked. */
export function unanswered(method: string, error: unknown): unknown {
  if (!(error instanceof RpcError)) return error;
  const problem = `The client answered ${method} with an error: ${error.message} (${error.rpcCode}).`;
  return new McpWireError("ASK_REFUSED", problem, "Go on without the answer, or tell the model why it cannot.", error);
}
