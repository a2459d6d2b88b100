/** The callbacks by which a client answers servers, and the capabilities that follow from them (LIFE-39). */

import type {
  ClientCapabilities,
  CreateMessageRequestParams,
  CreateMessageResult,
  ElicitRequestFormParams,
  ElicitRequestParams,
  ElicitRequestURLParams,
  ElicitResult,
  Root,
} from "../../generated/neutral/types.js";
import { McpWireError } from "../errors.js";
import { badAnswer } from "../protocol/answering.js";
import type { AnswerContext, Answers, AnswerTasks } from "../protocol/era.js";
import { below } from "../protocol/verdict.js";
import { type FormSchema, type FormValue, formFailures, withDefaults } from "../schema/form.js";
import type { AskUrl, VisitLimits, Visits } from "./visits.js";

type Awaitable<T> = T | Promise<T>;

/** What a client answers. A callback that is there is declared to the server; one that is not is never asked. */
export interface AnswerOptions extends VisitLimits {
  /** Shows a form to the person, who may accept, decline or cancel (ELIC-47 to ELIC-49). */
  readonly elicit?: (form: ElicitRequestFormParams, how: AnswerContext) => Awaitable<FormAnswer>;
  /**
   * Whether an accepted form gets the defaults of the fields that the answer leaves out (ELIC-32). A member that is there and `undefined`
   * was emptied on purpose, and stays empty. Default true.
   */
  readonly applyDefaults?: boolean;
  /**
   * Asks the person whether to open a page, and opens it. The address comes from the server: show it in full first (ELIC-50 to ELIC-54).
   * One that is neither https nor of this machine, or that is written to mislead, is declined without asking, and goes to `onerror`.
   */
  readonly elicitUrl?: AskUrl;
  /** Asks the model, with a person in the loop (SAMP-32). */
  readonly sample?: (params: CreateMessageRequestParams, how: AnswerContext) => Awaitable<CreateMessageResult>;
  /** Whether `sample` takes tools. Default false. */
  readonly sampleWithTools?: boolean;
  /** Whether `sample` adds the context of servers where it is asked to (`includeContext`). Default false. */
  readonly sampleWithContext?: boolean;
  /**
   * Whether servers may ask for answers of `elicit`, `elicitUrl` and `sample` as tasks of this client, in the revision that has those: the
   * server gets an id at once, and the callback takes its time. With limits, where the defaults do not do. Default false.
   */
  readonly answerAsTasks?: boolean | AnswerTaskOptions;
  /** The directories that the client works in, as `file://` URIs. */
  readonly roots?: readonly Root[] | (() => Awaitable<readonly Root[]>);
}

/** How long a client keeps answers that servers want as tasks, and how many. */
export interface AnswerTaskOptions {
  /** Milliseconds that a task and its answer are kept where the server does not say. Default 3 600 000. */
  readonly ttlMs?: number;
  /** Milliseconds that a task is kept at most; `Infinity` for no bound. Default 86 400 000. */
  readonly maxTtlMs?: number;
  /** Milliseconds that servers are told to leave between two looks, at most. Default 500. */
  readonly pollMs?: number;
  /** Tasks at once; more are refused. Default 1 000. */
  readonly maxTasks?: number;
}

/** What a person made of a form: its values by field, or no. */
export type FormAnswer = Omit2<ElicitResult, "content"> & {
  readonly content?: { [field: string]: FormValue | readonly string[] | undefined } | undefined;
};

/** `Omit` that leaves the other members of open types as they are. */
type Omit2<T, K extends PropertyKey> = { [P in keyof T as P extends K ? never : P]: T[P] };

/** Answers as tasks of the client, loaded with the first; `undefined` where none are taken. */
export function readAnswerTasks(
  { answerAsTasks = false }: AnswerOptions,
  report: (error: McpWireError) => void,
): (AnswerTasks & { close(): Promise<void> }) | undefined {
  if (answerAsTasks === false) return undefined;
  const options = answerAsTasks === true ? {} : answerAsTasks;
  const load = async () => (await import("./answer-tasks.js")).createOwnTasks(options, report);
  let own: ReturnType<typeof load> | undefined;
  const loaded = (): ReturnType<typeof load> => {
    own ??= load();
    return own;
  };
  return {
    start: async (task) => (await loaded()).start(task),
    answer: async (method, params, signal) => (await loaded()).answer(method, params, signal),
    close: async () => (await own)?.close(),
  };
}

export function readAnswers(options: AnswerOptions, visits: Visits | undefined): Answers {
  const { elicit, elicitUrl, sample, roots } = options;
  if (typeof roots === "object") onlyFiles(roots);
  return {
    ...(elicit === undefined && elicitUrl === undefined
      ? {}
      : {
          "elicitation/create": (params: ElicitRequestParams, how: AnswerContext) =>
            params.mode === "url"
              ? visits?.answer(params as ElicitRequestURLParams, how)
              : askForm(options, params as ElicitRequestFormParams, how),
        }),
    ...(sample === undefined ? {} : { "sampling/createMessage": sample }),
    ...(roots === undefined
      ? {}
      : { "roots/list": async () => ({ roots: onlyFiles(typeof roots === "function" ? await roots() : roots) }) }),
  };
}

/**
 * Shows the form, and gives the answer as it may leave: with defaults, fitting the form, and with content only where it was accepted.
 * @throws McpWireError `BAD_ANSWER`
 */
async function askForm(options: AnswerOptions, params: ElicitRequestFormParams, how: AnswerContext): Promise<unknown> {
  const answer = await options.elicit?.(params, how);
  // What is no answer at all is told by the guard.
  if (answer?.action !== "accept") {
    const { content: _content, ...rest } = { ...answer };
    return rest;
  }
  const form = params.requestedSchema as FormSchema;
  const given = answer.content ?? {};
  const content = options.applyDefaults === false ? withDefaults(NO_FIELDS, given) : withDefaults(form, given);
  const failures = formFailures(form, content);
  if (failures.length > 0) throw badAnswer("elicitation/create", below("/content", failures));
  return { ...answer, content };
}

const NO_FIELDS: FormSchema = { type: "object", properties: {} };

/** @throws McpWireError `INVALID_USE` for a root that is no `file://` URI (ROOT-04). */
function onlyFiles(roots: readonly Root[]): readonly Root[] {
  const odd = roots.find(({ uri }) => !/^file:\/\//i.test(uri));
  if (odd === undefined) return roots;
  throw new McpWireError("INVALID_USE", `The root ${odd.uri} is no file:// URI.`, "Roots are directories and files.");
}

/** What a client declares that answers as tasks (TASK-03). */
function taskCapabilities({ elicit, elicitUrl, sample, answerAsTasks = false }: AnswerOptions): ClientCapabilities {
  const elicits = elicit !== undefined || elicitUrl !== undefined;
  if (answerAsTasks === false || (!elicits && sample === undefined)) return {};
  const requests = {
    ...(elicits ? { elicitation: { create: {} } } : {}),
    ...(sample === undefined ? {} : { sampling: { createMessage: {} } }),
  };
  return { tasks: { list: {}, cancel: {}, requests } };
}

export function readCapabilities(options: AnswerOptions, further: ClientCapabilities | undefined): ClientCapabilities {
  const { elicit, elicitUrl, sample, sampleWithTools, sampleWithContext, roots } = options;
  return {
    ...(elicit === undefined && elicitUrl === undefined
      ? {}
      : {
          elicitation: {
            ...(elicit === undefined ? {} : { form: {} }),
            ...(elicitUrl === undefined ? {} : { url: {} }),
          },
        }),
    ...(sample === undefined
      ? {}
      : {
          sampling: {
            ...(sampleWithTools === true ? { tools: {} } : {}),
            ...(sampleWithContext === true ? { context: {} } : {}),
          },
        }),
    ...(roots === undefined ? {} : { roots: { listChanged: true } }),
    ...taskCapabilities(options),
    ...further,
  };
}
