/** A client's answers to what a server asks, in whichever way it was asked. Requirements ELIC-07, SAMP-04, LIFE-41. */

import type { MethodEntry } from "../../generated/method-table.js";
import { explainWith } from "../../generated/prelude.js";
import { RpcError } from "../errors.js";
import { RpcCode } from "../jsonrpc/message.js";
import { clientDeclares, neededFor } from "./capabilities.js";
import type { AskMethod, ClientFacts } from "./era.js";
import { checkRequest, unfit, unknownMethod } from "./fit.js";

/**
 * Runs the callback for a question.
 * @throws RpcError −32601 where nobody answers such questions, −32602 where this one does not fit or was not offered.
 */
export function answerQuestion(
  row: MethodEntry | undefined,
  method: string,
  params: unknown,
  facts: ClientFacts,
  signal: () => AbortSignal,
): unknown {
  const callback = Object.hasOwn(facts.answers, method) ? facts.answers[method as AskMethod] : undefined;
  if (row === undefined || callback === undefined) throw unknownMethod(method);
  if (row.kind === "request") checkRequest(row, method, params);
  else if (params !== undefined && row.isParams !== undefined && !row.isParams(params))
    throw unfit(`Invalid params of ${method}`, explainWith(row.isParams, params));
  const missing = neededFor(method, params).filter((path) => !clientDeclares(facts.capabilities, path));
  if (missing.length > 0)
    throw new RpcError(RpcCode.InvalidParams, `${method} was not declared: ${missing.join(", ")}`);
  const how = {
    get signal(): AbortSignal {
      return signal();
    },
  };
  return (callback as (params: unknown, how: { signal: AbortSignal }) => unknown)(params, how);
}
