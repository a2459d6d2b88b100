/** The client's channel over HTTP without handshake: headers that mirror the body, and exchanges that stand alone. */

import { describe, expect, test } from "vitest";
import { createHttpChannel, type HttpOptions } from "../../runtime/protocol/http-client.js";
import { verifies } from "../verifies.js";
import { type Hit, meta, openChannel, startHttp, until } from "./http-raw.js";

async function open(answer: (hit: Hit) => void, options: HttpOptions = {}) {
  const server = await startHttp(answer);
  const told = await openChannel(createHttpChannel(server.url, options));
  let lastId = 0;
  const ask = (method: string, params: object = {}): number => {
    told.ask(++lastId, method, { ...params, _meta: meta });
    return lastId;
  };
  return { server, told, ask };
}

const complete = { resultType: "complete" };
const toolsOf = (...tools: object[]): object => ({ ...complete, tools });
const tool = (name: string, properties: object = {}): object => ({ name, inputSchema: { type: "object", properties } });
const paramsOf = ({ headers }: Hit): Record<string, unknown> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("mcp-param-")));

describe("headers", () => {
  test(`mirror what each method has to say${verifies("HTTP-79", "HTTP-80", "HTTP-81", "HTTP-103", "HTTP-105", "HTTP-106", "HTTP-107", "HTTP-88", "HTTP-150", "HTTP-153")}`, async () => {
    const { server, told, ask } = await open((hit) => hit.result(complete, { "mcp-session-id": "not mine" }));
    ask("tools/list");
    ask("tools/call", { name: "echo" });
    ask("prompts/get", { name: "gr\u00fc\u00dfe" });
    ask("resources/read", { uri: "file:///a%20b.txt" });
    ask("tasks/get", { taskId: "t 1" });
    ask("tasks/update", { taskId: "=?base64?x?=" });
    ask("tasks/cancel", { taskId: "" });
    ask("server/discover");
    ask("vendor/method", { name: "x" });
    await until(() => told.messages.length === 9);
    for (const { verb, headers, body } of server.hits) {
      expect(verb).toBe("POST");
      expect(headers).toMatchObject({
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": body.method,
        accept: "application/json, text/event-stream",
        "content-type": "application/json",
      });
      expect(headers).not.toHaveProperty("mcp-session-id");
    }
    const names = new Map(server.hits.map(({ body, headers }) => [body.method, headers["mcp-name"]]));
    expect(Object.fromEntries(names)).toEqual({
      "tools/list": undefined,
      "tools/call": "echo",
      "prompts/get": "=?base64?Z3LDvMOfZQ==?=",
      "resources/read": "file:///a%20b.txt",
      "tasks/get": "t 1",
      "tasks/update": "=?base64?PT9iYXNlNjQ/eD89?=",
      "tasks/cancel": "",
      "server/discover": undefined,
      "vendor/method": undefined,
    });
  });

  test(`mirror marked parameters of the tools that were listed last${verifies("HTTP-129", "HTTP-138", "HTTP-145", "HTTP-146", "HTTP-147", "HTTP-148")}`, async () => {
    const mark = (name: string, type: string): object => ({ type, "x-mcp-header": name });
    const properties = {
      region: mark("Region", "string"),
      count: mark("Count", "integer"),
      dry: mark("Dry", "boolean"),
      deep: { type: "object", properties: { a: mark("Deep", "string") } },
      plain: { type: "string" },
    };
    let lists = 0;
    const { server, told, ask } = await open((hit) => {
      if (hit.body.method !== "tools/list") hit.result(complete);
      else if (++lists === 1) {
        hit.stream({ id: hit.body.id, result: toolsOf(tool("t", properties)) });
        hit.response.end();
      } else hit.result(toolsOf(tool("t", { region: mark("Zone", "string") })));
    });
    const call = async (args: object | undefined): Promise<Record<string, unknown>> => {
      const before = told.messages.length;
      ask("tools/call", { name: "t", arguments: args });
      await until(() => told.messages.length > before);
      return paramsOf(server.hits.at(-1) as Hit);
    };
    expect(await call({ region: "eu" })).toEqual({});
    ask("tools/list");
    await until(() => told.messages.length === 2);
    expect(await call({ region: "eu", count: -7, dry: false, deep: { a: " x" }, plain: "p" })).toEqual({
      "mcp-param-region": "eu",
      "mcp-param-count": "-7",
      "mcp-param-dry": "false",
      "mcp-param-deep": "=?base64?IHg=?=",
    });
    expect(await call({ region: "", count: null, deep: { a: "line1\nline2" } })).toEqual({
      "mcp-param-region": "",
      "mcp-param-deep": "=?base64?bGluZTEKbGluZTI=?=",
    });
    expect(await call({ deep: 5, count: 2 ** 60 })).toEqual({});
    expect(await call(undefined)).toEqual({});
    ask("tools/list");
    await until(() => told.messages.length === 7);
    expect(await call({ region: "eu", count: 1 })).toEqual({ "mcp-param-zone": "eu" });
  });
});

describe("tools with annotations of no use", () => {
  test(`are left out of lists, with the name and the reason reported${verifies("HTTP-135", "HTTP-136", "HTTP-137")}`, async () => {
    const bad = tool("bad", { a: { type: "number", "x-mcp-header": "A" } });
    const list = { ...toolsOf(tool("good"), bad, { name: 5 }), nextCursor: "n", more: true };
    const { told, ask } = await open((hit) => hit.result(list));
    ask("tools/list");
    await until(() => told.messages.length === 1);
    expect(told.messages[0]?.result).toEqual({ ...list, tools: [tool("good"), { name: 5 }] });
    expect(told.errors).toMatchObject([
      { code: "INVALID_RESULT", message: expect.stringMatching(/"bad".*number.*\/properties\/a\/x-mcp-header/) },
    ]);
  });
});

describe("headers that the server refuses", () => {
  const listed = tool("t", { region: { type: "string", "x-mcp-header": "Region" } });

  test(`make a call list the tools again and go once more${verifies("HTTP-125", "HTTP-145")}`, async () => {
    const { server, told, ask } = await open((hit) => {
      const { method, params } = hit.body;
      if (method === "tools/list")
        hit.result(params?.cursor === undefined ? { ...toolsOf(tool("other")), nextCursor: "2" } : toolsOf(listed));
      else if (paramsOf(hit)["mcp-param-region"] === "eu") hit.result({ ...complete, content: [] });
      else hit.error(400, -32020);
    });
    const id = ask("tools/call", { name: "t", arguments: { region: "eu" } });
    await until(() => told.messages.length === 1);
    expect(told.messages).toMatchObject([{ id, result: { content: [] } }]);
    expect(server.verbs()).toEqual(["tools/call", "tools/list", "tools/list", "tools/call"]);
    expect(server.of("tools/list").map(({ body }) => body.params?._meta)).toEqual([meta, meta]);
    expect(new Set(server.hits.map(({ body }) => body.id)).size).toBe(3);
    expect(told).toMatchObject({ errors: [], lost: [] });
  });

  test.each([
    ["still", () => toolsOf(listed)],
    ["and no list either", () => undefined],
  ])("%s, are told after one more attempt at most", async (_what, list) => {
    const { server, told, ask } = await open((hit) => {
      const result = hit.body.method === "tools/list" ? list() : undefined;
      if (result === undefined) hit.error(400, -32020);
      else hit.result(result);
    });
    ask("tools/call", { name: "t", arguments: { region: "eu" } });
    await until(() => told.messages.length === 1);
    expect(told.messages).toMatchObject([{ id: 1, error: { code: -32020 } }]);
    expect(server.of("tools/call").length).toBeLessThanOrEqual(2);
  });

  test("of another method are told at once", async () => {
    const { server, told, ask } = await open((hit) => hit.error(400, -32020));
    ask("tools/list");
    await until(() => told.messages.length === 1);
    expect(server.hits).toHaveLength(1);
  });
});

describe("an exchange", () => {
  test(`that ends without its answer fails its request, and is neither taken up nor repeated${verifies("HTTP-98", "HTTP-87")}`, async () => {
    const { server, told, ask } = await open((hit) => {
      hit.stream("id: 1\nretry: 1\n", { method: "notifications/message", params: {} });
      if (hit.body.id === 1) hit.response.end();
      else hit.response.destroy();
    });
    ask("tools/call", { name: "a" });
    ask("tools/call", { name: "b" });
    await until(() => told.lost.length === 2);
    expect(told.lost.map(({ error }) => error.code)).toEqual(["STREAM_LOST", "STREAM_LOST"]);
    expect(told.messages[0]).toMatchObject({ method: "notifications/message" });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.verbs()).toEqual(["tools/call", "tools/call"]);
  });

  test(`is about its own request alone${verifies("HTTP-82", "HTTP-92")}`, async () => {
    let slow: Hit | undefined;
    const { told, ask } = await open((hit) => {
      if (hit.body.id === 1) slow = hit;
      else {
        hit.stream(
          { id: 1, result: complete },
          { id: "2", result: complete },
          { id: 9, method: "sampling/createMessage" },
        );
        hit.say({ id: 2, result: complete }, { id: 2, result: { other: 1 } });
        hit.response.end();
      }
    });
    ask("a/b");
    ask("a/b");
    await until(() => told.messages.length === 1 && slow !== undefined);
    expect(told.messages).toEqual([{ jsonrpc: "2.0", id: 2, result: complete }]);
    expect(told.errors).toMatchObject(Array(3).fill({ code: "UNKNOWN_ID" }));
    slow?.result({ mine: true });
    await until(() => told.messages.length === 2);
    expect(told.messages[1]).toMatchObject({ id: 1, result: { mine: true } });
  });

  test(`is ended by giving up, which tells the server${verifies("HTTP-99", "HTTP-102", "LIFE-85", "SUB-12")}`, async () => {
    let slow: Hit | undefined;
    const { server, told, ask } = await open((hit) => {
      slow = hit;
      hit.stream(": open\n\n");
    });
    const id = ask("subscriptions/listen", { notifications: {} });
    await until(() => slow !== undefined);
    expect(told.channel.giveUp?.(id)).toBe(true);
    await until(() => slow?.cut === true);
    expect(told.channel.giveUp?.(id)).toBe(false);
    expect(server.hits).toHaveLength(1);
    expect(told).toMatchObject({ lost: [], errors: [], messages: [] });
  });

  test("that goes on after its answer is ended after a moment", async () => {
    let open1: Hit | undefined;
    const { told, ask } = await open((hit) => {
      open1 = hit;
      hit.stream({ id: hit.body.id, result: complete });
    });
    ask("a/b");
    await until(() => told.messages.length === 1);
    await until(() => open1?.cut === true);
    expect(told).toMatchObject({ lost: [], errors: [] });
  });

  test.each([
    [400, -32022],
    [400, -32021],
    [404, -32601],
    [200, -32602],
  ])(
    `of which the status is %d and the error %d gives the error${verifies("HTTP-116", "HTTP-117", "HTTP-119", "HTTP-121")}`,
    async (status, code) => {
      const { told, ask } = await open((hit) => hit.error(status, code, { supported: ["2026-07-28"] }));
      ask("a/b");
      await until(() => told.messages.length === 1);
      expect(told.messages).toMatchObject([{ id: 1, error: { code, data: { supported: ["2026-07-28"] } } }]);
    },
  );

  test("is ended by closing the channel, without a word", async () => {
    const hits: Hit[] = [];
    const { server, told, ask } = await open((hit) => void hits.push(hit));
    ask("a/b");
    ask("a/b");
    await until(() => hits.length === 2);
    await told.channel.close();
    await until(() => hits.every(({ cut }) => cut));
    expect(server.hits).toHaveLength(2);
    expect(told).toMatchObject({ lost: [], errors: [], closed: [undefined] });
  });
});

test(`a notification goes with the revision that requests name${verifies("HTTP-85", "HTTP-83")}`, async () => {
  const { server, told, ask } = await open((hit) =>
    hit.body.id === undefined ? hit.text(hit.body.method === "a/good" ? 202 : 400, "") : hit.result(complete),
  );
  ask("a/b");
  await told.tell("a/good");
  await told.tell("a/bad");
  await until(() => told.errors.length === 1);
  expect(server.of("a/good")[0]?.headers).toMatchObject({
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": "a/good",
  });
  expect(told.errors).toMatchObject([{ status: 400 }]);
});
