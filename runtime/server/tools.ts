/** Tools: registration, the list, and calls with checked input and output. Server features, tools; requirements TOOL-01 to TOOL-28. */

import type {
  CallToolRequestParams,
  CallToolResult,
  ContentBlock,
  Tool as Described,
  Icon,
  ToolAnnotations,
} from "../../generated/neutral/types.js";
import { McpWireError, RpcError } from "../errors.js";
import { isThenable } from "../jsonrpc/incoming.js";
import { RpcCode } from "../jsonrpc/message.js";
import { describe, unfit } from "../protocol/fit.js";
import { type ParamHeader, readParamHeaders } from "../protocol/param-headers.js";
import { taskFormIn } from "../protocol/task-facts.js";
import type { Check, Checked, JsonSchema } from "../schema/json-schema.js";
import { type Infer, readSchema, type UserSchema } from "../schema/user-schema.js";
import type { CallContext, Context } from "./context.js";
import type { Features, Registration } from "./features.js";
import { createListing } from "./listing.js";
import type { TaskTool } from "./task-ends.js";

/** What a tool is, beside its name and what it does. */
export interface ToolOptions<I extends UserSchema = UserSchema, O extends UserSchema = UserSchema> {
  /** Name for people. Default: the name. */
  readonly title?: string;
  /** Tells the model when and how to call it. */
  readonly description?: string;
  /** Schema of the arguments. Default: none are taken. */
  readonly input?: I;
  /** Schema of `structuredContent`. */
  readonly output?: O;
  /** Hints on what a call does, such as `readOnlyHint`; clients need not believe them. */
  readonly annotations?: ToolAnnotations;
  /** Pictures for people. */
  readonly icons?: readonly Icon[];
  /**
   * Whether calls are run as tasks where revision and client have them: if the client can (`"optional"`), or else not at all
   * (`"required"`). Default: never. See the page on tasks.
   */
  readonly task?: "optional" | "required";
  /** Whether a task may run again from its beginning when the process that ran it is gone; `ctx.once` keeps what must not. Default false. */
  readonly restartable?: boolean;
  /** Scopes that who calls it over HTTP needs; see the page on authorization. Never listed. Default: none beyond those of the server. */
  readonly scopes?: readonly string[];
  /** Listed as it is. */
  readonly _meta?: { readonly [key: string]: unknown };
}

/** What a tool answers: text, content blocks, or a whole result. With an output schema, the text is made where there is none. */
export type ToolAnswer<O = unknown> =
  | string
  | readonly ContentBlock[]
  | (Partial<Pick<CallToolResult, "content" | "isError">> & {
      readonly structuredContent?: O;
      readonly _meta?: { readonly [key: string]: unknown };
    });

export type ToolHandler<A, O> = (args: A, ctx: Context) => ToolAnswer<O> | Promise<ToolAnswer<O>>;

interface Tool {
  readonly name: string;
  readonly options: ToolOptions;
  readonly inputJson: JsonSchema;
  readonly outputJson: JsonSchema | undefined;
  readonly checkInput: Check;
  readonly checkOutput: Check | undefined;
  readonly paramHeaders: readonly ParamHeader[];
  readonly handler: ToolHandler<unknown, unknown>;
  /** The tool for those who make tasks of its calls. */
  readonly asTask: TaskTool;
}

export type RegisterTool = <const I extends UserSchema, const O extends UserSchema>(
  name: string,
  options: ToolOptions<I, O>,
  handler: ToolHandler<Infer<I>, Infer<O>>,
) => Registration;

const NO_ARGUMENTS: JsonSchema = { type: "object", additionalProperties: false };

/** Names that every client can use (SEP-986); others are taken with a warning. */
const NAME = /^[A-Za-z0-9_.-]{1,128}$/;

export function createTools(features: Features, pageSize: number, warn: (problem: string) => void): RegisterTool {
  const tools = createListing<Tool>(features, "tools", pageSize, listed);
  return (name, options, handler) => {
    if (tools.get(name) !== undefined)
      throw new McpWireError(
        "INVALID_USE",
        `There is a tool ${name} already.`,
        "Remove it first, or choose another name.",
      );
    if (!NAME.test(name)) warn(`The tool name ${JSON.stringify(name)} is not 1 to 128 of A-Z a-z 0-9 _ . -`);
    tools.set(name, readTool(name, options, handler as ToolHandler<unknown, unknown>));
    features.handlers.set("tools/list", (params, ctx) =>
      tools.page((params as { cursor?: string } | undefined)?.cursor, variantOf(ctx)),
    );
    if (options.task !== undefined) features.useTasks((called) => tools.get(called)?.asTask);
    features.handlers.set("tools/call", (params, ctx) => {
      const { name: called, arguments: given, task } = params as CallToolRequestParams;
      const tool = tools.get(called);
      if (tool === undefined) throw new RpcError(RpcCode.InvalidParams, `Unknown tool: ${called}`);
      if (features.tasks !== undefined && (tool.options.task ?? task) !== undefined)
        return features.tasks.call(tool.asTask, params, ctx);
      const checked = tool.checkInput(given ?? {});
      return isThenable(checked) ? checked.then((later) => run(tool, later, ctx)) : run(tool, checked, ctx);
    });
    features.paramHeaders = (called) => tools.get(called)?.paramHeaders;
    features.describeTool = (called) => {
      const tool = tools.get(called);
      return tool === undefined ? undefined : (listed(tool, "objects") as Described);
    };
    features.announce({ type: "toolsChanged" });
    return {
      remove() {
        if (tools.delete(name)) features.announce({ type: "toolsChanged" });
      },
    };
  };
}

function readTool(name: string, options: ToolOptions, handler: Tool["handler"]): Tool {
  const input = readSchema(options.input ?? NO_ARGUMENTS, "input");
  const output = options.output === undefined ? undefined : readSchema(options.output, "output");
  if (input.json.type !== "object") {
    const problem = `The input schema of the tool ${name} does not have \`type: "object"\` at its root.`;
    throw new McpWireError("BAD_SCHEMA", problem, "Arguments are always an object: wrap the value in one.");
  }
  const mirrored = readParamHeaders(input.json);
  if (!mirrored.ok) {
    const problem = `The input schema of the tool ${name} mirrors a parameter wrongly at ${mirrored.pointer}: ${mirrored.reason}.`;
    throw new McpWireError("BAD_SCHEMA", problem, "Clients would drop the tool: mend its x-mcp-header.");
  }
  const { task: support = "forbidden", restartable = false } = options;
  const tool: Tool = {
    name,
    options,
    inputJson: input.json,
    outputJson: output?.json,
    checkInput: input.check,
    checkOutput: output?.check,
    paramHeaders: mirrored.headers,
    handler,
    asTask: { name, support, restartable, check: input.check, run: (checked, ctx) => run(tool, checked, ctx) },
  };
  return tool;
}

/** Output schemas of any root are listed only where structured content can be of any type; tasks where clients ask for them. */
function variantOf(ctx: CallContext): string {
  if (ctx.traits.anyStructuredContent) return "any";
  return taskFormIn(ctx.revision) === undefined ? "objects" : "tasks";
}

function listed({ name, options, inputJson, outputJson }: Tool, variant: string): object {
  const { input: _input, output: _output, task, restartable: _restartable, scopes: _scopes, ...rest } = options;
  const execution = variant === "tasks" && task !== undefined ? { execution: { taskSupport: task } } : {};
  const shown = outputJson !== undefined && (variant === "any" || outputJson.type === "object");
  return { name, ...rest, ...execution, inputSchema: inputJson, ...(shown ? { outputSchema: outputJson } : {}) };
}

function run(tool: Tool, checked: Checked, ctx: CallContext): unknown {
  if (!checked.ok) {
    if (!ctx.traits.argumentErrorsAsResults) throw unfit(`Invalid arguments for ${tool.name}`, checked.failures);
    return failed(`Invalid arguments for ${tool.name}: ${checked.failures.map((one) => describe([one])).join("; ")}`);
  }
  let answer: unknown;
  try {
    answer = tool.handler(checked.value, ctx);
  } catch (error) {
    return failedBy(error);
  }
  if (!isThenable(answer)) return finish(tool, answer as ToolAnswer, ctx);
  return answer.then((value) => finish(tool, value as ToolAnswer, ctx), failedBy);
}

/** What goes wrong inside a tool is for the model to see; only errors of the protocol are errors of the request (TOOL-23). */
function failedBy(error: unknown): CallToolResult {
  if (error instanceof RpcError) throw error;
  return failed(error instanceof Error ? error.message : String(error));
}

function failed(text: string): CallToolResult {
  return { content: [{ type: "text", text }], isError: true };
}

function finish(tool: Tool, answer: ToolAnswer, ctx: CallContext): unknown {
  if (typeof answer === "string") return finishResult(tool, { content: [{ type: "text", text: answer }] }, ctx);
  if (Array.isArray(answer)) return finishResult(tool, { content: answer as ContentBlock[] }, ctx);
  return finishResult(tool, answer as Partial<CallToolResult>, ctx);
}

function finishResult(tool: Tool, result: Partial<CallToolResult>, ctx: CallContext): unknown {
  if (tool.checkOutput === undefined || result.isError === true) return complete(result, ctx);
  if (result.structuredContent === undefined) throw unfitOutput(tool, "it has no structuredContent");
  const judge = (checked: Checked): unknown => {
    if (!checked.ok) throw unfitOutput(tool, describe(checked.failures));
    return complete(result, ctx);
  };
  const checked = tool.checkOutput(result.structuredContent);
  return isThenable(checked) ? checked.then(judge) : judge(checked);
}

/** The text that says the same as the structured content, for clients that do not read it (TOOL-17, TOOL-19). */
function complete(result: Partial<CallToolResult>, ctx: CallContext): Partial<CallToolResult> {
  const { structuredContent } = result;
  if (structuredContent === undefined) return result;
  const content = result.content ?? [{ type: "text", text: JSON.stringify(structuredContent) }];
  const isObject =
    typeof structuredContent === "object" && structuredContent !== null && !Array.isArray(structuredContent);
  if (isObject || ctx.traits.anyStructuredContent) return { ...result, content };
  const { structuredContent: _left, ...rest } = result;
  return { ...rest, content };
}

function unfitOutput(tool: Tool, why: string): McpWireError {
  const problem = `The output of the tool ${tool.name} does not fit its schema: ${why}.`;
  return new McpWireError("INVALID_RESULT", problem, "Mend the tool, or its `output`.");
}
