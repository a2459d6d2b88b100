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
import type { AnswerContext, Answers } from "../protocol/era.js";

type Awaitable<T> = T | Promise<T>;

/** What a client answers. A callback that is there is declared to the server; one that is not is never asked. */
export interface AnswerOptions {
  /** Shows a form to the person, who may accept, decline or cancel (ELIC-47 to ELIC-49). */
  readonly elicit?: (form: ElicitRequestFormParams, how: AnswerContext) => Awaitable<ElicitResult>;
  /** Asks the person whether to open a page, and opens it. The URL comes from the server: show it in full first (ELIC-50 to ELIC-54). */
  readonly elicitUrl?: (page: ElicitRequestURLParams, how: AnswerContext) => Awaitable<ElicitResult>;
  /** Asks the model, with a person in the loop (SAMP-32). */
  readonly sample?: (params: CreateMessageRequestParams, how: AnswerContext) => Awaitable<CreateMessageResult>;
  /** Whether `sample` takes tools. Default false. */
  readonly sampleWithTools?: boolean;
  /** The directories that the client works in, as `file://` URIs. */
  readonly roots?: readonly Root[] | (() => Awaitable<readonly Root[]>);
}

export function readAnswers(options: AnswerOptions): Answers {
  const { elicit, elicitUrl, sample, roots } = options;
  if (typeof roots === "object") onlyFiles(roots);
  return {
    ...(elicit === undefined && elicitUrl === undefined
      ? {}
      : {
          "elicitation/create": (params: ElicitRequestParams, how: AnswerContext) =>
            params.mode === "url"
              ? elicitUrl?.(params as ElicitRequestURLParams, how)
              : elicit?.(params as ElicitRequestFormParams, how),
        }),
    ...(sample === undefined ? {} : { "sampling/createMessage": sample }),
    ...(roots === undefined
      ? {}
      : { "roots/list": async () => ({ roots: onlyFiles(typeof roots === "function" ? await roots() : roots) }) }),
  };
}

/** @throws McpWireError `INVALID_USE` for a root that is no `file://` URI (ROOT-04). */
function onlyFiles(roots: readonly Root[]): readonly Root[] {
  const odd = roots.find(({ uri }) => !/^file:\/\//i.test(uri));
  if (odd === undefined) return roots;
  throw new McpWireError("INVALID_USE", `The root ${odd.uri} is no file:// URI.`, "Roots are directories and files.");
}

export function readCapabilities(options: AnswerOptions, further: ClientCapabilities | undefined): ClientCapabilities {
  const { elicit, elicitUrl, sample, sampleWithTools, roots } = options;
  return {
    ...(elicit === undefined && elicitUrl === undefined
      ? {}
      : {
          elicitation: {
            ...(elicit === undefined ? {} : { form: {} }),
            ...(elicitUrl === undefined ? {} : { url: {} }),
          },
        }),
    ...(sample === undefined ? {} : { sampling: sampleWithTools === true ? { tools: {} } : {} }),
    ...(roots === undefined ? {} : { roots: { listChanged: true } }),
    ...further,
  };
}
