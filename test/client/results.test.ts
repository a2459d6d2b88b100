/** What a client does with what servers answer: malformed items, outputs, rounds of input, caching, endless lists. */

import { describe, expect, test } from "vitest";
import type { McpWireError } from "../../runtime/errors.js";
import { verifies } from "../verifies.js";
import { connectRaw, type Script, type Sent, stateful, stateless } from "./raw.js";

const tool = (name: string, more: object = {}): object => ({ name, inputSchema: { type: "object" }, ...more });
const complete = { resultType: "complete", ttlMs: 0, cacheScope: "private" };

describe("a list with malformed items", () => {
  const script = stateful(() => ({ tools: [tool("a", { vendor: 1 }), { name: 5 }, tool("b")], more: true }));

  test("comes without them, with the pointer reported", async () => {
    const errors: McpWireError[] = [];
    const { client } = await connectRaw(script, { onerror: (error) => errors.push(error) });
    expect(await client.request("tools/list")).toEqual({ tools: [tool("a", { vendor: 1 }), tool("b")], more: true });
    expect(errors).toMatchObject([{ code: "INVALID_RESULT", message: expect.stringContaining("/tools/1/") }]);
  });

  test("is refused where that is wanted, or something else is wrong", async () => {
    const { client } = await connectRaw(script, { malformed: "refuse" });
    await expect(client.request("tools/list")).rejects.toMatchObject({ code: "INVALID_RESULT" });
    for (const odd of [{ tools: [{ name: 5 }], nextCursor: 5 }, { "": [] }, { "": [], tools: 5 }]) {
      const other = await connectRaw(stateful(() => odd));
      await expect(other.client.request("tools/list")).rejects.toMatchObject({ code: "INVALID_RESULT" });
    }
  });
});

describe("what fits a newer revision only", () => {
  const revisions = ["2024-11-05"] as const;
  const content = [{ type: "resource_link", uri: "memo://one", name: "one" }];

  test("is taken in results, and reported", async () => {
    const errors: McpWireError[] = [];
    const { client } = await connectRaw(
      stateful(() => ({ content })),
      { revisions, onerror: (error) => errors.push(error) },
    );
    expect(await client.callTool("x")).toEqual({ content });
    expect(errors).toMatchObject([{ code: "AHEAD_OF_REVISION", message: expect.stringContaining("/content/0") }]);
    expect(errors[0]?.message).toMatch(/fits 2025-06-18, not 2024-11-05/);
  });

  test("is refused where that is wanted, and where no revision has it", async () => {
    const { client } = await connectRaw(
      stateful(() => ({ content })),
      { revisions, malformed: "refuse" },
    );
    await expect(client.callTool("x")).rejects.toMatchObject({ code: "INVALID_RESULT" });
    const odd = await connectRaw(
      stateful(() => ({ content: "none" })),
      { revisions },
    );
    await expect(odd.client.callTool("x")).rejects.toMatchObject({ code: "INVALID_RESULT" });
  });

  test("is answered in questions, and reported", async () => {
    const errors: McpWireError[] = [];
    const asked: unknown[] = [];
    const many = { type: "array", items: { type: "string", enum: ["a", "b"] } };
    const ask = (id: number, properties: object): object => ({
      id,
      method: "elicitation/create",
      params: { message: "Which?", requestedSchema: { type: "object", properties } },
    });
    const { raw } = await connectRaw(
      stateful(() => ({})),
      {
        revisions: ["2025-06-18"],
        onerror: (error) => errors.push(error),
        elicit(form) {
          asked.push(form.requestedSchema);
          return { action: "accept", content: { pick: ["a"] } };
        },
      },
    );
    raw.say(ask(91, { pick: many }));
    raw.say(ask(92, { pick: { type: "vector" } }));
    const answerTo = (id: number) => raw.seen.find((message) => message.id === id && message.method === undefined);
    await expect.poll(() => answerTo(91)?.result).toEqual({ action: "accept", content: { pick: ["a"] } });
    await expect.poll(() => answerTo(92)?.error?.code).toBe(-32602);
    expect(asked).toEqual([{ type: "object", properties: { pick: many } }]);
    expect(errors).toMatchObject([{ code: "AHEAD_OF_REVISION" }]);
  });
});

test(`tools with header annotations of no use are left out over HTTP alone${verifies("HTTP-135")}`, async () => {
  const odd = tool("odd", {
    inputSchema: { type: "object", properties: { a: { type: "number", "x-mcp-header": "A" } } },
  });
  const errors: McpWireError[] = [];
  const { client } = await connectRaw(
    stateless(() => ({ ...complete, tools: [odd] })),
    { onerror: (error) => errors.push(error) },
  );
  expect(await client.listTools()).toEqual([odd]);
  expect(errors).toEqual([]);
});

test(`results that leave out what older servers do not know are taken${verifies("BASE-34", "BASE-33", "BASE-89")}`, async () => {
  const { client } = await connectRaw(
    stateless(({ method }) => (method === "tools/list" ? { tools: [] } : { resultType: "odd", content: [] })),
  );
  expect(await client.request("tools/list")).toEqual({ tools: [] });
  await expect(client.callTool("x")).rejects.toMatchObject({
    code: "INVALID_RESULT",
    message: expect.stringContaining("odd"),
  });
});

test(`a list that does not end is given up, and an empty cursor is no end${verifies("BASE-82", "BASE-84", "BASE-79")}`, async () => {
  const pages: Record<string, object> = {
    start: { tools: [tool("a")], nextCursor: "" },
    "": { tools: [tool("b")], nextCursor: "x" },
  };
  const { client } = await connectRaw(
    stateful(({ params }) => pages[String(params?.cursor ?? "start")] ?? { tools: [], nextCursor: "x" }),
  );
  const names: string[] = [];
  const all = async (): Promise<void> => {
    for await (const { name } of client.listTools()) names.push(name);
  };
  await expect(all()).rejects.toMatchObject({ code: "INVALID_RESULT" });
  expect(names).toEqual(["a", "b"]);
});

test(`structured content is checked against the schema that was listed${verifies("TOOL-16", "TOOL-20")}`, async () => {
  const outputSchema = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };
  const answers: Record<string, object> = {
    good: { content: [], structuredContent: { n: 1 } },
    bad: { content: [], structuredContent: { n: "1" } },
    none: { content: [] },
    error: { content: [], isError: true },
  };
  const names = Object.keys(answers);
  const script: Script = ({ method, params }) =>
    method === "tools/list"
      ? { tools: names.map((name) => tool(name, { outputSchema })) }
      : (answers[String(params?.name)] ?? {});
  const { client } = await connectRaw(stateful(script));
  // Nothing is known of the tools before they were listed.
  expect(await client.callTool("bad")).toEqual(answers.bad);
  await client.listTools();
  expect(await client.callTool("good")).toEqual(answers.good);
  expect(await client.callTool("error")).toEqual(answers.error);
  for (const name of ["bad", "none"])
    await expect(client.callTool(name)).rejects.toMatchObject({
      code: "INVALID_RESULT",
      message: expect.stringContaining(name),
    });
  const free = await connectRaw(stateful(script), { checkOutputs: false });
  await free.client.listTools();
  expect(await free.client.callTool("bad")).toEqual(answers.bad);
});

describe("a server that wants input", () => {
  const asks = {
    "k/1~": { method: "roots/list" },
    k2: { method: "elicitation/create", params: { message: "?", requestedSchema: { type: "object", properties: {} } } },
  };
  const options = { roots: [{ uri: "file:///w" }], elicit: () => ({ action: "decline" as const }) };

  test(`gets it under a new id, with the state as it was${verifies("MRTR-12", "MRTR-14", "MRTR-15", "MRTR-16", "MRTR-17", "MRTR-19")}`, async () => {
    const replies: object[] = [
      { resultType: "input_required", inputRequests: asks, requestState: "exact\u0000état" },
      { resultType: "input_required", inputRequests: { k3: { method: "roots/list" } } },
      { ...complete, content: [] },
    ];
    const { client, raw } = await connectRaw(
      stateless(() => replies.shift()),
      options,
    );
    expect(await client.callTool("t", { a: 1 }, { logLevel: "info" })).toMatchObject({ content: [] });
    const calls = raw.seen.filter(({ method }) => method === "tools/call");
    expect(new Set(calls.map(({ id }) => id)).size).toBe(3);
    const params = calls.map((call) => call.params as Record<string, unknown>);
    const meta = params[0]?._meta;
    expect(params[1]).toEqual({
      name: "t",
      arguments: { a: 1 },
      _meta: meta,
      requestState: "exact\u0000état",
      inputResponses: { "k/1~": { roots: [{ uri: "file:///w" }] }, k2: { action: "decline" } },
    });
    expect(params[2]).toEqual({
      name: "t",
      arguments: { a: 1 },
      _meta: meta,
      inputResponses: { k3: { roots: [{ uri: "file:///w" }] } },
    });
  });

  test(`is not asked for ever, and not answered what nobody can${verifies("MRTR-13", "MRTR-20", "SAMP-04", "ELIC-07")}`, async () => {
    const forever = await connectRaw(
      stateless(() => ({ resultType: "input_required", inputRequests: { k: { method: "roots/list" } } })),
      {
        ...options,
        maxRounds: 3,
      },
    );
    await expect(forever.client.callTool("t")).rejects.toMatchObject({ code: "TOO_MANY_ROUNDS" });
    expect(forever.raw.seen.filter(({ method }) => method === "tools/call")).toHaveLength(4);
    for (const inputRequests of [
      { k: { method: "sampling/createMessage", params: { maxTokens: 1, messages: [] } } },
      { k: { method: "odd/one" } },
    ]) {
      const { client } = await connectRaw(
        stateless(() => ({ resultType: "input_required", inputRequests })),
        options,
      );
      await expect(client.callTool("t")).rejects.toThrow(/sampling|odd|input/);
    }
    const url = { k: { method: "elicitation/create", params: { mode: "url", message: "?", url: "https://e.com" } } };
    const { client } = await connectRaw(
      stateless(() => ({ resultType: "input_required", inputRequests: url })),
      options,
    );
    await expect(client.callTool("t")).rejects.toMatchObject({ code: "NOT_ANSWERED" });
  });

  test("is refused where it asks for nothing, or in a list", async () => {
    const { client } = await connectRaw(
      stateless(() => ({ resultType: "input_required" })),
      options,
    );
    await expect(client.callTool("t")).rejects.toMatchObject({ code: "INVALID_RESULT" });
    await expect(client.request("tools/list")).rejects.toMatchObject({ code: "INVALID_RESULT" });
  });
});

describe("fresh results", () => {
  const count = (seen: readonly Sent[], method: string): number => seen.filter((one) => one.method === method).length;

  test(`are kept by method and params, until something changes${verifies("BASE-87", "BASE-89", "BASE-90", "BASE-96")}`, async () => {
    const { client, raw } = await connectRaw(
      stateless(({ id, method, params }, say) => {
        if (method === "tools/list")
          return { ...complete, ttlMs: 60_000, tools: [tool(String(params?.cursor ?? "first"))] };
        if (method === "resources/read")
          return { ...complete, ttlMs: 60_000, contents: [{ uri: String(params?.uri), text: "x" }] };
        const _meta = { "io.modelcontextprotocol/subscriptionId": id };
        say({
          method: "notifications/subscriptions/acknowledged",
          params: { _meta, notifications: params?.notifications },
        });
        say({ method: "notifications/tools/list_changed", params: { _meta } });
        say({ method: "notifications/resources/updated", params: { _meta, uri: "a:b" } });
        return undefined;
      }),
    );
    const first = await client.request("tools/list");
    first.tools.length = 0;
    expect((await client.request("tools/list")).tools).toHaveLength(1);
    await client.request("tools/list", { cursor: "second" });
    expect(count(raw.seen, "tools/list")).toBe(2);
    await client.request("tools/list", {}, { cached: false });
    expect(count(raw.seen, "tools/list")).toBe(3);
    for (const uri of ["a:b", "a:c", "a:b", "a:c"]) await client.readResource(uri);
    expect(count(raw.seen, "resources/read")).toBe(2);
    const events: unknown[] = [];
    await client.subscribe({ tools: true, uris: ["a:b"] }, (event) => events.push(event));
    await expect.poll(() => events.length).toBe(2);
    await client.request("tools/list");
    for (const uri of ["a:b", "a:c"]) await client.readResource(uri);
    expect(count(raw.seen, "tools/list")).toBe(4);
    expect(count(raw.seen, "resources/read")).toBe(3);
  });

  test(`are kept by each client for itself, and fetched only when they are asked for${verifies("BASE-91", "BASE-94", "BASE-95")}`, async () => {
    const script = stateless(() => ({ resultType: "complete", ttlMs: 20, cacheScope: "private", tools: [] }));
    const [ada, bob] = await Promise.all([connectRaw(script, { name: "ada" }), connectRaw(script, { name: "bob" })]);
    for (const { client } of [ada, bob]) await client.request("tools/list");
    expect([ada, bob].map(({ raw }) => count(raw.seen, "tools/list"))).toEqual([1, 1]);
    // Long after what was kept has gone stale, nothing was fetched that nobody wanted.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([ada, bob].map(({ raw }) => count(raw.seen, "tools/list"))).toEqual([1, 1]);
    await ada.client.request("tools/list");
    expect([ada, bob].map(({ raw }) => count(raw.seen, "tools/list"))).toEqual([2, 1]);
  });

  test(`are none after a round of input, or without a time${verifies("BASE-86", "BASE-88", "BASE-89")}`, async () => {
    const { client, raw } = await connectRaw(
      stateless(({ method, params }) => {
        if (method === "tools/list") return { ...complete, ttlMs: -1, tools: [] };
        if (params?.inputResponses === undefined)
          return { resultType: "input_required", inputRequests: { k: { method: "roots/list" } } };
        return { ...complete, ttlMs: 60_000, contents: [] };
      }),
      { roots: [] },
    );
    for (let times = 0; times < 2; times++) {
      await client.readResource("a:b");
      await client.request("tools/list");
    }
    expect(count(raw.seen, "resources/read")).toBe(4);
    expect(count(raw.seen, "tools/list")).toBe(2);
  });
});

describe("a subscription", () => {
  const ack = (say: (message: object) => void, id: unknown, notifications: object): void =>
    say({
      method: "notifications/subscriptions/acknowledged",
      params: { _meta: { "io.modelcontextprotocol/subscriptionId": id }, notifications },
    });

  test(`says what was granted, and routes by its id${verifies("SUB-05", "SUB-06", "SUB-09", "SUB-10", "STDIO-19")}`, async () => {
    const waiting: Sent[] = [];
    const { client, raw } = await connectRaw(stateless((request) => void waiting.push(request) as undefined));
    const heard: string[] = [];
    const first = client.subscribe({ tools: true, prompts: true }, () => heard.push("first"));
    const second = client.subscribe({ resources: true }, () => heard.push("second"));
    await expect.poll(() => waiting.length).toBe(2);
    const [one, two] = waiting.map(({ id }) => id);
    ack(raw.say, two, { resourcesListChanged: true });
    ack(raw.say, one, { toolsListChanged: true });
    expect((await first).agreed).toMatchObject({ tools: true, prompts: false });
    expect((await second).agreed).toMatchObject({ resources: true });
    raw.say({
      method: "notifications/resources/list_changed",
      params: { _meta: { "io.modelcontextprotocol/subscriptionId": two } },
    });
    raw.say({
      method: "notifications/tools/list_changed",
      params: { _meta: { "io.modelcontextprotocol/subscriptionId": 999 } },
    });
    await expect.poll(() => heard).toEqual(["second"]);
    // Either end is one: the result, or the cancellation.
    raw.say({ id: one, result: { resultType: "complete", _meta: { "io.modelcontextprotocol/subscriptionId": one } } });
    raw.say({ method: "notifications/cancelled", params: { requestId: two } });
    expect(await (await first).ended).toBeUndefined();
    expect(await (await second).ended).toBeUndefined();
  });

  test("is refused with the server's reason", async () => {
    const { client } = await connectRaw(stateless(() => ({ error: { code: -32601, message: "no events here" } })));
    await expect(client.subscribe({ tools: true }, () => undefined)).rejects.toThrow("no events here");
  });
});
