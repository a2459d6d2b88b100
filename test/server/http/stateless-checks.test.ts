/** The era without sessions: what is looked at in a request, in which order, and what each refusal says. */

import { describe, expect, test } from "vitest";
import type { Server } from "../../../runtime/server/server.js";
import { verifies } from "../../verifies.js";
import { type Answer, meta } from "../raw.js";
import { askAlone, callAlone, type Headed, notification, request, type Served, serve, WAYS } from "./http.js";

const define = (server: Server): void => {
  server.tool(
    "route",
    {
      input: {
        type: "object",
        properties: {
          region: { type: "string", "x-mcp-header": "Region" },
          count: { type: "integer", "x-mcp-header": "Count" },
          dry: { type: "boolean", "x-mcp-header": "Dry" },
          deep: { type: "object", properties: { zone: { type: "string", "x-mcp-header": "Zone" } } },
        },
      },
    },
    (args) => JSON.stringify(args),
  );
  server.tool(
    "age",
    {},
    async (_args, ctx) =>
      (await ctx.elicit({ message: "?", requestedSchema: { type: "object", properties: {} } })).action,
  );
  server.resource("memo://%C3%A4", { name: "a" }, () => "text");
  server.prompt("p", {}, () => "text");
};

const NAMED: Headed = { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/list" };
const listing = (own: object = { _meta: meta() }, id: unknown = 9): object => ({
  ...request(0, "tools/list", own),
  id,
});

async function told(response: Response | Promise<Response>): Promise<{ status: number; answer: Answer }> {
  const { status, headers } = await response;
  expect(headers.get("content-type")).toBe("application/json");
  return { status, answer: (await (await response).json()) as Answer };
}

async function refused(response: Promise<Response>, status: number, code: number): Promise<Answer["error"]> {
  const { status: given, answer } = await told(response);
  expect([given, answer.error?.code]).toEqual([status, code]);
  return answer.error;
}

describe.each(WAYS)("by %s, a request without a session", (way) => {
  test(`is answered, and no session comes of it${verifies("HTTP-02", "HTTP-81", "HTTP-86", "HTTP-88", "LIFE-51")}`, async () => {
    const served = await serve(way, define);
    const ids = { "mcp-session-id": "whatever", "last-event-id": "x" };
    const response = await callAlone(served, "route", {}, { headers: ids });
    expect(response.headers.get("mcp-session-id")).toBeNull();
    expect(await told(response)).toMatchObject({
      status: 200,
      answer: { id: 1, result: { resultType: "complete", content: [{ text: "{}" }] } },
    });
    expect((await told(askAlone(served, "server/discover"))).answer.result).toMatchObject({
      supportedVersions: expect.arrayContaining(["2026-07-28", "2025-11-25"]),
    });
  });

  test(`names its revision and its method in headers${verifies("HTTP-104", "HTTP-105", "HTTP-108", "HTTP-110", "HTTP-113", "HTTP-115", "HTTP-120")}`, async () => {
    const served = await serve(way, define, {}, { revisions: ["2026-07-28"] });
    const post = (headers: Headed, message: unknown = listing()): Promise<Response> => served.post(message, headers);
    expect((await post(NAMED)).status).toBe(200);
    for (const missing of ["mcp-protocol-version", "mcp-method"]) {
      const { status, answer } = await told(post({ ...NAMED, [missing]: undefined }));
      expect([status, answer.id, answer.error?.code]).toEqual([400, 9, -32020]);
      expect(answer.error?.message).toMatch(new RegExp(missing, "i"));
      expect(answer.error?.message).toContain("2026-07-28");
    }
    for (const wrong of [
      { "mcp-method": "tools/call" },
      { "mcp-method": "Tools/List" },
      { "mcp-method": "" },
      { "mcp-protocol-version": "2025-11-25" },
      { "mcp-protocol-version": "" },
    ])
      await refused(post({ ...NAMED, ...wrong }), 400, -32020);
    expect((await post({ ...NAMED, "mcp-method": " \t tools/list " })).status).toBe(200);
    expect((await post({ "MCP-PROTOCOL-VERSION": "2026-07-28", "MCP-METHOD": "tools/list" })).status).toBe(200);
  });

  test(`is looked at in the order of its parts${verifies("HTTP-116", "HTTP-117", "HTTP-118", "HTTP-119", "HTTP-122", "LIFE-46", "LIFE-47")}`, async () => {
    const served = await serve(way, define);
    const version = "io.modelcontextprotocol/protocolVersion";
    const send = (params: object, headers: Headed = {}, method = "tools/list"): Promise<Response> =>
      served.post(request(9, method, params), { ...NAMED, "mcp-method": method, ...headers });
    await refused(served.post("{", NAMED), 400, -32700);
    await refused(served.post({ jsonrpc: "2.0", id: 9 }, NAMED), 400, -32600);
    // Headers that lack come before `_meta` that lacks, and that before headers that differ.
    await refused(send({}, { "mcp-method": undefined }), 400, -32020);
    for (const bad of [
      {},
      { _meta: null },
      { _meta: { ...meta(), [version]: 7 } },
      { _meta: { [version]: "2026-07-28" } },
    ]) {
      const error = await refused(send(bad, { "mcp-method": "other" }), 400, -32602);
      expect(error?.data?.failures).toMatchObject([
        { pointer: expect.stringMatching(/^\/params\/_meta\/io.modelcontextprotocol~1/) },
      ]);
    }
    await refused(send({ _meta: meta({}, "2099-01-01") }), 400, -32020);
    const unknown = await refused(
      send({ _meta: meta({}, "2099-01-01") }, { "mcp-protocol-version": "2099-01-01" }, "no/such"),
      400,
      -32022,
    );
    expect(unknown?.data).toEqual({
      requested: "2099-01-01",
      supported: expect.arrayContaining(["2026-07-28", "2024-11-05"]),
    });
    const older = await refused(
      send({ _meta: meta({}, "2025-11-25") }, { "mcp-protocol-version": "2025-11-25" }),
      400,
      -32022,
    );
    expect(older?.data?.requested).toBe("2025-11-25");
    for (const method of ["no/such", "ping", "logging/setLevel", "resources/subscribe", "tasks/get"])
      await refused(send({ _meta: meta() }, {}, method), 404, -32601);
    await refused(send({ _meta: meta(), name: "age" }, {}, "tools/call"), 400, -32020);
    await refused(send({ _meta: meta(), name: "age" }, { "mcp-name": "other" }, "tools/call"), 400, -32020);
    const lacking = await refused(callAlone(served, "age"), 400, -32021);
    expect(lacking?.data).toMatchObject({ requiredCapabilities: { elicitation: {} } });
  });

  test(`that reaches its handler is answered with 200${verifies("HTTP-121")}`, async () => {
    const served = await serve(way, define);
    await refused(callAlone(served, "no-such-tool"), 200, -32602);
    await refused(askAlone(served, "resources/read", { uri: "memo://none" }), 200, -32602);
    await refused(askAlone(served, "prompts/get", { name: "none" }), 200, -32602);
  });

  test(`says its name in a header too${verifies("HTTP-106", "HTTP-114", "HTTP-150", "HTTP-151", "HTTP-152")}`, async () => {
    const served = await serve(way, define);
    expect((await askAlone(served, "prompts/get", { name: "p" })).status).toBe(200);
    expect((await askAlone(served, "resources/read", { uri: "memo://%C3%A4" })).status).toBe(200);
    const named = (name: string | undefined): Promise<Response> =>
      callAlone(served, "route", {}, { headers: { "mcp-name": name } });
    expect((await named("=?base64?cm91dGU=?=")).status).toBe(200);
    expect((await named("  route\t")).status).toBe(200);
    for (const wrong of [
      undefined,
      "",
      "Route",
      "=?BASE64?cm91dGU=?=",
      "=?base64?cm91dGU?=",
      "=?base64?!!!!?=",
      "=?base64?/w==?=",
      "\u00a0route",
      "route, route",
    ])
      await refused(named(wrong), 400, -32020);
  });

  test(`mirrors the parameters that its tool names${verifies("HTTP-128", "HTTP-138", "HTTP-139", "HTTP-140", "HTTP-141", "HTTP-142", "HTTP-146", "HTTP-149", "HTTP-154")}`, async () => {
    const served = await serve(way, define);
    const mirrored = (args: object, headers: Headed): Promise<Response> =>
      callAlone(served, "route", args, { headers });
    const region = (value: string | undefined, text: string): Promise<Response> =>
      mirrored({ region: text }, { "mcp-param-region": value });
    for (const [value, text] of [
      ["us-west1", "us-west1"],
      ["=?base64?SGVsbG8sIOS4lueVjA==?=", "Hello, 世界"],
      ["=?base64?IHBhZGRlZCA=?=", " padded "],
      ["=?base64?bGluZTEKbGluZTI=?=", "line1\nline2"],
      ["=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=", "=?base64?literal?="],
      ["", ""],
      ["a b", "a b"],
    ] as const)
      expect([text, (await region(value, text)).status]).toEqual([text, 200]);
    for (const value of [undefined, "US-WEST1", "us-west2", "=?base64?dXMtd2VzdDE?="])
      await refused(region(value, "us-west1"), 400, -32020);
    for (const [value, status] of [
      ["42", 200],
      ["42.0", 200],
      ["4.2e1", 200],
      ["43", 400],
      ["", 400],
      ["x", 400],
      [undefined, 400],
    ] as const)
      expect([value, (await mirrored({ count: 42 }, { "mcp-param-count": value })).status]).toEqual([value, status]);
    for (const [value, status] of [
      ["true", 200],
      ["True", 400],
      ["1", 400],
      [undefined, 400],
    ] as const)
      expect([value, (await mirrored({ dry: true }, { "mcp-param-dry": value })).status]).toEqual([value, status]);
    expect((await mirrored({ deep: { zone: "a" } }, { "mcp-param-zone": "a" })).status).toBe(200);
    await refused(mirrored({ deep: { zone: "a" } }, {}), 400, -32020);
    // What the body does not say, no header says; what the tool does not name is nobody's business here.
    expect((await mirrored({ deep: {} }, { "mcp-param-other": "x" })).status).toBe(200);
    for (const args of [{}, { deep: {} }]) await refused(mirrored(args, { "mcp-param-zone": "eu" }), 400, -32020);
  });

  test(`is one request: nothing else is taken${verifies("HTTP-81", "HTTP-82", "HTTP-83", "HTTP-84", "HTTP-85")}`, async () => {
    const served = await serve(way, define);
    const noted = await served.post(notification("notifications/cancelled", { requestId: 1 }), {
      "mcp-protocol-version": "2026-07-28",
    });
    expect([noted.status, await noted.text()]).toEqual([202, ""]);
    for (const body of [
      { jsonrpc: "2.0", id: 1, result: {} },
      { jsonrpc: "2.0", id: 1, error: { code: 1, message: "" } },
      [listing()],
      [],
      {},
      7,
    ]) {
      const { status, answer } = await told(served.post(JSON.stringify(body), NAMED));
      expect([status, answer.error?.code, "id" in answer]).toEqual([400, -32600, false]);
    }
  });

  test(`keeps the id that it came with${verifies("HTTP-115")}`, async () => {
    const served = await serve(way, define);
    for (const id of ["1", 1, "", -7, Number.MAX_SAFE_INTEGER])
      expect((await told(served.post(listing(undefined, id), NAMED))).answer.id).toBe(id);
    for (const id of [null, 1.5, {}, true]) expect((await served.post(listing(undefined, id), NAMED)).status).toBe(400);
  });
});

describe.each(WAYS)("by %s, a server of that era alone", (way) => {
  const alone = (): Promise<Served> => serve(way, define, {}, { revisions: ["2026-07-28"] });

  test(`answers GET and DELETE with 405${verifies("HTTP-89")}`, async () => {
    const served = await alone();
    for (const method of ["GET", "DELETE"]) {
      const answer = await served.fetch({ method, headers: { accept: "text/event-stream", "mcp-session-id": "x" } });
      expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
      expect(await answer.json()).toMatchObject({ error: { code: -32600 } });
    }
  });

  test(`tells a client with a handshake what it speaks${verifies("LIFE-65", "LIFE-63")}`, async () => {
    const served = await alone();
    const opening = request(1, "initialize", {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "old", version: "1" },
    });
    const error = await refused(served.post(opening), 400, -32020);
    expect(JSON.stringify(error)).toContain("2026-07-28");
    const named = { ...opening, params: { _meta: meta() } };
    expect(
      (await refused(served.post(named, { ...NAMED, "mcp-method": "initialize" }), 404, -32601))?.message,
    ).toContain("2026-07-28");
  });
});
