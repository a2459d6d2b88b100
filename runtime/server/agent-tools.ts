/** The tools of one agent: what the model is told of them, and how a wish for one becomes a result. Whatever goes wrong is told to the model. */

import type {
  CallToolResult,
  ContentBlock,
  Tool,
  ToolResultContent,
  ToolUseContent,
} from "../../generated/neutral/types.js";
import { McpWireError } from "../errors.js";
import { isObject } from "../protocol/envelope.js";
import { describe } from "../protocol/fit.js";
import { unfitResult } from "../protocol/sampling.js";
import type { Check } from "../schema/json-schema.js";
import { readSchema } from "../schema/user-schema.js";
import type { AgentTool } from "./agent-contract.js";
import type { CallContext, ContextParts } from "./context.js";
import { createToolContext } from "./tool-context.js";
import type { ToolAnswer } from "./tools.js";

export interface Toolbox {
  readonly size: number;
  readonly definitions: readonly Tool[];
  /** What came of a wish. `key` names it among all of the request. */
  run(use: ToolUseContent, key: string): Promise<ToolResultContent>;
  /** The result of a wish that is not granted. */
  refuse(use: ToolUseContent, why: string): ToolResultContent;
}

interface Entry {
  readonly definition: Tool;
  run(args: object, key: string): Promise<Partial<CallToolResult>>;
}

const NO_ARGUMENTS = { type: "object", additionalProperties: false };

/** @throws McpWireError `INVALID_USE` for what is no tool, for one that is not registered, and for two of one name. */
export function createToolbox(ctx: CallContext, parts: ContextParts, tools: readonly (AgentTool | string)[]): Toolbox {
  const entries = new Map<string, Entry>();
  for (const tool of tools) {
    const entry = typeof tool === "string" ? registered(tool, ctx, parts) : own(tool, ctx);
    const { name } = entry.definition;
    if (entries.has(name))
      throw new McpWireError("INVALID_USE", `An agent has two tools ${name}.`, "Give each a name of its own.");
    entries.set(name, entry);
  }
  return {
    size: entries.size,
    definitions: [...entries.values()].map(({ definition }) => definition),
    async run(use, key) {
      const entry = entries.get(use.name);
      if (entry === undefined) return resultOf(use, failed(`Unknown tool: ${use.name}`), ctx);
      try {
        const given = await entry.run(use.input, key);
        const why = oddityOf(given) ?? unfitResult(resultOf(use, given, ctx), ctx.revision);
        if (why === undefined) return resultOf(use, given, ctx);
        parts.facts.report(noResult(use.name, why));
        return resultOf(use, failed(`${use.name} gave no result.`), ctx);
      } catch (error) {
        // Who gave the request up gets no result that says so.
        ctx.signal.throwIfAborted();
        return resultOf(use, failed(error instanceof Error ? error.message : String(error)), ctx);
      }
    },
    refuse: (use, why) => resultOf(use, failed(why), ctx),
  };
}

/** Members of which an answer has at least one, unless it is empty. */
const MEMBERS = ["content", "structuredContent", "isError", "_meta"];

/** Why what a tool gave is no answer at all; `undefined` where it may be one. */
function oddityOf(given: unknown): string | undefined {
  const names = isObject(given) ? Object.keys(given) : undefined;
  if (names !== undefined && (names.length === 0 || names.some((name) => MEMBERS.includes(name)))) return undefined;
  const actual = given === null ? "null" : typeof given;
  return `it should be text, content blocks, or an object with ${MEMBERS.join(", ")}, is ${actual}`;
}

function noResult(name: string, why: string): McpWireError {
  const problem = `The tool ${name} of an agent gave no result: ${why}.`;
  return new McpWireError("INVALID_RESULT", problem, "Mend the tool; the model was told that there is none.");
}

/** A tool of the server, called as a client calls it: checked, and through everything that stands around calls. */
function registered(name: string, ctx: CallContext, parts: ContextParts): Entry {
  const described = parts.tools.describe(name);
  if (described === undefined) {
    const problem = `An agent was given the tool ${name}, which is not registered.`;
    throw new McpWireError("INVALID_USE", problem, "Register it, or give a tool of `createAgentTool`.");
  }
  const { title, description, inputSchema } = described;
  return {
    definition: defined({ name, title, description, inputSchema }),
    async run(args, key) {
      // The request came for the tool that has the agent: what that may do, others may not by it.
      const scopes = parts.tools.definitions.get("tools")?.get(name)?.options.scopes ?? [];
      if (scopes.length > 0 && ctx.origin?.allows(scopes) === false)
        return failed(`The caller may not use ${name}: it needs the scopes ${scopes.join(", ")}.`);
      return (await parts.tools.call(name, args, createToolContext(ctx, key))) as CallToolResult;
    },
  };
}

function own(tool: AgentTool, ctx: CallContext): Entry {
  const { name, title, description } = tool;
  if (typeof name !== "string" || name === "" || typeof tool.run !== "function") {
    const problem = "An agent was given what is no tool: it has no `name`, or nothing to `run`.";
    throw new McpWireError("INVALID_USE", problem, "Give tools of `createAgentTool`, or names of registered ones.");
  }
  const { json, check } = readSchema(tool.input ?? NO_ARGUMENTS, "input");
  return {
    definition: defined({ name, title, description, inputSchema: json as Tool["inputSchema"] }),
    run: (args) => checkAndRun(tool, check, args, ctx),
  };
}

function defined(tool: Tool): Tool {
  return Object.fromEntries(Object.entries(tool).filter(([, value]) => value !== undefined)) as unknown as Tool;
}

async function checkAndRun(
  tool: AgentTool,
  check: Check,
  args: object,
  ctx: CallContext,
): Promise<Partial<CallToolResult>> {
  const checked = await check(args);
  if (!checked.ok)
    return failed(`Invalid arguments for ${tool.name}: ${checked.failures.map((one) => describe([one])).join("; ")}`);
  return answered(await tool.run(checked.value, ctx.signal));
}

function answered(answer: ToolAnswer): Partial<CallToolResult> {
  if (typeof answer === "string") return { content: [{ type: "text", text: answer }] };
  if (Array.isArray(answer)) return { content: answer as ContentBlock[] };
  return answer as Partial<CallToolResult>;
}

function failed(text: string): Partial<CallToolResult> {
  return { content: [{ type: "text", text }], isError: true };
}

/** A result for the model; structured content that the revision cannot carry is there as text. */
function resultOf(use: ToolUseContent, result: Partial<CallToolResult>, ctx: CallContext): ToolResultContent {
  const { structuredContent, isError, _meta } = result;
  const content = result.content ?? [];
  const text =
    structuredContent === undefined ? [] : [{ type: "text" as const, text: JSON.stringify(structuredContent) }];
  const isRecord =
    typeof structuredContent === "object" && structuredContent !== null && !Array.isArray(structuredContent);
  return {
    type: "tool_result",
    toolUseId: use.id,
    content: content.length === 0 ? text : content,
    ...(structuredContent !== undefined && (isRecord || ctx.traits.anyStructuredContent) ? { structuredContent } : {}),
    ...(isError === true ? { isError } : {}),
    ...(_meta === undefined ? {} : { _meta }),
  };
}
