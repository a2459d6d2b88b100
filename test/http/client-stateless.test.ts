/** A client against bare HTTP servers of the newer era: headers that mirror the body, and one exchange for each request. */

import { afterEach, describe, expect, test } from "vitest";
import type { Client } from "../../runtime/client/client.js";
import { type ConnectOptions, connect } from "../../runtime/client/connect.js";
import type { McpWireError } from "../../runtime/errors.js";
import { verifies } from "../verifies.js";
import { type Asked, answer, events, json, listenScripted, type Script, type Scripted } from "./scripted.js";

const servers: Scripted[] = [];
const clients: Client[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const complete = { resultType: "complete", ttlMs: 0, cacheScope: "private" };
const tool = (name: string, properties: object): object => ({ name, inputSchema: { type: "object", properties } });
const TOOLS = [
  tool("mirror", {
    text: { type: "string", "x-mcp-header": "Text" },
    deep: { type: "object", properties: { count: { type: "integer", "x-mcp-header": "Count" } } },
    sure: { type: "boolean", "x-mcp-header": "Sure" },
    plain: { type: "string" },
  }),
  tool("spoilt", { list: { type: "array", items: { type: "string", "x-mcp-header": "Item" } } }),
  tool("float", { price: { type: "number", "x-mcp-header": "Price" } }),
];

/** Answers as a server of this era does; `more` comes first and says whether it answered. */
function newer(more: (...args: Parameters<Script>) => boolean = () => false): Script {
  return (asked, response) => {
    const { id, method } = asked.message;
    if (more(asked, response)) return;
    if (method === "server/discover")
      json(response, answer(id, { ...complete, supportedVersions: ["2026-07-28"], capabilities: { tools: {} } }));
    else if (method === "tools/list") json(response, answer(id, { ...complete, tools: TOOLS }));
    else if (method === "prompts/get") json(response, answer(id, { ...complete, messages: [] }));
    else if (method === "resources/read") json(response, answer(id, { ...complete, contents: [] }));
    else if (id === undefined) response.writeHead(202).end();
    else json(response, answer(id, { ...complete, content: [{ type: "text", text: "json" }] }));
  };
}

async function open(script: Script, options: ConnectOptions = {}): Promise<{ client: Client; server: Scripted }> {
  const server = await listenScripted(script);
  servers.push(server);
  const client = await connect(server.url, { revisions: ["2026-07-28"], ...options });
  clients.push(client);
  return { client, server };
}

const ofMethod = ({ asked }: Scripted, method: string): Asked[] => asked.filter((one) => one.message.method === method);

test(`each request is a POST of its own whose headers say what its body says${verifies("HTTP-79", "HTTP-80", "HTTP-81", "HTTP-103", "HTTP-105", "HTTP-106", "HTTP-150", "LIFE-43")}`, async () => {
  const { client, server } = await open(newer());
  await Promise.all([client.callTool("größe"), client.callTool(" a b "), client.request("tools/list")]);
  await client.getPrompt("ask");
  await client.readResource("memo:x y");
  expect(server.asked).toHaveLength(6);
  for (const { method, headers, message, body } of server.asked) {
    expect(method).toBe("POST");
    expect(JSON.parse(body)).toMatchObject({ jsonrpc: "2.0" });
    expect(headers.accept).toMatch(/application\/json.*text\/event-stream|text\/event-stream.*application\/json/);
    const _meta = message.params?._meta as Record<string, unknown>;
    expect(headers["mcp-protocol-version"]).toBe("2026-07-28");
    expect(_meta["io.modelcontextprotocol/protocolVersion"]).toBe("2026-07-28");
    expect(headers["mcp-method"]).toBe(message.method);
    expect(headers).not.toHaveProperty("mcp-session-id");
  }
  const names = server.asked.map(({ message, headers }) => [message.method, headers["mcp-name"]]);
  const encoded = (text: string): string => `=?base64?${Buffer.from(text).toString("base64")}?=`;
  expect(names).toEqual(
    expect.arrayContaining([
      ["tools/call", encoded("größe")],
      ["tools/call", encoded(" a b ")],
      ["tools/list", undefined],
      ["prompts/get", "ask"],
      ["resources/read", "memo:x y"],
    ]),
  );
});

test(`an answer is JSON or a stream of its request, comments and all${verifies("HTTP-87", "HTTP-96", "HTTP-90", "LOG-07")}`, async () => {
  const logs: unknown[] = [];
  const { client } = await open(
    newer(({ message: { id, method } }, response) => {
      if (method !== "tools/call") return false;
      const entry = { jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data: "soon" } };
      events(response, `: hello\n\n:\n\ndata: ${JSON.stringify(entry)}\n\n: still here\n\n`);
      response.end(`data: ${JSON.stringify(answer(id, { ...complete, content: [] }))}\n\n`);
      return true;
    }),
    { onlog: ({ data }) => logs.push(data) },
  );
  expect(await client.callTool("x")).toMatchObject({ content: [] });
  expect(logs).toEqual(["soon"]);
  expect((await client.request("tools/list")).tools.map(({ name }) => name)).toEqual(["mirror"]);
});

test(`a server's requests are not answered${verifies("HTTP-82", "STDIO-16", "LIFE-62")}`, async () => {
  const errors: McpWireError[] = [];
  const { client, server } = await open(
    newer(({ message: { id, method } }, response) => {
      if (method !== "tools/call") return false;
      events(response, `data: ${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "roots/list" })}\n\n`);
      response.end(`data: ${JSON.stringify(answer(id, { ...complete, content: [] }))}\n\n`);
      return true;
    }),
    { roots: [], onerror: (error) => errors.push(error) },
  );
  await client.callTool("x");
  await client.callTool("y");
  expect(server.asked.map(({ message }) => message.method)).toEqual(["server/discover", "tools/call", "tools/call"]);
  expect(errors).toHaveLength(2);
});

describe("parameters that are mirrored", () => {
  test(`go along as headers, each in the form that headers can carry${verifies("HTTP-129", "HTTP-133", "HTTP-138", "HTTP-146", "HTTP-147", "HTTP-148")}`, async () => {
    const { client, server } = await open(newer());
    await client.listTools();
    const headersFor = async (args: Record<string, unknown>): Promise<unknown[]> => {
      await client.callTool("mirror", args);
      const { headers } = ofMethod(server, "tools/call").at(-1) as Asked;
      return ["mcp-param-text", "mcp-param-count", "mcp-param-sure", "mcp-param-plain"].map((name) => headers[name]);
    };
    expect(await headersFor({ text: "us-west1", deep: { count: -7 }, sure: true, plain: "x" })).toEqual([
      "us-west1",
      "-7",
      "true",
      undefined,
    ]);
    expect(await headersFor({ text: "Hello, 世界", sure: null, deep: {} })).toEqual([
      "=?base64?SGVsbG8sIOS4lueVjA==?=",
      undefined,
      undefined,
      undefined,
    ]);
    expect((await headersFor({ text: "=?base64?literal?=" }))[0]).toBe("=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=");
    expect((await headersFor({ text: "line1\nline2" }))[0]).toBe("=?base64?bGluZTEKbGluZTI=?=");
    expect((await headersFor({ deep: { count: 2 ** 60 } }))[1]).toBeUndefined();
  });

  test(`spoil a tool where they cannot be, which is told${verifies("HTTP-135", "HTTP-136", "HTTP-132", "HTTP-134")}`, async () => {
    const errors: McpWireError[] = [];
    const { client } = await open(newer(), { onerror: (error) => errors.push(error) });
    expect((await client.listTools()).map(({ name }) => name)).toEqual(["mirror"]);
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/spoilt.*\/items/),
      expect.stringMatching(/float.*number/),
    ]);
  });

  test(`are looked up again when the server refuses the headers, once${verifies("HTTP-125", "HTTP-145")}`, async () => {
    const refusals = { left: 1 };
    const { client, server } = await open(
      newer(({ message: { id, method }, headers }, response) => {
        if (method !== "tools/call" || (headers["mcp-param-text"] !== undefined && refusals.left <= 0)) return false;
        refusals.left--;
        json(response, { jsonrpc: "2.0", id, error: { code: -32020, message: "mirror it" } }, {}, 400);
        return true;
      }),
    );
    expect((await client.callTool("mirror", { text: "x" })).content).toHaveLength(1);
    const methods = server.asked.map(({ message }) => message.method);
    expect(methods).toEqual(["server/discover", "tools/call", "tools/list", "tools/call"]);
    refusals.left = 5;
    await expect(client.callTool("mirror", { text: "x" })).rejects.toMatchObject({ rpcCode: -32020 });
    expect(ofMethod(server, "tools/call")).toHaveLength(4);
  });
});

test(`giving a request up ends its exchange, and says nothing${verifies("HTTP-102", "BASE-69", "LIFE-85")}`, async () => {
  const gone: unknown[] = [];
  const { client, server } = await open(
    newer(({ message: { method, id } }, response) => {
      if (method !== "tools/call") return false;
      response.on("close", () => gone.push(id));
      events(response, ":\n\n");
      return true;
    }),
  );
  const controller = new AbortController();
  const call = client.callTool("x", {}, { signal: controller.signal });
  await expect.poll(() => ofMethod(server, "tools/call")).toHaveLength(1);
  controller.abort("enough");
  await expect(call).rejects.toMatchObject({ code: "CANCELLED" });
  await expect(client.callTool("y", {}, { timeoutMs: 50 })).rejects.toMatchObject({ code: "TIMEOUT" });
  await expect.poll(() => gone).toHaveLength(2);
  expect(server.asked.map(({ message }) => message.method)).toEqual(["server/discover", "tools/call", "tools/call"]);
});
