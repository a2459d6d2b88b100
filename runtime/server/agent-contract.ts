/** What handlers say to `ctx.agent` and hear from it; the loop itself is loaded when it is first used. */

import type {
  CreateMessageResult,
  ModelPreferences,
  SamplingMessage,
  ToolResultContent,
  ToolUseContent,
} from "../../generated/neutral/types.js";
import type { Infer, UserSchema } from "../schema/user-schema.js";
import type { ToolAnswer } from "./tools.js";

/** A tool of one agent, which no client sees in a list. */
export interface AgentToolOptions<I extends UserSchema = UserSchema> {
  readonly name: string;
  readonly title?: string;
  /** What it is for: the model chooses by it. */
  readonly description?: string;
  /** Schema of the arguments; what does not fit is told to the model. Default: none are taken. */
  readonly input?: I;
  /**
   * Runs the tool. What it throws is told to the model. It may run beside others, and cannot ask the client.
   * @param signal aborts when nobody waits for the answer any more.
   */
  run(args: Infer<I>, signal: AbortSignal): ToolAnswer | Promise<ToolAnswer>;
}

/** A tool of one agent, once its schema has been read off its arguments. */
export interface AgentTool extends Omit<AgentToolOptions, "run"> {
  run(args: unknown, signal: AbortSignal): ToolAnswer | Promise<ToolAnswer>;
}

/** Makes a tool for agents, with the arguments of `run` typed by its schema. */
export function createAgentTool<const I extends UserSchema>(tool: AgentToolOptions<I>): AgentTool {
  return tool as AgentToolOptions as AgentTool;
}

/** How an agent works. */
export interface AgentOptions {
  /** What the model is to do: one message of the user. Give this or `messages`. */
  readonly prompt?: string;
  /** The conversation to begin with. */
  readonly messages?: readonly SamplingMessage[];
  /** The system prompt that the server would like. */
  readonly system?: string;
  /** Tools of the agent's own, of `createAgentTool`, and names of tools that are registered on this server. */
  readonly tools?: readonly (AgentTool | string)[];
  /** Whether the first answer may, must or must not wish for tools. Default `"auto"`; later answers may. */
  readonly toolChoice?: "auto" | "required" | "none";
  /** How often the model is asked; the last time it may not wish for tools, so that it answers (SAMP-29). Default 8. */
  readonly maxRounds?: number;
  /** The most tokens of one answer. Default 1 000. */
  readonly maxTokens?: number;
  /** What may be used up before the model has to answer. Default: no bound but `maxRounds`. */
  readonly budget?: AgentBudget;
  /** Tokens that one answer cost. Default: what this package's clients report (`mcpwire/usage` in `_meta`), else unknown. */
  readonly countTokens?: (answer: CreateMessageResult) => number | undefined;
  /** What matters in the choice of a model; the client chooses. */
  readonly modelPreferences?: ModelPreferences;
  readonly temperature?: number;
  readonly stopSequences?: readonly string[];
  /** Passed to the provider of the model as it is. */
  readonly metadata?: object;
  /** Hears of each round, once. */
  readonly onRound?: (round: AgentRound) => void | Promise<void>;
  /** Whether rounds are reported as progress of the request. Default true. */
  readonly progress?: boolean;
  /**
   * A name for the agent: the same in every run, and its own. Default: counted in the order in which agents start. Needed where agents start
   * after something that may take longer in one run than in another.
   */
  readonly key?: string;
}

/** What an agent may use up. */
export interface AgentBudget {
  /** Runs of tools. Wishes beyond are told to the model as refused. */
  readonly toolCalls?: number;
  /** Tokens, where they are known. The round that exceeds it is the last but one. */
  readonly tokens?: number;
}

/** One question to the model, and what was done for it. */
export interface AgentRound {
  /** From 1. */
  readonly round: number;
  readonly answer: CreateMessageResult;
  readonly toolUses: readonly ToolUseContent[];
  /** In the order of the wishes. */
  readonly results: readonly ToolResultContent[];
}

export interface AgentResult {
  /** The text of the last message. */
  readonly text: string;
  /** The last message. */
  readonly message: SamplingMessage;
  /** The whole conversation, the last message with it. */
  readonly transcript: readonly SamplingMessage[];
  /** Whether the model was done by itself, or had to answer because rounds or budget were used up. */
  readonly ended: "answer" | "rounds" | "budget";
  readonly stopReason: string | undefined;
  /** The model that answered last. */
  readonly model: string;
  /** How often the model was asked. */
  readonly rounds: number;
  /** How many tools were run. */
  readonly toolCalls: number;
  /** Tokens of all answers; `undefined` where no answer told. */
  readonly tokens: number | undefined;
}
