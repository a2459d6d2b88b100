/** The answers that come with a retry, looked at before they count. Multi round-trip requests; requirements MRTR-26, MRTR-27. */

import type { MethodEntry } from "../../../generated/method-table.js";
import { isObject } from "../envelope.js";
import { resultFailures, unfit } from "../fit.js";
import { below } from "../verdict.js";
import type { Memory } from "./state.js";

/**
 * The memory of a retry with the client's answers in it. Answers to what was not asked are ignored, missing ones are asked again.
 * @throws RpcError −32602 where an answer does not fit its question.
 */
export function takeAnswers(memory: Memory, responses: unknown, inputs: ReadonlyMap<string, MethodEntry>): Memory {
  const answers = { ...memory.answers };
  for (const [key, method] of Object.entries(memory.asked)) {
    if (!isObject(responses) || !Object.hasOwn(responses, key)) continue;
    const row = inputs.get(method);
    answers[key] = row === undefined ? responses[key] : fitting(row, method, key, responses[key]);
  }
  return { answers, kept: { ...memory.kept }, asked: {} };
}

/** The answer. @throws RpcError −32602 where it does not fit. */
export function fitting(row: MethodEntry, method: string, key: string, answer: unknown): unknown {
  const failures = resultFailures(row, answer);
  if (failures.length > 0)
    throw unfit(`The answer to ${method} does not fit`, below(`/params/inputResponses/${key}`, failures));
  return answer;
}
