/** Samplers: which model answers, who approves, and what a server may use up. */

import { describe, expect, test } from "vitest";
import type { CreateMessageRequestParams } from "../../generated/neutral/types.js";
import { chooseModel } from "../../runtime/client/models.js";
import { createSampler, type SamplerOptions } from "../../runtime/client/sampler.js";
import { createScriptedModel } from "../../runtime/client/scripted-model.js";
import { verifies } from "../verifies.js";

const HOW = { signal: new AbortController().signal, server: { name: "desk", version: "1" } };
const ask = (extra: Partial<CreateMessageRequestParams> = {}): CreateMessageRequestParams => ({
  messages: [{ role: "user", content: { type: "text", text: "2+2?" } }],
  maxTokens: 10,
  ...extra,
});
const always = (answer = "4") =>
  createScriptedModel(() => ({ content: answer, usage: { inputTokens: 3, outputTokens: 2 } }));
const sampler = (options: Partial<SamplerOptions> = {}) =>
  createSampler({ provider: always(), approve: "nobody", ...options });

describe("the choice of a model", () => {
  const models = [
    { name: "large-2", ratings: { intelligence: 1, cost: 0.1, speed: 0.2 } },
    { name: "small-2", ratings: { intelligence: 0.3, cost: 1, speed: 0.9 } },
    { name: "small-1" },
  ];

  test.each([
    [undefined, "large-2"],
    [{ hints: [{ name: "small" }] }, "small-2"],
    [{ hints: [{ name: "other" }, { name: "-1" }, { name: "large" }] }, "small-1"],
    [{ hints: [{}, { name: "none" }] }, "large-2"],
    [{ costPriority: 1 }, "small-2"],
    [{ costPriority: 0.2, intelligencePriority: 1 }, "large-2"],
    [{ speedPriority: 1, hints: [{ name: "large" }] }, "large-2"],
    [{ speedPriority: 1, hints: [{ name: "2" }] }, "small-2"],
  ])(`%j is %s${verifies("SAMP-16", "SAMP-17")}`, (preferences, name) => {
    expect(chooseModel(models, preferences)).toBe(name);
  });

  test("of none is none", () => {
    expect(chooseModel([])).toBeUndefined();
    expect(() => createSampler({ provider: { ...always(), models: [] }, approve: "nobody" })).toThrow(/no models/);
  });
});

test(`a question reaches the model in one form, and the answer is one of the protocol${verifies("SAMP-08", "SAMP-11", "SAMP-12", "SAMP-31")}`, async () => {
  const provider = createScriptedModel(
    [{ use: [["look", { at: 1 }]], text: "let me see" }, "4"],
    [{ name: "a" }, { name: "b" }],
  );
  const sample = sampler({ provider });
  const tools = [{ name: "look", inputSchema: { type: "object" as const } }];
  const first = await sample(
    ask({ tools, systemPrompt: "be short", modelPreferences: { hints: [{ name: "b" }] } }),
    HOW,
  );
  expect(first).toEqual({
    role: "assistant",
    model: "b",
    stopReason: "toolUse",
    content: [
      { type: "text", text: "let me see" },
      { type: "tool_use", id: "use-1-1", name: "look", input: { at: 1 } },
    ],
  });
  expect(await sample(ask(), HOW)).toMatchObject({
    content: { type: "text", text: "4" },
    stopReason: "endTurn",
    model: "a",
  });
  expect(provider.requests).toMatchObject([
    { model: "b", system: "be short", tools, toolChoice: "auto", messages: [{ content: [{ text: "2+2?" }] }] },
    { model: "a", tools: [], toolChoice: "none" },
  ]);
  await expect(sample(ask(), HOW)).rejects.toMatchObject({ code: "SCRIPT_ENDED" });
});

describe("approval", () => {
  test(`sees who asks, may change the question, and sees the answer${verifies("SAMP-14", "SAMP-32", "SAMP-35")}`, async () => {
    const provider = always();
    const seen: unknown[] = [];
    const sample = sampler({
      provider,
      approve: {
        request(request, { server }) {
          seen.push(server?.name);
          return { ...request, systemPrompt: "harmless", maxTokens: 1_000 };
        },
        answer(answer, request) {
          seen.push(request.systemPrompt);
          return { ...answer, content: { type: "text", text: "four" } };
        },
      },
    });
    expect(await sample(ask(), HOW)).toMatchObject({ content: { text: "four" } });
    expect(seen).toEqual(["desk", "harmless"]);
    // More tokens than the server asked for are never sampled.
    expect(provider.requests).toMatchObject([{ system: "harmless", maxTokens: 10 }]);
  });

  test(`may refuse either, and the model is not asked before${verifies("SAMP-32", "SAMP-33")}`, async () => {
    const provider = always();
    const no = sampler({ provider, approve: { request: () => false } });
    await expect(no(ask(), HOW)).rejects.toMatchObject({ rpcCode: -1, message: "User rejected sampling request" });
    expect(provider.requests).toHaveLength(0);
    const later = sampler({ provider, approve: { request: (request) => request, answer: () => false } });
    await expect(later(ask(), HOW)).rejects.toMatchObject({ rpcCode: -1 });
    expect(provider.requests).toHaveLength(1);
  });
});

describe("limits", () => {
  const refusal = { rpcCode: -1, message: expect.stringContaining("limited") };

  test.each([
    ["requests", { requests: 2 }],
    ["requests a minute", { perMinute: 2 }],
    ["tokens", { totalTokens: 10 }],
  ])(`of %s${verifies("SAMP-35")}`, async (_what, limits) => {
    const sample = sampler({ limits });
    await sample(ask(), HOW);
    await sample(ask(), HOW);
    await expect(sample(ask(), HOW)).rejects.toMatchObject(refusal);
  });

  test(`of the tokens of one answer, which are lowered${verifies("SAMP-13")}`, async () => {
    const provider = always();
    await sampler({ provider, limits: { maxTokens: 4 } })(ask(), HOW);
    await sampler({ provider })(ask(), HOW);
    await sampler({ provider })(ask({ maxTokens: 1e9 }), HOW);
    expect(provider.requests.map(({ maxTokens }) => maxTokens)).toEqual([4, 10, 4_096]);
  });

  test(`of rounds of tools in one conversation${verifies("SAMP-29")}`, async () => {
    const round = (id: string): CreateMessageRequestParams["messages"] => [
      { role: "assistant", content: { type: "tool_use", id, name: "t", input: {} } },
      { role: "user", content: { type: "tool_result", toolUseId: id, content: [] } },
    ];
    const sample = sampler({ limits: { rounds: 1 } });
    await sample(ask({ messages: round("a") }), HOW);
    await expect(sample(ask({ messages: [...round("a"), ...round("b")] }), HOW)).rejects.toMatchObject(refusal);
  });

  test("are of one sampler", async () => {
    const limits = { requests: 1 };
    await sampler({ limits })(ask(), HOW);
    await sampler({ limits })(ask(), HOW);
  });
});

test(`is not made where nobody was named who approves${verifies("SAMP-32")}`, () => {
  const provider = createScriptedModel([]);
  for (const approve of [undefined, true, {}, { answer: (answer: unknown) => answer }])
    expect(() => createSampler({ provider, approve: approve as never })).toThrow(/approve/);
});
