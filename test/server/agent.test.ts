/** Agents: the client's model works with tools of the server, in both eras alike, and nothing runs twice. */

import { Type } from "typebox";
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import type { CreateMessageResult, SamplingMessage } from "../../generated/neutral/types.js";
import type { Client } from "../../runtime/client/client.js";
import { type ConnectOptions, connect } from "../../runtime/client/connect.js";
import { createSampler, type ModelRequest } from "../../runtime/client/sampler.js";
import { createScriptedModel, type Script, type ScriptedModel } from "../../runtime/client/scripted-model.js";
import {
  type AgentOptions,
  type AgentResult,
  type AgentRound,
  createAgentTool,
} from "../../runtime/server/agent-contract.js";
import type { Context } from "../../runtime/server/context.js";
import { createServer, type Server } from "../../runtime/server/server.js";
import { createMemoryPair } from "../../runtime/transport/memory.js";
import { type Tapped, tap } from "../matrix/wire.js";
import { verifies } from "../verifies.js";
import { createRaw } from "./raw.js";

/** What tools did, since the last test. */
const runs: string[] = [];
/** What its servers reported. */
const errors: Error[] = [];

const look = createAgentTool({
  name: "look",
  description: "Looks something up.",
  input: Type.Object({ what: Type.String() }),
  run({ what }) {
    expectTypeOf(what).toEqualTypeOf<string>();
    runs.push(`look ${what}`);
    return `found ${what}`;
  },
});
const broken = createAgentTool({
  name: "broken",
  run() {
    runs.push("broken");
    throw new Error("it is broken");
  },
});

type Work = (ctx: Context) => Promise<unknown>;

function serve(work: Work): Server {
  const server = createServer({ name: "agents", version: "1", onerror: (error) => errors.push(error) });
  const add = Type.Object({ a: Type.Number(), b: Type.Number() });
  server.tool(
    "add",
    { description: "Adds.", input: add, output: Type.Object({ sum: Type.Number() }) },
    async ({ a, b }, ctx) => {
      const id = await ctx.once("id", () => runs.push(`add ${a} ${b}`));
      ctx.progress({ progress: 1_000 });
      return { structuredContent: { sum: a + b }, content: [{ type: "text", text: `${a + b} by ${id > 0}` }] };
    },
  );
  server.tool("curious", {}, async (_args, ctx) => (await ctx.roots()).length.toString());
  server.tool("work", {}, async (_args, ctx) => JSON.stringify((await work(ctx)) ?? null));
  return server;
}

const texts = ({ messages }: ModelRequest): string[] =>
  messages.flatMap(({ content }) =>
    content.flatMap((block) =>
      block.type === "tool_result"
        ? [`${block.isError === true ? "error " : ""}${(block.content[0] as { text?: string } | undefined)?.text}`]
        : [],
    ),
  );

describe.each(["2025-11-25", "2026-07-28"] as const)("%s", (revision) => {
  let client: Client | undefined;
  let wire: Tapped;
  let model: ScriptedModel;
  beforeEach(() => {
    runs.length = 0;
    errors.length = 0;
  });
  afterEach(async () => {
    await client?.close();
    client = undefined;
    expect(wire.faults).toEqual([]);
  });

  const open = async (work: Work, script: Script, options: ConnectOptions = {}): Promise<Client> => {
    const [near, far] = createMemoryPair();
    const server = serve(work);
    server.use("tools/call", (params, _ctx, next) => {
      if (params.name !== "work") runs.push(`around ${params.name}`);
      return next();
    });
    await server.connect(far);
    wire = tap(near);
    model = createScriptedModel(script);
    const sample = createSampler({ provider: model, approve: "nobody" });
    client = await connect(wire, { revisions: [revision], sample, sampleWithTools: true, ...options });
    return client;
  };
  const work = async (options: AgentOptions, script: Script, how: ConnectOptions = {}): Promise<AgentResult> => {
    const result = await (await open((ctx) => ctx.agent(options), script, how)).callTool("work");
    const [{ text = "" } = {}] = result.content as { text?: string }[];
    if (result.isError === true) throw new Error(text);
    return JSON.parse(text) as AgentResult;
  };

  test(`tools run once each, beside one another, and the model hears of all${verifies("SAMP-19", "SAMP-24", "SAMP-25", "SAMP-26", "SAMP-31")}`, async () => {
    const result = await work({ prompt: "go", system: "be brief", tools: [look, "add"], maxTokens: 77 }, [
      {
        use: [
          ["look", { what: "x" }],
          ["add", { a: 1, b: 2 }],
        ],
        text: "first",
      },
      { use: [["look", { what: "y" }]] },
      "done",
    ]);
    expect(runs.toSorted()).toEqual(["add 1 2", "around add", "look x", "look y"]);
    expect(result).toMatchObject({
      text: "done",
      ended: "answer",
      rounds: 3,
      toolCalls: 3,
      model: "scripted",
      stopReason: "endTurn",
    });
    expect(result.transcript.map(({ role }) => role)).toEqual([
      "user",
      "assistant",
      "user",
      "assistant",
      "user",
      "assistant",
    ]);
    const last = model.requests.at(-1) as ModelRequest;
    expect(last).toMatchObject({ system: "be brief", maxTokens: 77, toolChoice: "auto" });
    expect(texts(last)).toEqual(["found x", "3 by true", "found y"]);
    expect(last.messages[2]?.content[1]).toMatchObject({ toolUseId: "use-1-2", structuredContent: { sum: 3 } });
    expect(last.tools).toEqual([
      { name: "look", description: "Looks something up.", inputSchema: expect.objectContaining({ type: "object" }) },
      { name: "add", description: "Adds.", inputSchema: expect.objectContaining({ type: "object" }) },
    ]);
  });

  test("the tools of one answer are at work at the same time", async () => {
    let meet: () => void = () => undefined;
    const met = new Promise<void>((resolve) => {
      meet = resolve;
    });
    const first = createAgentTool({ name: "first", run: () => met.then(() => "both") });
    const second = createAgentTool({
      name: "second",
      run() {
        meet();
        return "both";
      },
    });
    const script: Script = [
      {
        use: [
          ["first", {}],
          ["second", {}],
        ],
      },
      "done",
    ];
    expect((await work({ prompt: "go", tools: [first, second] }, script)).toolCalls).toBe(2);
  });

  test(`what goes wrong in a tool is told to the model${verifies("SAMP-36")}`, async () => {
    const result = await work({ prompt: "go", tools: [look, broken, "add", "curious"] }, [
      {
        use: [
          ["look", { what: 5 }],
          ["broken", {}],
          ["nothing", {}],
          ["add", { a: "1" }],
          ["curious", {}],
        ],
      },
      "done",
    ]);
    expect(result.text).toBe("done");
    const told = texts(model.requests[1] as ModelRequest);
    expect(told[0]).toMatch(/^error Invalid arguments for look: \/what/);
    expect(told[1]).toBe("error it is broken");
    expect(told[2]).toBe("error Unknown tool: nothing");
    expect(told[3]).toMatch(/^error Invalid arguments for add/);
    expect(told[4]).toMatch(/^error A tool that an agent runs cannot use ctx\.roots/);
    expect(runs.filter((run) => !run.startsWith("around"))).toEqual(["broken"]);
  });

  test(`the last round has to answer${verifies("SAMP-20", "SAMP-29")}`, async () => {
    const again: Script = ({ toolChoice }, turn) =>
      toolChoice === "none" ? "enough" : { use: [["look", { what: `${turn}` }]] };
    const result = await work({ prompt: "go", tools: [look], maxRounds: 3, toolChoice: "required" }, again);
    expect(result).toMatchObject({ text: "enough", ended: "rounds", rounds: 3, toolCalls: 2 });
    expect(model.requests.map(({ toolChoice }) => toolChoice)).toEqual(["required", "auto", "none"]);
    expect(model.requests.at(-1)?.tools).toHaveLength(1);
  });

  test("a budget of tool calls is kept, and every wish is answered", async () => {
    const script: Script = ({ toolChoice }) =>
      toolChoice === "none" ? "enough" : { use: ["a", "b", "c"].map((what) => ["look", { what }] as const) };
    const result = await work({ prompt: "go", tools: [look], budget: { toolCalls: 2 } }, script);
    expect(runs).toEqual(["look a", "look b"]);
    expect(result).toMatchObject({ ended: "budget", toolCalls: 2, rounds: 2 });
    expect(texts(model.requests[1] as ModelRequest)).toEqual([
      "found a",
      "found b",
      expect.stringMatching(/^error No more/),
    ]);
  });

  test("a budget of tokens is kept where they are reported", async () => {
    const usage = { inputTokens: 40, outputTokens: 10 };
    const script: Script = ({ toolChoice }, turn) =>
      toolChoice === "none"
        ? { content: "enough", usage }
        : { content: [{ type: "tool_use", id: `u${turn}`, name: "look", input: { what: "x" } }], usage };
    const result = await work({ prompt: "go", tools: [look], budget: { tokens: 100 } }, script);
    expect(result).toMatchObject({ ended: "budget", rounds: 3, tokens: 150 });
    await client?.close();
    const counted = await work({ prompt: "go", tools: [look], countTokens: () => 7 }, ["done"]);
    expect(counted.tokens).toBe(7);
  });

  test("each round is told once, as progress and to who listens", async () => {
    const rounds: AgentRound[] = [];
    const seen: unknown[] = [];
    await open(
      (ctx) => ctx.agent({ prompt: "go", tools: [look], onRound: (round) => void rounds.push(round) }),
      [{ use: [["look", { what: "x" }]] }, { use: [["look", { what: "y" }]] }, "done"],
    );
    await client?.callTool("work", {}, { onprogress: ({ progress, message }) => seen.push([progress, message]) });
    expect(rounds.map(({ round, toolUses, results }) => [round, toolUses.length, results.length])).toEqual([
      [1, 1, 1],
      [2, 1, 1],
      [3, 0, 0],
    ]);
    expect(seen).toEqual([
      [1, "round 1: look"],
      [2, "round 2: look"],
      [3, "round 3: answered"],
    ]);
  });

  test("agents side by side ask in one round trip, and each keeps its own", async () => {
    const script: Script = ({ messages, tools }) => {
      const topic = (messages[0]?.content[0] as { text?: string } | undefined)?.text ?? "";
      if (tools.length === 0) return `all of ${topic}`;
      return messages.length < 4 ? { use: [["look", { what: `${topic} ${messages.length}` }]] } : `about ${topic}`;
    };
    const both: Work = async (ctx) => {
      const agents = ["a", "b", "c"].map((prompt) => ctx.agent({ prompt, tools: [look] }));
      const found = (await Promise.all(agents)).map(({ text }) => text);
      return (await ctx.agent({ prompt: found.join(), key: "editor" })).text;
    };
    const result = await (await open(both, script)).callTool("work");
    expect(result.content).toEqual([{ type: "text", text: '"all of about a,about b,about c"' }]);
    expect(runs.toSorted()).toEqual(["a", "b", "c"].flatMap((topic) => [`look ${topic} 1`, `look ${topic} 3`]));
    const calls = wire.messages.filter(({ message }) => message.method === "tools/call");
    // Three rounds of three, then the editor, then the last run; or one call that was asked ten times.
    expect(calls).toHaveLength(revision === "2026-07-28" ? 5 : 1);
    expect(model.requests).toHaveLength(10);
  });

  test(`what models and tools add is kept${verifies("SAMP-30")}`, async () => {
    const marked = createAgentTool({ name: "marked", run: () => ({ content: [], _meta: { "x/b": 2 } }) });
    const use = { type: "tool_use" as const, id: "u", name: "marked", input: {}, _meta: { "x/a": 1 } };
    await work({ prompt: "go", tools: [marked] }, [{ content: [use] }, "done"]);
    const [, asked, answered] = (model.requests[1] as ModelRequest).messages;
    expect(asked?.content).toEqual([use]);
    expect(answered?.content).toMatchObject([{ toolUseId: "u", content: [], _meta: { "x/b": 2 } }]);
  });

  test.each([
    ["nothing", undefined, "undefined"],
    ["null", null, "null"],
    ["a number", 5, "number"],
    ["a value that is no result", { degrees: 5 }, "object"],
    ["content that is no list", { content: "warm" }, "/content should be array"],
    ["a block without text", [{ type: "text" }], "/content/0/text should be string"],
  ])("a tool that gives %s failed for the model, and whoever runs the server hears why", async (_what, given, why) => {
    const odd = createAgentTool({ name: "odd", run: () => given as unknown as string });
    const result = await work({ prompt: "go", tools: [odd, look] }, [
      {
        use: [
          ["odd", {}],
          ["look", { what: "x" }],
        ],
      },
      "done",
    ]);
    expect(result.text).toBe("done");
    expect(texts(model.requests[1] as ModelRequest)).toEqual(["error odd gave no result.", "found x"]);
    expect(errors).toMatchObject([{ code: "INVALID_RESULT", message: expect.stringContaining(why) }]);
  });

  test("cancelling ends the agent and tells its tools", async () => {
    const controller = new AbortController();
    let aborted = false;
    const slow = createAgentTool({
      name: "slow",
      run: (_args, signal) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            aborted = true;
            resolve("late");
          });
          controller.abort("enough");
        }),
    });
    await open((ctx) => ctx.agent({ prompt: "go", tools: [slow] }), [{ use: [["slow", {}]] }, "done"]);
    const call = client?.callTool("work", {}, { signal: controller.signal });
    await expect(call).rejects.toMatchObject({ code: "CANCELLED" });
    await expect.poll(() => aborted).toBe(true);
    expect(model.requests).toHaveLength(1);
  });

  test.each([
    ["no beginning", {}, /either `prompt` or `messages`/],
    ["two beginnings", { prompt: "go", messages: [] }, /either `prompt` or `messages`/],
    ["no rounds", { prompt: "go", maxRounds: 0 }, /maxRounds is 0/],
    ["a tool that is not there", { prompt: "go", tools: ["gone"] }, /gone, which is not registered/],
    ["a function for a tool", { prompt: "go", tools: [(() => "x") as never] }, /no tool/],
    ["a tool without a name", { prompt: "go", tools: [{ run: () => "x" } as never] }, /no tool/],
    ["two tools of one name", { prompt: "go", tools: [look, look] }, /two tools look/],
  ])("%s is refused before the model is asked", async (_what, options: AgentOptions, problem) => {
    await expect(work(options, [])).rejects.toThrow(problem);
    expect(model.requests).toHaveLength(0);
  });

  test(`a client without tools is not asked to use them, and without tools any client answers${verifies("SAMP-03")}`, async () => {
    const outcome = work({ prompt: "go", tools: [look] }, ["done"], { sampleWithTools: false });
    await expect(outcome).rejects.toThrow(/sampling\.tools/);
    await client?.close();
    expect(await work({ prompt: "go" }, ["plain"], { sampleWithTools: false })).toMatchObject({
      text: "plain",
      rounds: 1,
    });
  });
});

test(`an answer that does not keep to the choice is refused on the server too${verifies("SAMP-20")}`, async () => {
  const said = { role: "assistant", model: "m", content: { type: "text", text: "no" } };
  const tools = [{ name: "t", inputSchema: { type: "object" as const } }];
  const messages: SamplingMessage[] = [{ role: "user", content: { type: "text", text: "go" } }];
  const define = (server: Server): void => {
    server.tool("ask", {}, async (_args, ctx) => {
      const question = { messages, maxTokens: 1, tools, toolChoice: { mode: "required" as const } };
      return (await ctx.sample(question, { key: "q" })).model;
    });
  };
  const refusal = { isError: true, content: [{ text: expect.stringContaining("the choice was required") }] };
  const newer = await createRaw(define);
  const capabilities = { sampling: { tools: {} } };
  expect((await newer.askModern("tools/call", { name: "ask" }, capabilities)).result?.inputRequests).toMatchObject({
    q: {},
  });
  const retry = { name: "ask", inputResponses: { q: said } };
  expect((await newer.askModern("tools/call", retry, capabilities)).result).toMatchObject(refusal);
  const older = await createRaw(define);
  await older.initialize("2025-11-25", capabilities);
  const called = older.ask("tools/call", { name: "ask" });
  await expect.poll(() => older.seen.find(({ method }) => method === "sampling/createMessage")).toBeDefined();
  older.send({
    jsonrpc: "2.0",
    id: older.seen.find(({ method }) => method === "sampling/createMessage")?.id,
    result: said,
  });
  expect((await called).result).toMatchObject(refusal);
});

test(`messages that no model could answer do not leave the server${verifies("SAMP-23", "SAMP-24", "SAMP-25")}`, async () => {
  const messages: SamplingMessage[] = [
    { role: "assistant", content: { type: "tool_use", id: "a", name: "t", input: {} } },
    { role: "user", content: { type: "text", text: "go on" } },
  ];
  for (const revision of ["2025-11-25", "2026-07-28"] as const) {
    const model = createScriptedModel(["never"]);
    const client = await connect(
      serve((ctx) => ctx.sample({ messages, maxTokens: 1 })),
      { revisions: [revision], sampleWithTools: true, sample: createSampler({ provider: model, approve: "nobody" }) },
    );
    expect(await client.callTool("work")).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('results for "a"') }],
    });
    expect(model.requests).toHaveLength(0);
    await client.close();
  }
});

test(`older revisions have no tools, and messages of several blocks become several${verifies("SAMP-03", "SAMP-10", "SAMP-11")}`, async () => {
  const text = { type: "text", text: "x" } as const;
  const model = createScriptedModel(() => "done");
  const options: ConnectOptions = {
    revisions: ["2025-06-18"],
    sampleWithTools: true,
    sample: createSampler({ provider: model, approve: "nobody" }),
  };
  const plain = await connect(
    serve(async (ctx) => (await ctx.agent({ messages: [{ role: "user", content: [text, text] }] })).text),
    options,
  );
  expect(await plain.callTool("work")).toMatchObject({ content: [{ text: '"done"' }] });
  expect(model.requests[0]?.messages).toHaveLength(2);
  await plain.close();
  const tools = await connect(
    serve((ctx) => ctx.agent({ prompt: "go", tools: [look] })),
    options,
  );
  expect(await tools.callTool("work")).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining("has no tools in sampling") }],
  });
  await tools.close();
});

test(`context that was not offered is told of once${verifies("SAMP-18")}`, async () => {
  const errors: Error[] = [];
  const server = createServer({ name: "s", version: "1", onerror: (error) => errors.push(error) });
  const messages: SamplingMessage[] = [{ role: "user", content: { type: "text", text: "go" } }];
  server.tool("ask", {}, async (_args, ctx) => {
    await ctx.sample({ messages, maxTokens: 1, includeContext: "thisServer" });
    return "asked";
  });
  const sample = (): CreateMessageResult => ({ role: "assistant", model: "m", content: { type: "text", text: "" } });
  for (const how of [{ sampleWithContext: true }, {}, {}] as const) {
    const client = await connect(server, { revisions: ["2025-11-25"], sample, ...how });
    await client.callTool("ask");
    await client.close();
    expect(errors).toHaveLength(how.sampleWithContext === true ? 0 : 1);
  }
  expect(errors).toMatchObject([{ code: "CONTEXT_NOT_DECLARED" }]);
  // Where no client could have offered it, nobody is told.
  const older = createServer({ name: "s", version: "1", onerror: (error) => errors.push(error) });
  older.tool("ask", {}, async (_args, ctx) => {
    await ctx.sample({ messages, maxTokens: 1, includeContext: "thisServer" });
    return "asked";
  });
  const client = await connect(older, { revisions: ["2025-06-18"], sample });
  await client.callTool("ask");
  await client.close();
  expect(errors).toHaveLength(1);
});

test("a question inside an effect is refused: it could never be answered", async () => {
  const client = await connect(
    serve((ctx) => ctx.once("x", async () => (await ctx.roots()).length)),
    { revisions: ["2026-07-28"], roots: [] },
  );
  expect(await client.callTool("work")).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining("inside `ctx.once`") }],
  });
  await client.close();
});
