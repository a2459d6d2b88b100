/** What a question needs before it goes into a result, or into a task; loaded when a server first asks. */

import type { MethodEntry } from "../../../generated/method-table.js";
import { tables } from "../../../generated/revisions.js";
import { writeQuestion } from "../asking.js";
import { asCapabilities, clientDeclares, neededFor } from "../capabilities.js";
import type { AskMethod, ServerFacts, Terms } from "../era.js";
import { undeclared } from "./server.js";

/**
 * A question as it goes out, and the row of its method.
 * @throws RpcError −32021 where the request did not declare what it needs; McpWireError `INVALID_USE`.
 */
export function prepareQuestion(
  terms: Terms,
  method: AskMethod,
  params: unknown,
  facts: ServerFacts,
): { readonly row: MethodEntry; readonly written: unknown } {
  const missing = neededFor(method, params).filter((path) => !clientDeclares(terms.clientCapabilities, path));
  if (missing.length > 0) throw undeclared(method, missing.join(", "), asCapabilities(missing));
  const row = tables[terms.revision].methods[method] as MethodEntry;
  return { row, written: writeQuestion(row, method, params, terms, facts) };
}
