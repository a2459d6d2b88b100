/** Prompts: registration, the list, and the messages. Server features, prompts; requirements PROMPT-01 to PROMPT-08. */

import type { GetPromptRequestParams, GetPromptResult, Icon, PromptMessage } from "../../generated/neutral/types.js";
import { McpWireError, RpcError } from "../errors.js";
import { isThenable } from "../jsonrpc/incoming.js";
import { RpcCode } from "../jsonrpc/message.js";
import { unfit } from "../protocol/fit.js";
import type { CompleteArgument, Completions } from "./completions.js";
import type { Context } from "./context.js";
import type { Features, Registration } from "./features.js";
import { createListing } from "./listing.js";

/** One argument of a prompt; its value is always text (PROMPT-03). */
export interface PromptArgumentOptions {
  /** Name for people. Default: the name. */
  readonly title?: string;
  /** What to give for it. */
  readonly description?: string;
  /** Whether the prompt needs it. Default false. */
  readonly required?: boolean;
  /** Suggests values while one is typed. Default: none. */
  readonly complete?: CompleteArgument;
}

export type PromptArguments = { readonly [name: string]: PromptArgumentOptions };

/** What a prompt is, beside its name and its messages. */
export interface PromptOptions<A extends PromptArguments = PromptArguments> {
  /** Name for people. Default: the name. */
  readonly title?: string;
  /** What the prompt is for. */
  readonly description?: string;
  /** The arguments by name, in the order in which they are listed. Default: none. */
  readonly arguments?: A;
  /** Pictures for people. */
  readonly icons?: readonly Icon[];
  /** Scopes that who gets it over HTTP needs; see the page on authorization. Never listed. Default: none beyond those of the server. */
  readonly scopes?: readonly string[];
  /** Listed as it is. */
  readonly _meta?: { readonly [key: string]: unknown };
}

/** The values that a handler gets: required ones are there. */
export type PromptValues<A extends PromptArguments> = {
  readonly [K in keyof A]: A[K] extends { readonly required: true } ? string : string | undefined;
};

/** What a prompt gives: the text of one message of the user, messages, or a whole result. */
export type PromptAnswer =
  | string
  | readonly PromptMessage[]
  | { readonly messages: readonly PromptMessage[]; readonly description?: string };

export type RegisterPrompt = <const A extends PromptArguments>(
  name: string,
  options: PromptOptions<A>,
  get: (values: PromptValues<A>, ctx: Context) => PromptAnswer | Promise<PromptAnswer>,
) => Registration;

interface Prompt {
  readonly name: string;
  readonly options: PromptOptions;
  readonly get: (values: { readonly [name: string]: string }, ctx: Context) => PromptAnswer | Promise<PromptAnswer>;
}

export function createPrompts(features: Features, completions: Completions, pageSize: number): RegisterPrompt {
  const prompts = createListing<Prompt>(features, "prompts", pageSize, listed);
  return (name, options, get) => {
    if (prompts.get(name) !== undefined)
      throw new McpWireError("INVALID_USE", `There is a prompt ${name} already.`, "Remove it first.");
    prompts.set(name, { name, options, get: get as Prompt["get"] });
    const completers = Object.entries(options.arguments ?? {}).flatMap(([key, { complete }]) =>
      complete === undefined ? [] : [[key, complete] as const],
    );
    const forget = completions.add("ref/prompt", name, Object.fromEntries(completers));
    features.handlers.set("prompts/list", (params) =>
      prompts.page((params as { cursor?: string } | undefined)?.cursor, ""),
    );
    features.handlers.set("prompts/get", (params, ctx) => {
      const { name: wanted, arguments: values = {} } = params as GetPromptRequestParams;
      const prompt = prompts.get(wanted);
      if (prompt === undefined) throw new RpcError(RpcCode.InvalidParams, `Unknown prompt: ${wanted}`);
      checkRequired(prompt, values);
      const answer = prompt.get(values, ctx);
      return isThenable(answer) ? answer.then((later) => resultOf(later as PromptAnswer)) : resultOf(answer);
    });
    features.announce({ type: "promptsChanged" });
    return {
      remove() {
        forget();
        if (prompts.delete(name)) features.announce({ type: "promptsChanged" });
      },
    };
  };
}

function listed({ name, options }: Prompt): object {
  const { arguments: given, scopes: _scopes, ...rest } = options;
  if (given === undefined) return { name, ...rest };
  const shown = Object.entries(given).map(([key, { complete: _complete, ...argument }]) => ({
    name: key,
    ...argument,
  }));
  return { name, ...rest, arguments: shown };
}

function checkRequired({ name, options }: Prompt, values: { readonly [name: string]: string }): void {
  const missing = Object.entries(options.arguments ?? {}).flatMap(([key, { required }]) =>
    required === true && !Object.hasOwn(values, key)
      ? [{ pointer: `/params/arguments/${key}`, expected: "string", actual: "missing" }]
      : [],
  );
  if (missing.length > 0) throw unfit(`Missing arguments of the prompt ${name}`, missing);
}

function resultOf(answer: PromptAnswer): GetPromptResult {
  if (typeof answer === "string") return { messages: [{ role: "user", content: { type: "text", text: answer } }] };
  if (Array.isArray(answer)) return { messages: answer as PromptMessage[] };
  return answer as GetPromptResult;
}
