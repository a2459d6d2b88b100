/**
 * A client's answer to sampling, made of a provider of models, a person who approves, and limits. Sampling; requirements SAMP-13, SAMP-17,
 * SAMP-29, SAMP-32, SAMP-33, SAMP-35.
 */

import type {
  CreateMessageRequestParams,
  CreateMessageResult,
  SamplingMessage,
  SamplingMessageContentBlock,
  Tool,
} from "../../generated/neutral/types.js";
import { McpWireError, RpcError } from "../errors.js";
import type { AnswerContext } from "../protocol/era.js";
import { blocksOf, toolUsesOf } from "../protocol/sampling.js";
import { chooseModel, type ModelInfo } from "./models.js";

type Awaitable<T> = T | Promise<T>;

/** A question as a provider gets it: one model, and every message a list of blocks. */
export interface ModelRequest {
  readonly model: string;
  readonly system: string | undefined;
  readonly messages: readonly {
    readonly role: "user" | "assistant";
    readonly content: readonly SamplingMessageContentBlock[];
  }[];
  readonly maxTokens: number;
  readonly temperature: number | undefined;
  readonly stopSequences: readonly string[];
  /** Empty where the model is given none. They are the server's: a provider never runs them (SAMP-31). */
  readonly tools: readonly Tool[];
  readonly toolChoice: "auto" | "required" | "none";
  readonly metadata: object | undefined;
}

/** What a model said. */
export interface ModelAnswer {
  readonly content: readonly SamplingMessageContentBlock[] | string;
  /** Default: `toolUse` where the model wishes for tools, else `endTurn`. */
  readonly stopReason?: string;
  /** The model, where it is not the one that was asked for. */
  readonly model?: string;
  /** What it cost; told to the server in `_meta`, under `mcpwire/usage`. */
  readonly usage?: { readonly inputTokens?: number; readonly outputTokens?: number };
}

/** What an adapter to somebody's models has to do. */
export interface ModelProvider {
  /** The models to choose from, the preferred one first; never empty. */
  readonly models: readonly ModelInfo[];
  /** @param signal aborts when nobody waits for the answer any more. */
  generate(request: ModelRequest, signal: AbortSignal): Awaitable<ModelAnswer>;
}

/** A person in the loop (SAMP-32). */
export interface Approval {
  /** Looks at what a server asks: gives it, changed or not, or `false` to refuse. Tools are part of it. */
  readonly request: (
    request: CreateMessageRequestParams,
    how: AnswerContext,
  ) => Awaitable<CreateMessageRequestParams | false>;
  /** Looks at what the model said before the server gets it, the tools that it wishes for with it. Default: it is sent as it is. */
  readonly answer?: (
    answer: CreateMessageResult,
    request: CreateMessageRequestParams,
    how: AnswerContext,
  ) => Awaitable<CreateMessageResult | false>;
}

/** How much a server may use. What exceeds a limit is refused, but for `maxTokens`, which is lowered. */
export interface SamplingLimits {
  /** Questions in all. Default 100. */
  readonly requests?: number;
  /** Questions within 60 seconds. Default 30. */
  readonly perMinute?: number;
  /** Tokens of one answer. Default 4 096. */
  readonly maxTokens?: number;
  /** Tokens of all answers, as the provider reports them. Default: no limit. */
  readonly totalTokens?: number;
  /** How many times the model may have used tools in one conversation (SAMP-29). Default 20. */
  readonly rounds?: number;
}

export interface SamplerOptions {
  readonly provider: ModelProvider;
  /** Who approves; `"nobody"` sends every question to the model and every answer to the server. */
  readonly approve: Approval | "nobody";
  readonly limits?: SamplingLimits;
}

/** The callback `sample` of a client. */
export type Sampler = (params: CreateMessageRequestParams, how: AnswerContext) => Promise<CreateMessageResult>;

/** The code of the specification's example for a person's no (SAMP-33). */
const REJECTED = -1;
const MINUTE = 60_000;

/**
 * Makes the `sample` of one connection: its limits are counted over the life of what is given back.
 *
 * The result throws RpcError −1 for a person's no and for what exceeds the limits.
 * @throws McpWireError `INVALID_USE` for a provider without models, and where nobody approves and that is not said.
 */
export function createSampler({ provider, approve, limits = {} }: SamplerOptions): Sampler {
  if (provider.models.length === 0)
    throw new McpWireError("INVALID_USE", "The provider has no models.", "Give it at least one.");
  if (approve !== "nobody" && typeof (approve as Approval | undefined)?.request !== "function")
    throw new McpWireError(
      "INVALID_USE",
      "A sampler was given nobody who can approve questions.",
      'Give `approve.request`, or say that `"nobody"` does.',
    );
  const count = createCounter(limits);
  return async (params, how) => {
    count.admit(params);
    const approved = approve === "nobody" ? params : await approve.request(params, how);
    if (approved === false) throw refused("User rejected sampling request");
    const request = requestOf(approved, provider.models, Math.min(params.maxTokens, limits.maxTokens ?? 4_096));
    const answer = await provider.generate(request, how.signal);
    count.use(answer);
    const result = resultOf(answer, request.model);
    const sent = approve === "nobody" ? result : ((await approve.answer?.(result, approved, how)) ?? result);
    if (sent === false) throw refused("User rejected the answer of the model");
    return sent;
  };
}

function createCounter(limits: SamplingLimits): {
  admit(params: CreateMessageRequestParams): void;
  use(answer: ModelAnswer): void;
} {
  const { requests = 100, perMinute = 30, totalTokens = Number.POSITIVE_INFINITY, rounds = 20 } = limits;
  let recent: number[] = [];
  let asked = 0;
  let tokens = 0;
  return {
    admit({ messages }) {
      const now = performance.now();
      recent = recent.filter((time) => now - time < MINUTE);
      if (asked >= requests) throw refused(`Sampling is limited to ${requests} requests`);
      if (recent.length >= perMinute) throw refused(`Sampling is limited to ${perMinute} requests a minute`);
      if (tokens >= totalTokens) throw refused(`Sampling is limited to ${totalTokens} tokens`);
      const used = messages.filter(({ content }) => toolUsesOf(content).length > 0).length;
      if (used > rounds) throw refused(`Sampling is limited to ${rounds} rounds of tools`);
      asked++;
      recent.push(now);
    },
    use({ usage = {} }) {
      tokens += (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0);
    },
  };
}

function refused(why: string): RpcError {
  return new RpcError(REJECTED, why);
}

/** @param maxTokens never more than the server asked for, whatever was approved (SAMP-13). */
function requestOf(
  approved: CreateMessageRequestParams,
  models: readonly ModelInfo[],
  maxTokens: number,
): ModelRequest {
  const { messages, systemPrompt, temperature, stopSequences = [], tools = [], toolChoice, metadata } = approved;
  return {
    model: chooseModel(models, approved.modelPreferences) as string,
    system: systemPrompt,
    messages: messages.map(({ role, content }: SamplingMessage) => ({ role, content: blocksOf(content) })),
    maxTokens: Math.min(maxTokens, approved.maxTokens),
    temperature,
    stopSequences,
    tools,
    toolChoice: tools.length === 0 ? "none" : (toolChoice?.mode ?? "auto"),
    metadata,
  };
}

function resultOf({ content, stopReason, model, usage }: ModelAnswer, asked: string): CreateMessageResult {
  const blocks = typeof content === "string" ? [{ type: "text" as const, text: content }] : [...content];
  const uses = blocks.some(({ type }) => type === "tool_use");
  return {
    role: "assistant",
    // One block stands alone: that is how every revision has it (SAMP-10).
    content: blocks.length === 1 ? (blocks[0] as SamplingMessageContentBlock) : blocks,
    model: model ?? asked,
    stopReason: stopReason ?? (uses ? "toolUse" : "endTurn"),
    ...(usage === undefined ? {} : { _meta: { "mcpwire/usage": usage } }),
  };
}
