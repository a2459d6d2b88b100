/**
 * The loop in which a client's model works with tools of this server. It only asks, runs and remembers through the context, so it is the same
 * where the handler runs again after each question: answers and results of tools are there then. Sampling with tools; SAMP-19 to SAMP-30.
 */

import type {
  CreateMessageResult,
  SamplingMessage,
  ToolResultContent,
  ToolUseContent,
} from "../../generated/neutral/types.js";
import { McpWireError } from "../errors.js";
import { blocksOf, toolUsesOf } from "../protocol/sampling.js";
import type { AgentOptions, AgentResult } from "./agent-contract.js";
import { createToolbox, type Toolbox } from "./agent-tools.js";
import type { CallContext, ContextParts, ModelQuestion } from "./context.js";

const MAX_ROUNDS = 8;
const MAX_TOKENS = 1_000;

/** What happened so far. */
interface Progress {
  readonly transcript: SamplingMessage[];
  rounds: number;
  toolCalls: number;
  tokens: number | undefined;
}

/** @param key names the agent among those of its request. */
export async function runAgent(
  ctx: CallContext,
  parts: ContextParts,
  key: string,
  options: AgentOptions,
): Promise<AgentResult> {
  const toolbox = createToolbox(ctx, parts, options.tools ?? []);
  const { maxRounds = MAX_ROUNDS } = options;
  if (!Number.isInteger(maxRounds) || maxRounds < 1)
    throw new McpWireError("INVALID_USE", `maxRounds is ${maxRounds}.`, "Give a whole number from 1.");
  const so: Progress = { transcript: firstMessages(options), rounds: 0, toolCalls: 0, tokens: undefined };
  for (;;) {
    ctx.signal.throwIfAborted();
    const round = ++so.rounds;
    const spent = isSpent(so, options);
    const last = round === maxRounds || spent;
    const answer = await ctx.sample(questionOf(options, so, toolbox, last), { key: `${key}/${round}` });
    addTokens(so, answer, options);
    const uses = toolUsesOf(answer.content);
    so.transcript.push({ role: answer.role, content: answer.content });
    const results = await runUses(ctx, toolbox, uses, `${key}/${round}`, so, options);
    if (uses.length > 0) so.transcript.push({ role: "user", content: results });
    await tell(ctx, `${key}/${round}`, options, round, answer, uses, results);
    if (uses.length === 0)
      return resultOf(so, answer, last && toolbox.size > 0 ? (spent ? "budget" : "rounds") : "answer");
  }
}

function firstMessages({ prompt, messages }: AgentOptions): SamplingMessage[] {
  if ((prompt === undefined) === (messages === undefined)) {
    const problem = "An agent begins with either `prompt` or `messages`.";
    throw new McpWireError("INVALID_USE", problem, "Give one of them.");
  }
  return prompt === undefined ? [...(messages ?? [])] : [{ role: "user", content: { type: "text", text: prompt } }];
}

function isSpent({ toolCalls, tokens = 0 }: Progress, { budget = {} }: AgentOptions): boolean {
  const { toolCalls: calls = Number.POSITIVE_INFINITY, tokens: most = Number.POSITIVE_INFINITY } = budget;
  return toolCalls >= calls || tokens >= most;
}

function questionOf(options: AgentOptions, so: Progress, toolbox: Toolbox, last: boolean): ModelQuestion {
  const { system, modelPreferences, temperature, stopSequences, metadata, maxTokens = MAX_TOKENS } = options;
  const mode = last ? "none" : so.rounds === 1 ? (options.toolChoice ?? "auto") : "auto";
  return {
    messages: [...so.transcript],
    maxTokens,
    ...(toolbox.size === 0 ? {} : { tools: [...toolbox.definitions], toolChoice: { mode } }),
    ...(system === undefined ? {} : { systemPrompt: system }),
    ...(modelPreferences === undefined ? {} : { modelPreferences }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(stopSequences === undefined ? {} : { stopSequences: [...stopSequences] }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

/** Runs what the model wishes for, all at once; wishes beyond the budget are refused, since each has to be answered (SAMP-25). */
async function runUses(
  ctx: CallContext,
  toolbox: Toolbox,
  uses: readonly ToolUseContent[],
  key: string,
  so: Progress,
  { budget }: AgentOptions,
): Promise<ToolResultContent[]> {
  const left = Math.max(0, (budget?.toolCalls ?? Number.POSITIVE_INFINITY) - so.toolCalls);
  so.toolCalls += Math.min(left, uses.length);
  return await Promise.all(
    uses.map((use, index) =>
      index < left
        ? ctx.once(`${key}/${use.id}`, () => toolbox.run(use, `${key}/${use.id}`))
        : toolbox.refuse(use, "No more tools may be run. Answer with what is known."),
    ),
  );
}

/** Tokens as clients of this package report them, in `_meta` of their answers. */
function reportedTokens({ _meta }: CreateMessageResult): number | undefined {
  const { inputTokens, outputTokens } = (_meta?.["mcpwire/usage"] ?? {}) as { [name: string]: unknown };
  const counts = [inputTokens, outputTokens].filter((count) => typeof count === "number");
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);
}

function addTokens(so: Progress, answer: CreateMessageResult, { countTokens = reportedTokens }: AgentOptions): void {
  const count = countTokens(answer);
  if (count !== undefined) so.tokens = (so.tokens ?? 0) + count;
}

/** Rounds of all agents of one request, which report as one. */
const told = new WeakMap<object, number>();

/** Once for each round, however often it is run through. */
async function tell(
  ctx: CallContext,
  key: string,
  { onRound, progress = true }: AgentOptions,
  round: number,
  answer: CreateMessageResult,
  toolUses: readonly ToolUseContent[],
  results: readonly ToolResultContent[],
): Promise<void> {
  const count = (told.get(ctx) ?? 0) + 1;
  told.set(ctx, count);
  if (onRound === undefined && !progress) return;
  await ctx.once(`${key} was told`, async () => {
    const what = toolUses.length === 0 ? "answered" : toolUses.map(({ name }) => name).join(", ");
    if (progress) ctx.progress({ progress: count, message: `round ${round}: ${what}` });
    await onRound?.({ round, answer, toolUses, results });
  });
}

function resultOf(so: Progress, answer: CreateMessageResult, ended: AgentResult["ended"]): AgentResult {
  const { rounds, toolCalls, tokens, transcript } = so;
  const texts = blocksOf(answer.content).flatMap((block) => (block.type === "text" ? [block.text] : []));
  return {
    text: texts.join(""),
    message: transcript.at(-1) as SamplingMessage,
    transcript,
    ended,
    stopReason: answer.stopReason,
    model: answer.model,
    rounds,
    toolCalls,
    tokens,
  };
}
