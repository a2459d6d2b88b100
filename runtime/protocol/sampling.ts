/**
 * The rules of conversations with a model that no schema says: who may use tools and who answers, in which order, and that every use is
 * answered once. Both sides keep them. Sampling; requirements SAMP-11, SAMP-19 to SAMP-28.
 */

import type { MethodEntry } from "../../generated/method-table.js";
import type {
  CreateMessageRequestParams,
  CreateMessageResult,
  SamplingMessage,
  SamplingMessageContentBlock,
  ToolResultContent,
  ToolUseContent,
} from "../../generated/neutral/types.js";
import { explainWith, type Failure } from "../../generated/prelude.js";
import { type Revision, tables } from "../../generated/revisions.js";
import { describe } from "./fit.js";

type Block = SamplingMessageContentBlock;
type Content = SamplingMessage["content"];

/** The blocks of a message, which may be one or a list (SAMP-11). */
export function blocksOf(content: Content): readonly Block[] {
  return Array.isArray(content) ? (content as readonly Block[]) : [content as Block];
}

/** The tools that a model wishes to use. */
export function toolUsesOf(content: Content): readonly ToolUseContent[] {
  return blocksOf(content).filter((block) => block.type === "tool_use");
}

/**
 * What is wrong with the order of messages; empty where nothing is. Uses of tools are the assistant's, their results the user's; a message
 * with uses is followed at once by one of nothing but results, one for each use.
 */
export function checkSamplingMessages(messages: readonly SamplingMessage[]): Failure[] {
  const found: Failure[] = [];
  let open: ReadonlySet<string> = new Set();
  for (const [index, message] of messages.entries()) {
    const pointer = `/messages/${index}`;
    found.push(...misplaced(message, pointer));
    found.push(...resultFailures(message, open, pointer));
    open = new Set(message.role === "assistant" ? toolUsesOf(message.content).map(({ id }) => id) : []);
  }
  if (open.size > 0) found.push(at(`/messages/${messages.length}`, `results for ${named(open)}`, "missing"));
  return found;
}

/** Blocks in messages of the wrong side, and results beside anything else. */
function misplaced({ role, content }: SamplingMessage, pointer: string): Failure[] {
  const blocks = blocksOf(content);
  const place = (index: number): string => `${pointer}/content${Array.isArray(content) ? `/${index}` : ""}`;
  const results = blocks.some(({ type }) => type === "tool_result");
  const seen = new Set<string>();
  return blocks.flatMap((block, index): Failure[] => {
    if (block.type === "tool_use") {
      if (role !== "assistant") return [at(place(index), "tool_use in messages of the assistant alone", role)];
      if (seen.has(block.id)) return [at(`${place(index)}/id`, "an id of its own", block.id)];
      seen.add(block.id);
      return [];
    }
    if (block.type === "tool_result")
      return role === "user" ? [] : [at(place(index), "tool_result in messages of the user alone", role)];
    return results ? [at(place(index), "nothing beside tool_result", block.type)] : [];
  });
}

/** Results against the uses of the message before. */
function resultFailures(message: SamplingMessage, open: ReadonlySet<string>, pointer: string): Failure[] {
  const waiting = new Set(open);
  const found: Failure[] = [];
  const blocks = message.role === "user" ? blocksOf(message.content) : [];
  for (const [index, block] of blocks.entries()) {
    if (block.type !== "tool_result" || waiting.delete(block.toolUseId)) continue;
    const place = `${pointer}/content${Array.isArray(message.content) ? `/${index}` : ""}/toolUseId`;
    const expected = open.has(block.toolUseId) ? "one result for each tool_use" : "the id of a tool_use just before";
    found.push(at(place, expected, block.toolUseId));
  }
  if (waiting.size > 0) found.push(at(pointer, `results for ${named(waiting)}`, "missing"));
  return found;
}

/** What is wrong with an answer, beside its form, to this question; empty where nothing is. */
export function checkSamplingAnswer(
  answer: CreateMessageResult,
  asked: Pick<CreateMessageRequestParams, "tools" | "toolChoice">,
): Failure[] {
  const uses = toolUsesOf(answer.content);
  const mode = asked.toolChoice?.mode ?? "auto";
  const found = misplaced({ role: answer.role, content: answer.content }, "");
  if (blocksOf(answer.content).some(({ type }) => type === "tool_result"))
    found.push(at("/content", "no tool_result: these are the server's", "tool_result"));
  if (uses.length > 0 && (asked.tools ?? []).length === 0)
    found.push(at("/content", "no tools: none were given", "tool_use"));
  else if (uses.length > 0 && mode === "none") found.push(at("/content", "no tools: the choice was none", "tool_use"));
  if (uses.length === 0 && mode === "required") found.push(at("/content", "tool_use: the choice was required", "none"));
  if (uses.length === 0 && answer.stopReason === "toolUse")
    found.push(at("/content", "tool_use, as stopReason says", "none"));
  return found;
}

/** What is wrong with a question beside its form. */
export function checkSamplingQuestion(params: CreateMessageRequestParams): Failure[] {
  const found = checkSamplingMessages(params.messages);
  if (params.toolChoice?.mode === "required" && (params.tools ?? []).length === 0)
    found.push(at("/tools", "the tools of which one is required", "none"));
  return found;
}

/** Why a model cannot be told of what came of a tool, in this revision; `undefined` where it can. */
export function unfitResult(result: ToolResultContent, revision: Revision): string | undefined {
  const guard = tables[revision].methods["sampling/createMessage"]?.isParams;
  const asked = { maxTokens: 1, messages: [{ role: "user", content: [result] }] };
  if (guard === undefined || guard(asked)) return undefined;
  const place = "/messages/0/content/0";
  return describe(explainWith(guard, asked).map((one) => ({ ...one, pointer: one.pointer.replace(place, "") })));
}

/** A question as an older revision has it: a message of several blocks is as many messages of one (SAMP-10, SAMP-11). */
export function singleBlocks(row: MethodEntry, params: CreateMessageRequestParams): CreateMessageRequestParams {
  if (!params.messages.some(({ content }) => Array.isArray(content)) || (row.isParams?.(params) ?? true)) return params;
  const messages = params.messages.flatMap((message) =>
    Array.isArray(message.content)
      ? blocksOf(message.content).map((content) => ({ ...message, content }) as SamplingMessage)
      : [message],
  );
  return { ...params, messages };
}

/** An answer as an older revision has it: a list of one block is that block. */
export function singleBlock(row: MethodEntry, answer: CreateMessageResult): CreateMessageResult {
  if (!Array.isArray(answer.content) || answer.content.length !== 1 || (row.isResult?.(answer) ?? true)) return answer;
  return { ...answer, content: answer.content[0] as Block };
}

function at(pointer: string, expected: string, actual: string): Failure {
  return { pointer, expected, actual };
}

function named(ids: Iterable<string>): string {
  return [...ids].map((id) => JSON.stringify(id)).join(", ");
}
