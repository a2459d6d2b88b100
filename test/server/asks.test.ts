/** Handlers that ask, in the era where asking ends the request: sealed state, replay, and what is refused. */

import { describe, expect, test } from "vitest";
import { createSealer } from "../../runtime/protocol/stateless/state.js";
import type { Server, ServerOptions } from "../../runtime/server/server.js";
import { createServer } from "../../runtime/server/server.js";
import { createMemoryPair } from "../../runtime/transport/memory.js";
import { verifies } from "../verifies.js";
import { type Answer, attach, createRaw, type Raw } from "./raw.js";

const FORM = { type: "object" as const, properties: { age: { type: "number" as const } }, required: ["age"] };
const CAN = { elicitation: {}, roots: {}, sampling: {} };
const runs = { effects: 0, starts: 0 };

function define(server: Server): void {
  server.tool("age", { input: { type: "object", properties: { who: { type: "string" } } } }, async ({ who }, ctx) => {
    runs.starts++;
    const effect = await ctx.once("effect", () => ++runs.effects);
    const answer = await ctx.elicit({ message: `Age of ${who}?`, requestedSchema: FORM });
    return `${answer.action} ${answer.content?.age} effect ${effect}`;
  });
  server.tool(
    "page",
    {},
    async (_args, ctx) => (await ctx.elicitUrl({ message: "Go", url: "https://example.com/" })).action,
  );
  server.tool("tools", {}, async (_args, ctx) => {
    const params = { maxTokens: 1, messages: [], tools: [{ name: "t", inputSchema: { type: "object" as const } }] };
    return (await ctx.sample(params)).model;
  });
  server.tool("named", {}, async (_args, ctx) => {
    const age = await ctx.elicit({ message: "Age?", requestedSchema: FORM }, { key: "age" });
    const [roots, more] = await Promise.all([
      ctx.roots({ key: "roots" }),
      ctx.elicit({ message: "And?", requestedSchema: FORM }),
    ]);
    return `${age.content?.age} ${roots.length} ${more.content?.age}`;
  });
  server.tool("twice", {}, async (_args, ctx) => {
    await Promise.all([ctx.roots({ key: "same" }), ctx.roots({ key: "same" })]);
    return "never";
  });
  server.resource("memo://ask", { name: "ask" }, async (_uri, ctx) => (await ctx.roots())[0]?.uri ?? "");
  server.prompt("ask", {}, async (_values, ctx) => (await ctx.roots())[0]?.uri ?? "");
}

const open = (options: Partial<ServerOptions> = {}): Promise<Raw> => createRaw(define, options);
const call = (raw: Raw, extra: object = {}, name = "age", capabilities: object = CAN): Promise<Answer> =>
  raw.askModern(
    "tools/call",
    { name, ...(name === "age" ? { arguments: { who: "Ada" } } : {}), ...extra },
    capabilities,
  );
const keyOf = (answer: Answer): string => Object.keys(answer.result?.inputRequests as object)[0] ?? "";
const reply = (answer: Answer, age: unknown): object => ({
  requestState: answer.result?.requestState,
  inputResponses: { [keyOf(answer)]: { action: "accept", content: { age } } },
});

describe("a handler that asks", () => {
  test("does not repeat an effect that gives nothing", async () => {
    let effects = 0;
    const raw = await createRaw((server) => {
      server.tool("quiet", {}, async (_args, ctx) => {
        const given = await ctx.once("quiet", () => {
          effects++;
        });
        await ctx.elicit({ message: "Go on?", requestedSchema: FORM });
        return `${given} after ${effects}`;
      });
    });
    const first = await call(raw, {}, "quiet");
    const second = await call(raw, reply(first, 1), "quiet");
    expect(second.result?.content).toEqual([{ type: "text", text: "undefined after 1" }]);
  });

  test(`runs again with the answers, and its effects do not${verifies("MRTR-02", "MRTR-05", "MRTR-06", "MRTR-11")}`, async () => {
    const raw = await open();
    const first = await call(raw);
    expect(first.result).toMatchObject({ resultType: "input_required", requestState: expect.any(String) });
    expect(first.result?.inputRequests).toEqual({
      [keyOf(first)]: { method: "elicitation/create", params: { message: "Age of Ada?", requestedSchema: FORM } },
    });
    const { effects } = runs;
    const second = await call(raw, reply(first, 36));
    expect(second.result).toMatchObject({
      resultType: "complete",
      content: [{ type: "text", text: `accept 36 effect ${effects}` }],
    });
    expect(runs.effects).toBe(effects);
  });

  test(`asks again for an answer that is missing, and ignores what was not asked${verifies("MRTR-27", "MRTR-10")}`, async () => {
    const raw = await open();
    const first = await call(raw);
    const { requestState } = first.result as { requestState: string };
    const again = await call(raw, { requestState, inputResponses: { other: { action: "accept" } } });
    expect(again.result?.resultType).toBe("input_required");
    expect(keyOf(again)).toBe(keyOf(first));
    // Answers without the state that goes with them are nobody's.
    const bare = await call(raw, { inputResponses: { [keyOf(first)]: { action: "accept", content: { age: 1 } } } });
    expect(bare.result?.resultType).toBe("input_required");
  });

  test(`is told of answers that do not fit${verifies("MRTR-26", "ELIC-33")}`, async () => {
    const raw = await open();
    const first = await call(raw);
    const { requestState } = first.result as { requestState: string };
    const bad = await call(raw, { requestState, inputResponses: { [keyOf(first)]: { action: "maybe" } } });
    expect(bad.error).toMatchObject({
      code: -32602,
      data: { failures: [{ pointer: `/params/inputResponses/${keyOf(first)}/action` }] },
    });
    const unfit = await call(raw, reply(first, "old"));
    expect(unfit.result).toMatchObject({ isError: true });
  });

  test(`asks in prompts and resources too, and nowhere else${verifies("MRTR-03", "MRTR-04")}`, async () => {
    const raw = await open();
    const rounds = [
      ["resources/read", { uri: "memo://ask" }],
      ["prompts/get", { name: "ask" }],
    ] as const;
    for (const [method, params] of rounds) {
      const first = await raw.askModern(method, params, CAN);
      expect(first.result?.inputRequests).toEqual({ [keyOf(first)]: { method: "roots/list" } });
      const inputResponses = { [keyOf(first)]: { roots: [{ uri: "file:///r" }] } };
      const second = await raw.askModern(
        method,
        { ...params, inputResponses, requestState: first.result?.requestState },
        CAN,
      );
      expect(second.result?.resultType).toBe("complete");
    }
  });

  test(`asks only for what the request declared${verifies("MRTR-08", "MRTR-09", "LIFE-60", "ELIC-06", "SAMP-03", "ELIC-04")}`, async () => {
    const raw = await open();
    const missing = async (name: string, capabilities: object): Promise<unknown> =>
      (await call(raw, {}, name, capabilities)).error;
    const lacking = (requiredCapabilities: object): object => ({ code: -32021, data: { requiredCapabilities } });
    expect(await missing("age", {})).toMatchObject(lacking({ elicitation: { form: {} } }));
    expect(await missing("age", { elicitation: { url: {} } })).toMatchObject(lacking({ elicitation: { form: {} } }));
    expect(await missing("page", { elicitation: {} })).toMatchObject(lacking({ elicitation: { url: {} } }));
    expect(await missing("tools", { sampling: {} })).toMatchObject(lacking({ sampling: { tools: {} } }));
    expect((await call(raw, {}, "page", { elicitation: { url: {} } })).result?.resultType).toBe("input_required");
  });
});

describe("a question with a key of the handler's own", () => {
  const AGE = { action: "accept", content: { age: 3 } };

  test(`goes out under it, beside others${verifies("MRTR-06", "MRTR-07")}`, async () => {
    const raw = await open();
    const first = await call(raw, {}, "named");
    expect(Object.keys(first.result?.inputRequests as object)).toEqual(["age"]);
    const second = await call(raw, { ...reply(first, 3) }, "named");
    const [own, other] = Object.keys(second.result?.inputRequests as object);
    expect([own, other]).toEqual(["roots", expect.stringMatching(/^elicit-1-/)]);
    const inputResponses = { roots: { roots: [] }, [other as string]: AGE };
    const third = await call(raw, { inputResponses, requestState: second.result?.requestState }, "named");
    expect(third.result).toMatchObject({ resultType: "complete", content: [{ text: "3 0 3" }] });
  });

  test(`may be answered before it was asked${verifies("MRTR-26", "MRTR-27")}`, async () => {
    const raw = await open();
    const inputResponses = { age: AGE, roots: { roots: [{ uri: "file:///r" }] }, unknown: AGE };
    const first = await call(raw, { inputResponses }, "named");
    expect(Object.keys(first.result?.inputRequests as object)).toEqual([expect.stringMatching(/^elicit-1-/)]);
    expect((await call(raw, { ...reply(first, 4) }, "named")).result).toMatchObject({ content: [{ text: "3 1 4" }] });
    const bad = await call(raw, { inputResponses: { age: { roots: [] } } }, "named");
    const failures = [{ pointer: "/params/inputResponses/age/action", actual: "missing" }];
    expect(bad.error).toMatchObject({ code: -32602, data: { failures } });
  });

  test("cannot share it", async () => {
    const raw = await open();
    expect((await call(raw, {}, "twice")).result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('"same"') }],
    });
  });
});

describe("requestState", () => {
  const secret = "k".repeat(32);

  test(`is refused when anything about it changed${verifies("MRTR-21", "MRTR-22", "MRTR-24", "SEC-44")}`, async () => {
    const raw = await open();
    const first = await call(raw);
    const state = first.result?.requestState as string;
    const flipped = `${state.slice(0, -3)}${state.at(-3) === "A" ? "B" : "A"}${state.slice(-2)}`;
    const longer = ["-TAMPERED", ".", "=", " "].map((more) => `${state}${more}`);
    for (const requestState of [flipped, ...longer, "", "AAAA", "not even base64 !", state.slice(0, 20)])
      expect((await call(raw, { ...reply(first, 1), requestState })).error).toMatchObject({ code: -32602 });
    const other = await raw.askModern(
      "tools/call",
      { name: "age", arguments: { who: "Eve" }, ...reply(first, 1) },
      CAN,
    );
    expect(other.error).toMatchObject({ code: -32602 });
    const elsewhere = await (await open()).askModern(
      "tools/call",
      { name: "age", arguments: { who: "Ada" }, ...reply(first, 1) },
      CAN,
    );
    expect(elsewhere.error).toMatchObject({ code: -32602 });
  });

  test(`is bound to the principal, and not to the order of members or to _meta${verifies("MRTR-24", "SEC-17", "SEC-18")}`, async () => {
    const sealer = createSealer();
    const origin = { principal: "ada", more: 1 };
    const memory = { answers: { a: 1 }, kept: {}, asked: {} };
    const state = sealer.seal(memory, {
      method: "tools/call",
      params: { name: "x", arguments: { a: 1, b: [{ c: 1, d: 2 }] } },
      origin,
    });
    const params = {
      requestState: state,
      arguments: { b: [{ d: 2, c: 1 }], a: 1 },
      _meta: { progressToken: 1 },
      name: "x",
    };
    expect(sealer.open(state, { method: "tools/call", params, origin: { principal: "ada" } })).toMatchObject(memory);
    for (const other of [
      { method: "prompts/get", params, origin },
      { method: "tools/call", params, origin: { principal: "eve" } },
      { method: "tools/call", params, origin: undefined },
    ])
      expect(() => sealer.open(state, other)).toThrow(/refused/);
    expect(state).not.toContain(Buffer.from('"a"').toString("base64url"));
  });

  test(`is all that a retry needs: no connection remembers anything${verifies("LIFE-55", "LIFE-57", "LIFE-59")}`, async () => {
    const raw = await open();
    const first = await call(raw);
    const [near, far] = createMemoryPair();
    await raw.server.connect(far);
    const other = attach(near, raw.server, []);
    await raw.close();
    expect((await call(other, reply(first, 5))).result).toMatchObject({
      resultType: "complete",
      content: [{ text: expect.stringMatching(/^accept 5 /) }],
    });
  });

  test(`can be used again, unless the tool sees to it${verifies("MRTR-25")}`, async () => {
    const used = new Set<string>();
    const raw = await createRaw((server) => {
      server.tool("pay", {}, async (_args, ctx) => {
        const id = await ctx.once("id", () => crypto.randomUUID());
        await ctx.elicit({ message: "Pay?", requestedSchema: FORM });
        if (used.has(id)) throw new Error("paid already");
        used.add(id);
        return "paid";
      });
    });
    const first = await call(raw, {}, "pay");
    expect((await call(raw, reply(first, 1), "pay")).result).toMatchObject({ content: [{ text: "paid" }] });
    expect((await call(raw, reply(first, 1), "pay")).result).toMatchObject({
      isError: true,
      content: [{ text: "paid already" }],
    });
    const second = await call(raw, {}, "pay");
    expect((await call(raw, reply(second, 1), "pay")).result).toMatchObject({ content: [{ text: "paid" }] });
  });

  test(`expires${verifies("MRTR-24", "SEC-18")}`, async () => {
    const raw = await open({ requestState: { ttlMs: -1 } });
    expect((await call(raw, reply(await call(raw), 1))).error?.message).toMatch(/expired/);
  });

  test("opens in another process with the same keys, and keys can be changed", async () => {
    const before = await open({ requestState: { keys: [secret] } });
    const first = await call(before);
    const rotated = await open({ requestState: { keys: ["n".repeat(32), secret] } });
    expect((await call(rotated, reply(first, 7))).result?.resultType).toBe("complete");
    const gone = await open({ requestState: { keys: ["n".repeat(32)] } });
    expect((await call(gone, reply(first, 7))).error?.code).toBe(-32602);
    const server = createServer({ name: "s", version: "1", requestState: { keys: ["short"] } });
    expect(server.info.name).toBe("s");
    expect(() => createSealer({ keys: ["short"] })).toThrow(/32/);
  });
});

test(`in the other era each question is a request, and only declared ones are sent${verifies("LIFE-23", "ELIC-08", "ELIC-12", "ELIC-15")}`, async () => {
  const raw = await open();
  await raw.initialize("2025-11-25", { elicitation: { url: {} } });
  const page = raw.ask("tools/call", { name: "page" });
  await expect
    .poll(() => raw.seen.find(({ method }) => method === "elicitation/create"))
    .toMatchObject({
      params: { mode: "url", url: "https://example.com/", elicitationId: expect.any(String) },
    });
  const asked = raw.seen.find(({ method }) => method === "elicitation/create");
  raw.send({ jsonrpc: "2.0", id: asked?.id, error: { code: -1, message: "no" } });
  expect((await page).result).toMatchObject({ isError: true, content: [{ text: expect.stringContaining("no (-1)") }] });
  expect((await raw.ask("tools/call", { name: "age" })).result).toMatchObject({ isError: true });
  expect(raw.seen.filter(({ method }) => method === "elicitation/create")).toHaveLength(1);
});

const linkForm = (text: object): object => ({ type: "object", properties: { f: { type: "string", ...text } } });

test.each([
  ["/message", "See https://pages.example/", FORM],
  ["/message", "See www.pages.example", FORM],
  ["/requestedSchema/properties/f/title", "?", linkForm({ title: "http://pages.example" })],
  ["/requestedSchema/properties/f/description", "?", linkForm({ description: "At https://pages.example/a" })],
  ["/requestedSchema/properties/f/enumNames", "?", linkForm({ enum: ["a"], enumNames: ["https://a.example"] })],
  [
    "/requestedSchema/properties/f/oneOf/0/title",
    "?",
    linkForm({ oneOf: [{ const: "a", title: "https://a.example" }] }),
  ],
])(
  `who runs the server hears once of an address in a form, at %s${verifies("ELIC-64")}`,
  async (place, message, form) => {
    const raw = await createRaw((server) => {
      server.tool("ask", {}, async (_args, ctx) => {
        const requestedSchema = form as typeof FORM;
        await Promise.all([
          ctx.elicit({ message, requestedSchema }),
          ctx.elicit({ message: `${message}!`, requestedSchema }),
        ]);
        return "never";
      });
    });
    const { result } = await call(raw, {}, "ask");
    expect(Object.keys(result?.inputRequests as object)).toHaveLength(2);
    expect(raw.errors).toMatchObject([{ code: "LINK_IN_FORM", message: expect.stringContaining(` at ${place}.`) }]);
    await raw.close();
  },
);

test(`values may be addresses, and so may pages${verifies("ELIC-64")}`, async () => {
  const raw = await open();
  raw.server.tool("ask", {}, async (_args, ctx) => {
    const f = {
      type: "string",
      format: "uri",
      default: "https://a.example",
      title: "Your site (with https:)",
    } as const;
    const c = { type: "string", enum: ["https://a.example"] } as const;
    await Promise.all([
      ctx.elicit({ message: "Which?", requestedSchema: { type: "object", properties: { f, c } } }),
      ctx.elicitUrl({ message: "At https://pages.example/", url: "https://pages.example/" }),
    ]);
    return "never";
  });
  const { result } = await call(raw, {}, "ask", { elicitation: { form: {}, url: {} } });
  expect(Object.keys(result?.inputRequests as object)).toHaveLength(2);
  expect(raw.errors).toEqual([]);
  await raw.close();
});

test(`a question is taken back when the request that put it is given up${verifies("BASE-63", "BASE-60", "STDIO-24")}`, async () => {
  const raw = await open();
  await raw.initialize("2025-11-25", { elicitation: {} });
  raw.send({ jsonrpc: "2.0", id: "given up", method: "tools/call", params: { name: "age" } });
  const sent = (method: string): Answer[] => raw.seen.filter((one) => one.method === method);
  await expect.poll(() => sent("elicitation/create")).toHaveLength(1);
  raw.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: "given up" } });
  await expect.poll(() => sent("notifications/cancelled")).toHaveLength(1);
  const [asked] = sent("elicitation/create");
  expect(sent("notifications/cancelled")[0]?.params?.requestId).toBe(asked?.id);
  // An answer that was on its way already is no news.
  raw.send({ jsonrpc: "2.0", id: asked?.id, result: { action: "cancel" } });
  await raw.ask("ping");
  expect(raw.seen.some(({ id }) => id === "given up")).toBe(false);
  expect(raw.errors).toEqual([]);
});
