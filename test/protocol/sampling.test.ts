/** The order of messages with tools, and what an answer may be. */

import { describe, expect, test } from "vitest";
import type { CreateMessageResult, SamplingMessage, ToolResultContent } from "../../generated/neutral/types.js";
import { tables } from "../../generated/revisions.js";
import { knowsSamplingTools, knowsTitledChoices } from "../../runtime/protocol/knowledge.js";
import {
  blocksOf,
  checkSamplingAnswer,
  checkSamplingMessages,
  checkSamplingQuestion,
  singleBlock,
  singleBlocks,
} from "../../runtime/protocol/sampling.js";
import { verifies } from "../verifies.js";

type Block = SamplingMessage["content"];
const text = { type: "text", text: "x" } as const;
const use = (id: string) => ({ type: "tool_use", id, name: "t", input: {} }) as const;
const result = (toolUseId: string): ToolResultContent => ({ type: "tool_result", toolUseId, content: [] });
const user = (content: Block): SamplingMessage => ({ role: "user", content });
const assistant = (content: Block): SamplingMessage => ({ role: "assistant", content });
const faults = (...messages: SamplingMessage[]): string[] =>
  checkSamplingMessages(messages).map(({ pointer, expected }) => `${pointer} ${expected}`);

describe("the order of messages", () => {
  test.each([
    ["text alone", [user(text), assistant(text), user(text)]],
    ["nothing", []],
    ["one use and its result", [user(text), assistant(use("a")), user(result("a"))]],
    [
      "several uses, results in another order",
      [assistant([text, use("a"), use("b")]), user([result("b"), result("a")])],
    ],
    [
      "rounds one after the other, with an id used again",
      [assistant(use("a")), user(result("a")), assistant([use("a")]), user([result("a")]), assistant(text)],
    ],
  ])(`is good: %s${verifies("SAMP-11", "SAMP-21", "SAMP-22", "SAMP-24", "SAMP-26")}`, (_what, messages) => {
    expect(faults(...messages)).toEqual([]);
  });

  test.each([
    ["results beside text", [assistant(use("a")), user([result("a"), text])], "/messages/1/content/1 nothing beside"],
    ["no results at all", [assistant(use("a")), user(text)], '/messages/1 results for "a"'],
    ["no message after", [user(text), assistant([use("a"), use("b")])], '/messages/2 results for "a", "b"'],
    ["one result missing", [assistant([use("a"), use("b")]), user(result("a"))], '/messages/1 results for "b"'],
    [
      "another message between",
      [assistant(use("a")), assistant(text), user(result("a"))],
      '/messages/1 results for "a"',
    ],
    ["a result of nothing", [user(result("a"))], "/messages/0/content/toolUseId the id of a tool_use just before"],
    [
      "a second result",
      [assistant(use("a")), user([result("a"), result("a")])],
      "/messages/1/content/1/toolUseId one result",
    ],
    [
      "a result long after",
      [assistant(use("a")), user(result("a")), user(result("a"))],
      "/messages/2/content/toolUseId the id",
    ],
    [
      "two uses of one id",
      [assistant([use("a"), use("a")]), user(result("a"))],
      "/messages/0/content/1/id an id of its own",
    ],
    ["a use by the user", [user(use("a"))], "/messages/0/content tool_use in messages of the assistant"],
    [
      "a result by the assistant",
      [assistant([result("a")])],
      "/messages/0/content/0 tool_result in messages of the user",
    ],
  ])(
    `is refused: %s${verifies("SAMP-21", "SAMP-22", "SAMP-23", "SAMP-24", "SAMP-28")}`,
    (_what, messages, expected) => {
      expect(faults(...messages).some((fault) => fault.startsWith(expected))).toBe(true);
    },
  );

  test("a required tool needs tools", () => {
    const params = { messages: [], maxTokens: 1, toolChoice: { mode: "required" as const } };
    expect(checkSamplingQuestion(params)).toHaveLength(1);
    expect(checkSamplingQuestion({ ...params, tools: [{ name: "t", inputSchema: { type: "object" } }] })).toEqual([]);
  });
});

describe("an answer", () => {
  const tools = [{ name: "t", inputSchema: { type: "object" as const } }];
  const said = (content: Block, stopReason = "endTurn"): CreateMessageResult => ({
    role: "assistant",
    model: "m",
    content,
    stopReason,
  });
  const choice = (mode: "auto" | "required" | "none") => ({ tools, toolChoice: { mode } });

  test.each([
    ["text", said(text), {}],
    ["text where tools may be used", said(text), { tools }],
    ["several uses", said([text, use("a"), use("b")], "toolUse"), choice("required")],
    ["text where no tool may be used", said([text]), choice("none")],
  ])(`is good: %s${verifies("SAMP-20", "SAMP-26")}`, (_what, answer, asked) => {
    expect(checkSamplingAnswer(answer, asked)).toEqual([]);
  });

  test.each([
    ["a use where no tools were given", said(use("a"), "toolUse"), {}],
    ["a use where the choice was none", said([use("a")], "toolUse"), choice("none")],
    ["text where a tool was required", said(text), choice("required")],
    ["a stop for tools without any", said(text, "toolUse"), choice("auto")],
    ["a result of a tool", said(result("a")), choice("auto")],
    ["a use by the user", { ...said(use("a")), role: "user" as const }, choice("auto")],
  ])(`is refused: %s${verifies("SAMP-20", "SAMP-21", "SAMP-22")}`, (_what, answer, asked) => {
    expect(checkSamplingAnswer(answer, asked)).not.toEqual([]);
  });
});

test(`content is one block or a list, as the revision has it${verifies("SAMP-10", "SAMP-11")}`, () => {
  const params = {
    maxTokens: 1,
    messages: [user([text, { type: "image", data: "AA", mimeType: "image/png" }]), user(text)],
  };
  const answer: CreateMessageResult = { role: "assistant", model: "m", content: [text] };
  for (const [revision, { methods }] of Object.entries(tables)) {
    const row = methods["sampling/createMessage"];
    if (row === undefined) throw new Error("every revision has it");
    const lists = revision >= "2025-11-25";
    expect(row.isParams?.(singleBlocks(row, params)), revision).toBe(true);
    expect(singleBlocks(row, params).messages).toHaveLength(lists ? 2 : 3);
    expect(row.isResult?.(singleBlock(row, answer)), revision).toBe(true);
    expect(Array.isArray(singleBlock(row, answer).content)).toBe(lists);
    expect(knowsSamplingTools(row), revision).toBe(lists);
    const form = methods["elicitation/create"];
    if (form !== undefined) expect(knowsTitledChoices(form), revision).toBe(lists);
  }
  expect(blocksOf(text)).toEqual([text]);
  expect(blocksOf([text])).toEqual([text]);
});
