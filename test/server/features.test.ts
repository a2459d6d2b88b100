/** What is registered: schemas of all kinds, names, templates, middleware, and results that do not fit. */

import { Type } from "typebox";
import { describe, expect, expectTypeOf, test } from "vitest";
import { connect } from "../../runtime/client/connect.js";
import { RpcError } from "../../runtime/errors.js";
import type { StandardSchema } from "../../runtime/schema/standard.js";
import { createServer } from "../../runtime/server/server.js";
import { matchUri } from "../../runtime/server/uri-match.js";
import { parseUriTemplate } from "../../runtime/server/uri-template.js";
import { verifies } from "../verifies.js";
import { createRaw } from "./raw.js";

/** A schema library in a few lines: takes text of digits, gives a number. */
const digits: StandardSchema<{ count: number }> = {
  "~standard": {
    version: 1,
    vendor: "tiny",
    validate: async (value) => {
      const { count } = value as { count?: unknown };
      if (typeof count !== "string" || !/^\d+$/.test(count))
        return { issues: [{ message: "digits", path: ["count"] }] };
      return { value: { count: Number(count) } };
    },
    jsonSchema: {
      input: () => ({ type: "object", properties: { count: { type: "string" } } }),
      output: () => ({ type: "object", properties: { count: { type: "number" } } }),
    },
  },
};

describe("schemas", () => {
  test(`type the arguments and check them${verifies("TOOL-12", "TOOL-13", "TOOL-24", "BASE-101", "BASE-102")}`, async () => {
    const server = createServer({ name: "s", version: "1" });
    server.tool("typebox", { input: Type.Object({ a: Type.Number(), b: Type.Optional(Type.String()) }) }, (args) => {
      expectTypeOf(args.a).toEqualTypeOf<number>();
      expectTypeOf(args.b).toEqualTypeOf<string | undefined>();
      return `${args.a}`;
    });
    const plain = { type: "object", properties: { mode: { enum: ["x", "y"] } }, required: ["mode"] } as const;
    server.tool("plain", { input: plain }, (args) => {
      expectTypeOf(args.mode).toEqualTypeOf<"x" | "y">();
      return args.mode;
    });
    server.tool("standard", { input: digits }, (args) => {
      expectTypeOf(args.count).toEqualTypeOf<number>();
      return `${args.count + 1}`;
    });
    const draft7 = {
      $schema: "http://json-schema.org/draft-07/schema#",
      type: "object",
      properties: { pair: { type: "array", items: [{ type: "number" }], additionalItems: false } },
    };
    server.tool("draft7", { input: draft7 }, () => "ok");
    const client = await connect(server);
    const text = async (name: string, args: Record<string, unknown>): Promise<unknown> =>
      (await client.callTool(name, args)).content.map((block) => (block as { text: string }).text).join();
    expect(await text("typebox", { a: 2 })).toBe("2");
    expect(await text("typebox", { b: "x" })).toMatch(/\/a .*missing/);
    expect(await text("plain", { mode: "z" })).toMatch(/\/mode/);
    expect(await text("standard", { count: "41" })).toBe("42");
    expect(await text("standard", { count: "x" })).toMatch(/\/count should be digits/);
    expect(await text("draft7", { pair: [1] })).toBe("ok");
    expect(await text("draft7", { pair: [1, 2] })).not.toBe("ok");
    expect((await client.listTools())[2]?.inputSchema).toEqual({
      type: "object",
      properties: { count: { type: "string" } },
    });
  });

  test(`that refer to the network or have another root are refused${verifies("BASE-106", "BASE-108", "BASE-110", "TOOL-13")}`, () => {
    const server = createServer({ name: "s", version: "1" });
    const away = { type: "object", properties: { a: { $ref: "https://example.com/a.json" } } };
    expect(() => server.tool("away", { input: away }, () => "")).toThrow(/example.com/);
    const own = {
      type: "object",
      $id: "https://example.com/own",
      properties: { a: { $ref: "https://example.com/own#/$defs/a" } },
      $defs: { a: {} },
    };
    server.tool("own", { input: own }, () => "");
    expect(() => server.tool("list", { input: { type: "array" } }, () => "")).toThrow(/root/);
    const silent = {
      "~standard": { version: 1, vendor: "silent", validate: (value: unknown) => ({ value }) },
    } as const;
    expect(() => server.tool("silent", { input: silent }, () => "")).toThrow(/silent/);
  });

  test(`of outputs bind the tool${verifies("TOOL-15", "TOOL-20")}`, async () => {
    const raw = await createRaw((server) => {
      const output = Type.Object({ n: Type.Number() });
      server.tool("good", { output }, () => ({ structuredContent: { n: 1 }, content: [] }));
      server.tool("wrong", { output }, () => ({ structuredContent: { n: "1" } as never }));
      server.tool("none", { output }, () => "just text");
      server.tool("error", { output }, () => ({ isError: true, content: [] }));
    });
    await raw.initialize();
    const call = async (name: string): Promise<unknown> => await raw.ask("tools/call", { name });
    expect(await call("good")).toMatchObject({ result: { structuredContent: { n: 1 }, content: [] } });
    for (const name of ["wrong", "none"]) expect(await call(name)).toMatchObject({ error: { code: -32603 } });
    expect(raw.errors.map(({ message }) => message).join()).toMatch(/wrong.*\/n.*none/s);
    expect(await call("error")).toMatchObject({ result: { isError: true } });
  });
});

test(`odd tool names are warned of, and taken${verifies("TOOL-07")}`, async () => {
  const raw = await createRaw((server) => {
    server.tool("a b", {}, () => "fine");
    expect(() => server.tool("a b", {}, () => "")).toThrow(/already/);
  });
  expect(raw.errors).toMatchObject([{ code: "TOOL_NAME" }]);
  await raw.initialize();
  expect((await raw.ask("tools/call", { name: "a b" })).result).toMatchObject({ content: [{ text: "fine" }] });
});

test(`a result that does not fit is never sent${verifies("BASE-14", "PROMPT-07")}`, async () => {
  const raw = await createRaw((server) => {
    server.tool("bad", {}, () => ({ content: [{ type: "text" }] }) as never);
    server.resource("a:b", { name: "b" }, () => ({ contents: [{ text: "no uri" }] }) as never);
    server.prompt("bad", {}, () => [{ role: "user", content: { type: "image", data: "AA==" } }] as never);
  });
  await raw.initialize();
  expect((await raw.ask("tools/call", { name: "bad" })).error?.code).toBe(-32603);
  expect((await raw.ask("resources/read", { uri: "a:b" })).error?.code).toBe(-32603);
  expect((await raw.ask("prompts/get", { name: "bad" })).error?.code).toBe(-32603);
  expect(raw.errors.map(({ message }) => message).join()).toMatch(
    /\/content\/0\/text.*\/contents\/0\/uri.*\/messages\/0\/content\/mimeType/s,
  );
});

test("middleware gets a promise of `next` even from what throws at once", async () => {
  const raw = await createRaw((server) => {
    server.prompt("broken", {}, () => {
      throw new RpcError(-32000, "broken at once");
    });
    server.use("prompts/get", (_params, _ctx, next) => next().catch(() => ({ messages: [] })));
  });
  await raw.initialize();
  expect((await raw.ask("prompts/get", { name: "broken" })).result).toEqual({ messages: [] });
});

test("middleware sees, changes and answers, typed by the method", async () => {
  const seen: string[] = [];
  const raw = await createRaw((server) => {
    server.tool(
      "echo",
      { input: { type: "object", properties: { text: { type: "string" } } } },
      ({ text }) => text ?? "",
    );
    server.use("tools/call", async (params, ctx, next) => {
      seen.push(`${ctx.method} ${params.name}`);
      if (params.name === "stop") return { content: [] };
      const result = await next({ ...params, arguments: { text: "changed" } });
      expectTypeOf(result.isError).toEqualTypeOf<boolean | undefined>();
      return { ...result, _meta: { seen: true } };
    });
    server.use("tools/call", (_params, _ctx, next) => next());
  });
  await raw.initialize();
  expect((await raw.ask("tools/call", { name: "echo", arguments: { text: "x" } })).result).toEqual({
    content: [{ type: "text", text: "changed" }],
    _meta: { seen: true },
  });
  expect((await raw.ask("tools/call", { name: "stop" })).result).toEqual({ content: [] });
  expect(seen).toEqual(["tools/call echo", "tools/call stop"]);
});

test(`what is removed is gone, and pages stay good${verifies("BASE-83")}`, async () => {
  const server = createServer({ name: "s", version: "1", pageSize: 2 });
  const tools = ["a", "b", "c", "d", "e"].map((name) => server.tool(name, {}, () => name));
  const client = await connect(server, { revisions: ["2025-11-25"] });
  const first = await client.request("tools/list");
  const cursor = first.nextCursor ?? "";
  tools[0]?.remove();
  expect((await client.listTools()).map(({ name }) => name)).toEqual(["b", "c", "d", "e"]);
  expect((await client.request("tools/list", { cursor })).tools.map(({ name }) => name)).toEqual(["c", "d"]);
  tools[2]?.remove();
  await expect(client.request("tools/list", { cursor })).rejects.toMatchObject({ rpcCode: -32602 });
  for (const tool of tools) tool.remove();
  expect(await client.listTools()).toEqual([]);
});

describe("URI templates", () => {
  test.each([
    ["a:{x}", "a:1", { x: "1" }],
    ["a:{x}", "a:1/2", undefined],
    ["a:{+x}", "a:1/2", { x: "1/2" }],
    ["a://{host}/{+path}", "a://h/p/q.txt", { host: "h", path: "p/q.txt" }],
    ["a:b{/x,y}", "a:b/1/2", { x: "1", y: "2" }],
    ["a:b{?q,lang}", "a:b?lang=en&q=two%20words", { q: "two words", lang: "en" }],
    ["a:b{?q}", "a:b", {}],
    ["a:b{#x}", "a:b#frag", { x: "frag" }],
    ["a:b{.x}", "a:b.json", { x: "json" }],
    ["a:{x}", "a:%zz", undefined],
    ["a:{x}", "a:__proto__", { x: "__proto__" }],
    ["a:{__proto__}", "a:1", { ["__proto__"]: "1" }],
    ["a.b:{x}", "aXb:1", undefined],
  ])(`%s reads %s${verifies("RES-02", "RES-16")}`, (template, uri, values) => {
    expect(matchUri(parseUriTemplate(template), uri)).toEqual(values);
  });

  test("that are none are refused", () => {
    for (const template of ["a:{", "a:}", "a:{}", "a:{x y}", "a:{{x}}"])
      expect(() => parseUriTemplate(template)).toThrow(/template/);
  });

  test(`are read in bounded time${verifies("SEC-42")}`, () => {
    const started = performance.now();
    expect(matchUri(parseUriTemplate("a:{+x}{+y}{+z}!"), `a:${"b".repeat(100_000)}`)).toBeUndefined();
    expect(matchUri(parseUriTemplate("a:{+x}-{+y}!"), `a:${"-".repeat(4_000)}`)).toBeUndefined();
    expect(matchUri(parseUriTemplate("a:{+u}{+v}{+w}{+x}{+y}{+z}!"), `a:${"b".repeat(8_000)}`)).toBeUndefined();
    expect(matchUri(parseUriTemplate("/users{/list*}/{a,b,c}!"), `/users/${"a,".repeat(4_000)}`)).toBeUndefined();
    // A reader that goes back would take hours.
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
