/** What asking a client takes, loaded with the first question: most servers ask none. */

import type { CreateMessageRequestParams, CreateMessageResult, ElicitResult } from "../../generated/neutral/types.js";
import { McpWireError } from "../errors.js";
import type { AskMethod, HandlerEra, Question } from "../protocol/era.js";
import { describe } from "../protocol/fit.js";
import { checkSamplingAnswer } from "../protocol/sampling.js";
import { type FormSchema, type FormValues, formFailures } from "../schema/form.js";
import { StateFeed } from "../tasks/feed.js";
import type { AskOptions, CallContext, FormOutcome } from "./context.js";
import type { QuestionHandle } from "./question-contract.js";
import { asTask, type QuestionTask } from "./question-task.js";
import { writerFor } from "./visits.js";

export { completeVisit, requireUrl } from "./visits.js";

/** A wish for a task, with who hears of it. */
type Wish = AskOptions & { readonly begun?: (task: QuestionTask) => void };

/** What a handler asks, as the eras take it. */
export function questionOf(era: HandlerEra, method: AskMethod, params: unknown, how: Wish | undefined): Question {
  const { key, task = false, begun } = how ?? {};
  const send = task === false ? undefined : asTask(task === true ? {} : task, begun ?? (() => undefined));
  return { method, params, key, write: writerFor(era), send };
}

/** Effects of one run of a handler, by key. */
const effects = new WeakMap<CallContext, Map<string, Promise<unknown>>>();

/** Runs an effect once for the request: within one run here, in whichever era, and over several as the era keeps it. */
export function runOnce(ctx: CallContext, era: HandlerEra, key: string, run: () => unknown): Promise<unknown> {
  const known = effects.get(ctx) ?? new Map<string, Promise<unknown>>();
  effects.set(ctx, known);
  const before = known.get(key);
  if (before !== undefined) return before;
  const effect = Promise.resolve(era.keep(ctx.terms, key, run));
  known.set(key, effect);
  // What failed may be tried again.
  effect.catch(() => known.delete(key));
  return effect;
}

/** @throws McpWireError `ASK_REFUSED` where accepted values do not fit the form. */
export function readForm<S extends FormSchema>(form: S, answer: ElicitResult): FormOutcome<FormValues<S>> {
  if (answer.action !== "accept") {
    const { content: _content, ...rest } = answer;
    return rest as FormOutcome<FormValues<S>>;
  }
  const { content = {} } = answer;
  const failures = formFailures(form, content);
  if (failures.length === 0) return { ...answer, content } as unknown as FormOutcome<FormValues<S>>;
  const problem = `The answer to the form does not fit it: ${describe(failures)}.`;
  throw new McpWireError("ASK_REFUSED", problem, "Ask again, or go on without the answer.");
}

/** @throws McpWireError `ASK_REFUSED` where it is no answer to what was asked. */
export function readSample(asked: CreateMessageRequestParams, answer: CreateMessageResult): CreateMessageResult {
  const failures = checkSamplingAnswer(answer, asked);
  if (failures.length === 0) return answer;
  const problem = `The answer of the client's model is none to what was asked: ${describe(failures)}.`;
  throw new McpWireError("ASK_REFUSED", problem, "Ask again, or go on without the answer.");
}

/** Asks, and gives what follows the task; where there is none, once the question was answered. */
export function startQuestion<T>(
  how: AskOptions | undefined,
  ask: (how: AskOptions) => Promise<T>,
): Promise<QuestionHandle<T>> {
  return new Promise((resolve, reject) => {
    const { task = true } = how ?? {};
    const begun = (asked: QuestionTask): void => resolve(handleOf(asked, answer));
    const wish: Wish = { ...how, task: task === false ? true : task, begun };
    const answer = ask(wish);
    answer.then(() => resolve(handleOf(undefined, answer)), reject);
  });
}

function handleOf<T>(task: QuestionTask | undefined, answer: Promise<T>): QuestionHandle<T> {
  return {
    id: task?.id,
    get state() {
      return task?.state;
    },
    updates: task?.updates ?? new StateFeed(),
    result: () => answer,
    cancel: async () => await task?.cancel(),
  };
}
