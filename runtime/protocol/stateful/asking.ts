/** What a question needs before it leaves as a request of its own; loaded when a server first asks. */

import type { MethodEntry } from "../../../generated/method-table.js";
import { McpWireError } from "../../errors.js";
import { writeQuestion } from "../asking.js";
import { clientDeclares, neededFor } from "../capabilities.js";
import type { AskMethod, ServerFacts, Terms } from "../era.js";
import { methodsFrom } from "../revision.js";

/**
 * A question as it goes out, and the row of its method.
 * @throws McpWireError `NOT_DECLARED`, or `INVALID_USE` where the revision has no way to ask it.
 */
export function prepareQuestion(
  terms: Terms,
  method: AskMethod,
  params: unknown,
  facts: ServerFacts,
): { readonly row: MethodEntry; readonly written: unknown } {
  const row = methodsFrom(terms.revision, "server").get(method);
  const missing = neededFor(method, params).filter((path) => !clientDeclares(terms.clientCapabilities, path));
  if (row === undefined || missing.length > 0) {
    const what =
      row === undefined ? `${terms.revision} has no ${method}` : `the client did not declare ${missing.join(" and ")}`;
    throw new McpWireError(
      "NOT_DECLARED",
      `${method} was not asked: ${what}.`,
      "Look at `ctx.client` first, or do without.",
    );
  }
  const asked = method === "elicitation/create" ? withElicitationId(params, row) : params;
  return { row, written: writeQuestion(row, method, asked, terms, facts) };
}

/** A question by URL has an id of its own in the revision that demands one (ELIC-12). */
function withElicitationId(params: unknown, row: MethodEntry): unknown {
  if ((params as { mode?: unknown }).mode !== "url" || (row.isParams?.(params) ?? true)) return params;
  return { ...(params as object), elicitationId: crypto.randomUUID() };
}
