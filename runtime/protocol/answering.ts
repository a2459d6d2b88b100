/**
 * A client's answers to what a server asks, in whichever way it was asked: nothing reaches a callback that may not be asked, and nothing
 * leaves that does not answer. Requirements ELIC-07, ELIC-14, ELIC-31 to ELIC-33, SAMP-04, SAMP-27, SAMP-28, LIFE-41.
 */

import type { MethodEntry } from "../../generated/method-table.js";
import type { CreateMessageRequestParams, CreateMessageResult } from "../../generated/neutral/types.js";
import { explainWith, type Failure } from "../../generated/prelude.js";
import { McpWireError, RpcError } from "../errors.js";
import { isThenable } from "../jsonrpc/incoming.js";
import { RpcCode } from "../jsonrpc/message.js";
import { clientDeclares, neededFor } from "./capabilities.js";
import { isObject } from "./envelope.js";
import type { AnswerContext, AskMethod, ClientFacts } from "./era.js";
import { checkRequest, describe, resultFailures, unfit, unknownMethod } from "./fit.js";
import { checkSamplingAnswer, checkSamplingQuestion, singleBlock } from "./sampling.js";
import { below } from "./verdict.js";

/**
 * Runs the callback for a question and gives its answer, once it was found to be one.
 * @throws RpcError −32601 where nobody answers such questions, −32602 where this one does not fit or was not offered; McpWireError
 * `BAD_ANSWER` where the callback gave what is no answer to it.
 */
export function answerQuestion(
  row: MethodEntry | undefined,
  method: string,
  params: unknown,
  facts: ClientFacts,
  how: AnswerContext,
): unknown {
  const callback = Object.hasOwn(facts.answers, method) ? facts.answers[method as AskMethod] : undefined;
  if (row === undefined || callback === undefined) throw unknownMethod(method);
  if (row.kind === "request") checkRequest(row, method, params);
  else if (params !== undefined && row.isParams !== undefined && !row.isParams(params))
    throw unfit(`Invalid params of ${method}`, explainWith(row.isParams, params));
  const missing = neededFor(method, params).filter((path) => !clientDeclares(facts.capabilities, path));
  if (missing.length > 0)
    throw new RpcError(RpcCode.InvalidParams, `${method} was not declared: ${missing.join(", ")}`);
  if (method === "sampling/createMessage") {
    const failures = checkSamplingQuestion(params as CreateMessageRequestParams);
    if (failures.length > 0) throw unfit(`Invalid params of ${method}`, below("/params", failures));
  }
  const answer = (callback as (params: unknown, how: AnswerContext) => unknown)(params, how);
  return isThenable(answer)
    ? answer.then((later) => writeAnswer(row, method, params, later))
    : writeAnswer(row, method, params, answer);
}

/** The answer as it goes out. Forms were looked at by the callback that filled them in. */
function writeAnswer(row: MethodEntry, method: string, params: unknown, given: unknown): unknown {
  const sampled = method === "sampling/createMessage" && isObject(given) && given.content !== undefined;
  const answer = sampled ? singleBlock(row, given as unknown as CreateMessageResult) : given;
  const failures = resultFailures(row, answer);
  if (failures.length > 0) throw badAnswer(method, failures);
  if (!sampled) return answer;
  const faults = checkSamplingAnswer(answer as CreateMessageResult, params as CreateMessageRequestParams);
  if (faults.length > 0) throw badAnswer(method, faults);
  return answer;
}

/** The error of an application that answers with what is no answer; the server learns only that it has none. */
export function badAnswer(method: string, failures: readonly Failure[]): McpWireError {
  const problem = `The answer to ${method} was not sent: ${describe(failures)}.`;
  return new McpWireError("BAD_ANSWER", problem, "Mend what the callback gives.");
}
