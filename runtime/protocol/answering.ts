/** A client's answers to what a server asks, in whichever way it was asked. Requirements ELIC-07, SAMP-04, LIFE-41. */

import type { MethodEntry } from "../../generated/method-table.js";
import { explainWith, type Failure } from "../../generated/prelude.js";
import type { Revision } from "../../generated/revisions.js";
import { RpcError } from "../errors.js";
import { RpcCode } from "../jsonrpc/message.js";
import { clientDeclares, neededFor } from "./capabilities.js";
import type { AskMethod, ClientFacts } from "./era.js";
import { unfit, unknownMethod } from "./fit.js";
import { aheadOfItsRevision, newerThatFits } from "./newer.js";
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
 * Runs the callback for a question. One that fits a newer revision only is answered too, and reported.
 *
 * @throws RpcError −32601 where nobody answers such questions, −32602 where this one does not fit or was not offered.
 */
export function answerQuestion(question: Question, facts: ClientFacts, signal: () => AbortSignal): unknown {
  const { row, method, params } = question;
  const callback = Object.hasOwn(facts.answers, method) ? facts.answers[method as AskMethod] : undefined;
  if (row === undefined || callback === undefined) throw unknownMethod(method);
  if (!fits(row, params)) tolerate(question, row, facts);
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

function fits({ isParams, paramsRequired }: MethodEntry, params: unknown): boolean {
  return params === undefined ? !paramsRequired : (isParams?.(params) ?? true);
}

/** @throws RpcError −32602 where no newer revision allows it either. */
function tolerate({ method, params, revision }: Question, row: MethodEntry, facts: ClientFacts): void {
  const failures: readonly Failure[] = row.isParams === undefined ? [] : explainWith(row.isParams, params);
  const newer = facts.dropMalformed
    ? newerThatFits(revision, method, (candidate) => fits(candidate, params))
    : undefined;
  if (newer === undefined)
    throw unfit(`Invalid params of ${method}`, row.kind === "request" ? below("/params", failures) : failures);
  facts.report(aheadOfItsRevision(`The request ${method}`, revision, newer, below("/params", failures)));
}
