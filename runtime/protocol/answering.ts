/**
 * A client's answers to what a server asks, in whichever way it was asked: nothing reaches a callback that may not be asked, and nothing
 * leaves that does not answer. Requirements ELIC-07, ELIC-14, ELIC-31 to ELIC-33, SAMP-04, SAMP-27, SAMP-28, LIFE-41.
 */

import type { MethodEntry } from "../../generated/method-table.js";
import type { CreateMessageRequestParams, CreateMessageResult } from "../../generated/neutral/types.js";
import { explainWith, type Failure } from "../../generated/prelude.js";
import { type Revision, tables } from "../../generated/revisions.js";
import { McpWireError, RpcError } from "../errors.js";
import { isThenable } from "../jsonrpc/incoming.js";
import { RpcCode } from "../jsonrpc/message.js";
import { clientDeclares, neededFor } from "./capabilities.js";
import { isObject } from "./envelope.js";
import type { AnswerContext, AskMethod, ClientFacts } from "./era.js";
import { describe, resultFailures, unfit, unknownMethod } from "./fit.js";
import { aheadOfItsRevision, newerThatFits } from "./newer.js";
import { checkSamplingAnswer, checkSamplingQuestion, singleBlock } from "./sampling.js";
import { below } from "./verdict.js";

/** A question as it came. */
export interface Question {
  /** What the revision says of the method. */
  readonly row: MethodEntry | undefined;
  readonly method: string;
  readonly params: unknown;
  readonly revision: Revision;
}

/**
 * Runs the callback for a question and gives its answer, once it was found to be one. A question that fits a newer revision only is
 * answered too, as there, and reported.
 *
 * @throws RpcError −32601 where nobody answers such questions, −32602 where this one does not fit or was not offered; McpWireError
 * `BAD_ANSWER` where the callback gave what is no answer to it.
 */
export function answerQuestion(question: Question, facts: ClientFacts, how: AnswerContext): unknown {
  return admitQuestion(question, facts)(how);
}

/** The same in two steps: the question is looked at first, and what comes of that runs the callback. Throws as `answerQuestion` does. */
export function admitQuestion(question: Question, facts: ClientFacts): (how: AnswerContext) => unknown {
  const { row, method, params } = question;
  const callback = Object.hasOwn(facts.answers, method) ? facts.answers[method as AskMethod] : undefined;
  if (row === undefined || callback === undefined) throw unknownMethod(method);
  const spoken = fits(row, params) ? row : tolerate(question, row, facts);
  const missing = neededFor(method, params).filter((path) => !clientDeclares(facts.capabilities, path));
  if (missing.length > 0)
    throw new RpcError(RpcCode.InvalidParams, `${method} was not declared: ${missing.join(", ")}`);
  if (method === "sampling/createMessage") {
    const failures = checkSamplingQuestion(params as CreateMessageRequestParams);
    if (failures.length > 0) throw unfit(`Invalid params of ${method}`, below("/params", failures));
  }
  return (how) => {
    const answer = (callback as (params: unknown, how: AnswerContext) => unknown)(params, how);
    return isThenable(answer)
      ? answer.then((later) => writeAnswer(spoken, method, params, later))
      : writeAnswer(spoken, method, params, answer);
  };
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

function fits({ isParams, paramsRequired }: MethodEntry, params: unknown): boolean {
  return params === undefined ? !paramsRequired : (isParams?.(params) ?? true);
}

/** What a newer revision says of the method. @throws RpcError −32602 where none allows the question either. */
function tolerate({ method, params, revision }: Question, row: MethodEntry, facts: ClientFacts): MethodEntry {
  const failures: readonly Failure[] = row.isParams === undefined ? [] : explainWith(row.isParams, params);
  const newer = facts.dropMalformed
    ? newerThatFits(revision, method, (candidate) => fits(candidate, params))
    : undefined;
  if (newer === undefined)
    throw unfit(`Invalid params of ${method}`, row.kind === "request" ? below("/params", failures) : failures);
  facts.report(aheadOfItsRevision(`The request ${method}`, revision, newer, below("/params", failures)));
  return tables[newer].methods[method] as MethodEntry;
}
