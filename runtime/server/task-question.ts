/** The way of a task's question to a client that waits for the result of the task. Requirements TASK-47, TASK-50. */

import { RpcError, toWireError } from "../errors.js";
import { RpcCode } from "../jsonrpc/message.js";
import type { AskMethod, SendQuestion } from "../protocol/era.js";
import { related } from "../protocol/stateful/task-words.js";
import type { TaskAnswer } from "../tasks/contract.js";
import type { CallContext, Entry } from "./context.js";
import { fittingAnswer } from "./question-task.js";
import { writerFor } from "./visits.js";

/** Carries a question of a task to the client that waits for the result (TASK-47). */
export async function carry(
  { method, params }: { readonly method: string; readonly params?: unknown },
  task: string,
  { entry, terms, signal }: CallContext,
  over: AbortSignal,
): Promise<TaskAnswer | undefined> {
  const { era, call } = entry as Entry;
  try {
    const asked = related(params as object | undefined, task);
    const send: SendQuestion = (way) =>
      way.call.request(way.method, way.params, {
        // Nobody needs the answer once the task has ended, or the request that waits for it was given up.
        signal: AbortSignal.any([signal, over]),
        read: (result) => fittingAnswer(way, result),
      });
    const question = { method: method as AskMethod, params: asked, key: undefined, write: writerFor(era), send };
    return { value: await era.ask(terms, call, question) };
  } catch (error) {
    const wrong = toWireError(error, `Asking ${method}`);
    // This client is gone, or did not offer to answer: another connection of it may.
    if (signal.aborted || over.aborted || wrong.code === "CLOSED" || wrong.code === "NOT_DECLARED") return undefined;
    const { cause } = wrong;
    if (cause instanceof RpcError) {
      const { rpcCode: code, message, data } = cause;
      return { refused: data === undefined ? { code, message } : { code, message, data } };
    }
    return { refused: { code: RpcCode.InternalError, message: wrong.message } };
  }
}
