/**
 * The answer to a batch: one array, sent when the last of its requests is answered.
 * JSON-RPC 2.0 section 6; requirements BASE-15 to BASE-20.
 */

import { RpcError } from "../errors.js";
import type { PeerOptions } from "./contract.js";
import type { AnswerSink } from "./incoming.js";
import { failureOf, RpcCode, type RpcFailure, type RpcResult } from "./message.js";

/** Collects the answers of one batch. */
export interface BatchAnswer {
  /** Announces one more request and gives the place for its answer. */
  expect(): AnswerSink;
  /** Adds an answer to something that was no request. */
  add(answer: RpcFailure): void;
  /** Says that the whole batch was read. */
  complete(): void;
}

/**
 * `send` is called at most once. It is not called for a batch of notifications, which has no answer, and is given an empty array
 * when every request of the batch was cancelled.
 */
export function createBatchAnswer(send: (answers: readonly (RpcResult | RpcFailure)[]) => void): BatchAnswer {
  const answers: (RpcResult | RpcFailure)[] = [];
  let expected = false;
  // One for the reading of the batch itself, so that answers given at once do not end it early.
  let open = 1;
  const close = (): void => {
    if (--open === 0 && (expected || answers.length > 0)) send(answers);
  };
  const sink: AnswerSink = (answer) => {
    if (answer !== undefined) answers.push(answer);
    close();
  };
  return {
    expect: () => {
      open++;
      expected = true;
      return sink;
    },
    add: (answer) => {
      answers.push(answer);
    },
    complete: close,
  };
}

/** Why a batch of this length cannot be taken; `undefined` when it can. */
export function batchProblem(length: number, options: PeerOptions): string | undefined {
  const { maxBatch = 1_000 } = options;
  if (options.batches?.() !== true) return "A batch came, and batches are not part of what was agreed.";
  if (length === 0) return "An empty batch came.";
  return length > maxBatch ? `A batch of ${length} messages came; the limit is ${maxBatch}.` : undefined;
}

/** An answer as it is, where it can be written as JSON: one that cannot must not cost the others theirs. */
export function writable(answer: RpcResult | RpcFailure): RpcResult | RpcFailure {
  try {
    JSON.stringify(answer);
    return answer;
  } catch {
    return unwritable(answer);
  }
}

/** What is said instead of an answer that cannot be written. */
export function unwritable({ id }: RpcResult | RpcFailure): RpcFailure {
  return failureOf(id ?? undefined, new RpcError(RpcCode.InternalError, "The result cannot be written as JSON"));
}
