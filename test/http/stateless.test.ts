/** The newer era over HTTP: one request a POST, headers that mirror the body, and statuses that tell errors apart. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { McpWireError } from "../../runtime/errors.js";
import { verifies } from "../verifies.js";
import { type Answer, type Headers, meta, type RawHttp, send, serve } from "./raw.js";
import { defineScene, type Held } from "./scene.js";

let raw: RawHttp;
let alone: RawHttp;
let held: Held;

beforeAll(async () => {
  raw = await serve((server) => {
    held = defineScene(server);
    server.tool("größe", {}, () => "big");
  });
  alone = await serve(defineScene, { revisions: ["2026-07-28"] });
});
afterAll(() => Promise.all([raw.server.close(), alone.server.close()]));

const call = (id: unknown, name: string, args: object = {}, more: Headers = {}): Promise<Answer> =>
  raw.ask(id, "tools/call", { name, arguments: args }, more);

/** Every way in which an error of the envelope is told: the status, and the error under the id of the request. */
async function refused(answer: Promise<Answer>, status: number, error: object, id: unknown = 7): Promise<void> {
  const whole = await (await answer).whole();
  expect([whole.status, whole.messages]).toMatchObject([status, [{ jsonrpc: "2.0", id, error }]]);
  expect(whole.messages[0]).not.toHaveProperty("result");
}

describe("a request", () => {
  test(`is answered by one JSON object, or by a stream of its own${verifies("HTTP-02", "HTTP-86", "HTTP-90", "HTTP-93", "HTTP-94", "BASE-07")}`, async () => {
    const plain = await (await call("a", "echo", { name: "x" })).whole();
    expect([plain.status, plain.headers["content-type"]]).toEqual([200, "application/json"]);
    expect(plain.messages).toMatchObject([{ id: "a", result: { content: [{ text: "echo x" }] } }]);
    const _meta = { ...meta(), "io.modelcontextprotocol/logLevel": "debug", progressToken: "p" };
    const chatty = await raw.ask(2, "tools/call", { name: "chatty", arguments: { name: "y" }, _meta });
    await chatty.whole();
    expect(chatty.headers).toMatchObject({ "content-type": "text/event-stream", "x-accel-buffering": "no" });
    expect(chatty.messages).toMatchObject([
      { method: "notifications/message", params: { data: "log of y" } },
      { method: "notifications/progress", params: { progressToken: "p" } },
      { id: 2, result: { content: [{ text: "chatted y" }] } },
    ]);
    expect(chatty.messages.some((message) => "method" in message && "id" in message)).toBe(false);
  });

  test(`knows no sessions${verifies("HTTP-88", "HTTP-89", "LIFE-63")}`, async () => {
    const answer = await call(1, "echo", { name: "x" }, { "Mcp-Session-Id": "made up", "Last-Event-ID": "5" });
    expect(answer.status).toBe(200);
    expect(answer.headers).not.toHaveProperty("mcp-session-id");
    for (const method of ["GET", "DELETE", "PUT"]) {
      const other = await send(method, alone.url, { Accept: "text/event-stream", "Mcp-Session-Id": "x" });
      expect([other.status, other.headers.allow]).toEqual([405, "POST"]);
    }
  });

  test(`asks by its result, and never by a request${verifies("HTTP-92", "MRTR-01", "LIFE-62")}`, async () => {
    const answer = await raw.ask(1, "tools/call", { name: "greet", _meta: meta({ elicitation: {} }) });
    await answer.whole();
    expect(answer.messages).toMatchObject([
      { id: 1, result: { resultType: "input_required", requestState: expect.any(String) } },
    ]);
  });
});

describe("what is no request", () => {
  test(`a notification is taken without an answer${verifies("HTTP-83", "BASE-11")}`, async () => {
    const answer = await (await alone.post({ jsonrpc: "2.0", method: "notifications/cancelled", params: {} })).whole();
    expect([answer.status, answer.text]).toEqual([202, ""]);
  });

  test.each([
    [{ jsonrpc: "2.0", id: 1, result: {} }, -32600],
    [{ jsonrpc: "2.0", id: 1, error: { code: 1, message: "x" } }, -32600],
    [[{ jsonrpc: "2.0", id: 1, method: "tools/list" }], -32600],
    [[], -32600],
    ["[]x", -32700],
    [{ id: 1, method: "tools/list" }, -32600],
    [{ jsonrpc: "2.0", id: null, method: "tools/list" }, -32600],
    [null, -32600],
  ])(
    `is refused: %j${verifies("HTTP-81", "HTTP-82", "HTTP-84", "BASE-19", "BASE-03", "STDIO-14")}`,
    async (body, code) => {
      const answer = await (await alone.post(body)).whole();
      expect([answer.status, answer.messages]).toMatchObject([400, [{ error: { code } }]]);
      expect(answer.messages[0]).not.toHaveProperty("id");
    },
  );
});

describe("headers", () => {
  const list = (more: Headers): Promise<Answer> => raw.ask(7, "tools/list", {}, more);
  const mismatch = { code: -32020 };

  test(`say the same as the body${verifies("HTTP-104", "HTTP-108", "HTTP-114", "HTTP-115", "HTTP-120")}`, async () => {
    await refused(list({ "MCP-Protocol-Version": "2025-11-25" }), 400, mismatch);
    await refused(list({ "Mcp-Method": "tools/call" }), 400, mismatch);
    await refused(list({ "Mcp-Method": "TOOLS/LIST" }), 400, mismatch);
    await refused(call(7, "echo", {}, { "Mcp-Name": "Echo" }), 400, mismatch);
    await refused(raw.ask(7, "prompts/get", { name: "ask" }, { "Mcp-Name": "other" }), 400, mismatch);
    await refused(raw.ask(7, "resources/read", { uri: "memo:%C3%A9" }, { "Mcp-Name": "memo:é" }), 400, mismatch);
  });

  test(`are all there${verifies("HTTP-110", "HTTP-113", "HTTP-120")}`, async () => {
    await refused(list({ "MCP-Protocol-Version": undefined }), 400, mismatch);
    await refused(list({ "Mcp-Method": undefined }), 400, mismatch);
    await refused(call(7, "echo", {}, { "Mcp-Name": undefined }), 400, mismatch);
    const bare = await alone.post({ jsonrpc: "2.0", id: 7, method: "initialize", params: {} });
    await bare.whole();
    expect(bare.messages).toMatchObject([{ id: 7, error: { code: -32020, data: { supported: ["2026-07-28"] } } }]);
  });

  test(`hold nothing that a header may not hold${verifies("HTTP-111", "HTTP-152")}`, async () => {
    for (const name of ["ech\u00ef", "=?base64?!!!?=", "=?base64?ZWNobw?="])
      await refused(call(7, "echo", {}, { "Mcp-Name": name }), 400, mismatch);
  });

  test(`are found in any case, and read without the blanks around them${verifies("HTTP-108", "HTTP-109", "HTTP-151", "HTTP-149")}`, async () => {
    const names = { "Mcp-Method": undefined, "Mcp-Name": undefined, "MCP-Protocol-Version": undefined };
    const answer = await call(
      1,
      "echo",
      { name: "x" },
      {
        ...names,
        "MCP-METHOD": " tools/call ",
        "mcp-name": "\techo ",
        "mcp-protocol-VERSION": "2026-07-28 ",
      },
    );
    expect(answer.status).toBe(200);
    const encoded = `=?base64?${Buffer.from("größe").toString("base64")}?=`;
    expect((await call(1, "größe", {}, { "Mcp-Name": encoded })).status).toBe(200);
    await refused(call(7, "größe", {}, { "Mcp-Name": encoded.replace("base64", "BASE64") }), 400, mismatch);
  });

  describe("that mirror parameters", () => {
    const args = { region: "eu", deep: { count: 42 }, sure: false };
    const good = { "Mcp-Param-Region": "eu", "Mcp-Param-Count": "42", "Mcp-Param-Sure": "false" };

    test.each([
      good,
      { ...good, "Mcp-Param-Count": "42.0" },
      { ...good, "mcp-param-REGION": "=?base64?ZXU=?=", "Mcp-Param-Region": undefined },
      { ...good, "Mcp-Param-Unknown": "whatever" },
    ])(`are let through: %j${verifies("HTTP-141", "HTTP-142", "HTTP-151")}`, async (more) => {
      expect(await (await call(1, "mirror", args, more)).last()).toMatchObject({
        result: { content: [{ type: "text" }] },
      });
    });

    test.each([
      { ...good, "Mcp-Param-Region": undefined },
      { ...good, "Mcp-Param-Count": undefined },
      { ...good, "Mcp-Param-Sure": undefined },
      { ...good, "Mcp-Param-Region": "us" },
      { ...good, "Mcp-Param-Region": "EU" },
      { ...good, "Mcp-Param-Count": "43" },
      { ...good, "Mcp-Param-Count": "" },
      { ...good, "Mcp-Param-Sure": "False" },
      { ...good, "Mcp-Param-Region": "=?base64?ZXU?=" },
    ])(`are refused: %j${verifies("HTTP-140", "HTTP-141", "HTTP-120")}`, async (more) => {
      await refused(call(7, "mirror", args, more), 400, mismatch);
    });

    test(`are not wanted for what is not there, and not believed${verifies("HTTP-139", "HTTP-141")}`, async () => {
      expect((await call(1, "mirror", {})).status).toBe(200);
      const { "Mcp-Param-Region": _region, ...rest } = good;
      const without = { ...args, region: null };
      expect((await call(1, "mirror", without, rest)).status).toBe(200);
      await refused(call(7, "mirror", without, good), 400, mismatch);
      await refused(call(7, "mirror", {}, { "Mcp-Param-Sure": "true" }), 400, mismatch);
    });
  });
});

describe("errors of the envelope have statuses of their own", () => {
  test(`an unsupported revision${verifies("HTTP-116", "LIFE-47")}`, async () => {
    const params = { _meta: meta({}, "2031-01-01") };
    const told = { code: -32022, data: { requested: "2031-01-01", supported: expect.arrayContaining(["2026-07-28"]) } };
    for (const method of ["server/discover", "tools/list"])
      await refused(raw.ask(7, method, params, { "MCP-Protocol-Version": "2031-01-01" }), 400, told);
  });

  test.each(["no/such", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe", "tasks/list"])(
    `the method %s, which is not there${verifies("HTTP-117", "LIFE-42", "LIFE-63", "BASE-76")}`,
    async (method) => {
      await refused(raw.ask(7, method, { uri: "a:b", level: "info" }), 404, { code: -32601 });
    },
  );

  test(`metadata that is missing or malformed${verifies("HTTP-118", "LIFE-43", "LIFE-46")}`, async () => {
    const { "io.modelcontextprotocol/clientCapabilities": _capabilities, ...lacking } = meta();
    for (const _meta of [{}, lacking, { ...lacking, "io.modelcontextprotocol/clientCapabilities": 5 }])
      await refused(raw.ask(7, "tools/list", { _meta }), 400, { code: -32602 });
    const level = { ...meta(), "io.modelcontextprotocol/logLevel": "loud" };
    await refused(raw.ask(7, "tools/list", { _meta: level }), 400, { code: -32602 });
    const bare = await alone.post(
      { jsonrpc: "2.0", id: 7, method: "tools/list" },
      { "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/list" },
    );
    await refused(Promise.resolve(bare), 400, { code: -32602 });
  });

  test(`a capability that the client lacks${verifies("HTTP-119", "LIFE-60")}`, async () => {
    await refused(call(7, "greet"), 400, {
      code: -32021,
      data: { requiredCapabilities: { elicitation: { form: {} } } },
    });
  });

  test(`all else is an error with the status of success${verifies("HTTP-121")}`, async () => {
    await refused(call(7, "none"), 200, { code: -32602 });
    await refused(raw.ask(7, "resources/read", { uri: "memo:none" }), 200, { code: -32602 });
  });
});

describe("a stream", () => {
  const listen = (id: unknown): Promise<Answer> =>
    raw.ask(id, "subscriptions/listen", {
      notifications: { toolsListChanged: true },
      _meta: { ...meta(), "io.modelcontextprotocol/logLevel": "debug" },
    });
  const hold = (name: string): Promise<Answer> =>
    raw.ask(name, "tools/call", {
      name: "held",
      arguments: { name },
      _meta: { ...meta(), "io.modelcontextprotocol/logLevel": "debug" },
    });

  test(`carries what belongs to its request, and nothing else${verifies("HTTP-91", "HTTP-97", "LOG-08", "SUB-02", "SUB-03", "SUB-07", "SUB-11")}`, async () => {
    const listening = await listen("l");
    const [one, two] = [await hold("one"), await hold("two")];
    await expect.poll(() => held.started).toEqual(expect.arrayContaining(["one", "two"]));
    raw.server.tool("added", {}, () => "").remove();
    held.release("two");
    held.release("one");
    await Promise.all([one.whole(), two.whole()]);
    for (const [name, answer] of [
      ["one", one],
      ["two", two],
    ] as const)
      expect(answer.messages).toMatchObject([
        { method: "notifications/message", params: { data: `before ${name}` } },
        { method: "notifications/message", params: { data: `after ${name}` } },
        { id: name, result: { content: [{ text: `held ${name}` }] } },
      ]);
    await expect.poll(() => listening.messages.length).toBe(2);
    expect(listening.messages).toMatchObject([
      { method: "notifications/subscriptions/acknowledged" },
      { method: "notifications/tools/list_changed" },
    ]);
    for (const { params } of listening.messages)
      expect(params?._meta).toEqual({ "io.modelcontextprotocol/subscriptionId": "l" });
    listening.cut();
  });

  test(`that the client closes cancels its request, of which nothing more is said${verifies("HTTP-99", "HTTP-100", "HTTP-101", "SUB-12", "BASE-72")}`, async () => {
    const gone = await hold("gone");
    await expect.poll(() => gone.messages.length).toBe(1);
    gone.cut();
    await expect.poll(() => held.aborted).toContain("gone");
    expect(gone.messages).toHaveLength(1);
    const deaf = await listen("deaf");
    await expect.poll(() => deaf.messages.length).toBe(1);
    deaf.cut();
    await deaf.whole();
    raw.server.tool("added", {}, () => "").remove();
    expect((await call(1, "echo", { name: "still there" })).status).toBe(200);
    const known = ["TOOL_NAME", "RANDOM_KEY"];
    expect(raw.errors.filter((error) => !known.includes((error as McpWireError).code))).toEqual([]);
  });
});
