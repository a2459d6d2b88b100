/** `checkMessage`: what fits, what does not, with which code and where. */

import { describe, expect, it } from "vitest";
import { tables } from "../../generated/revisions.js";
import { type CheckOptions, checkMessage, type Revision, revisions, type Side } from "../../runtime/index.js";
import { verifies } from "../verifies.js";

const ALL = revisions.map(({ revision }) => revision);
const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};

const request = (method: string, params?: unknown, id: unknown = 1): object => ({
  jsonrpc: "2.0",
  id,
  method,
  ...(params === undefined ? {} : { params }),
});
const result = (value: unknown, id: unknown = 1): object => ({ jsonrpc: "2.0", id, result: value });
const error = (value: unknown, id: unknown = 1): object => ({ jsonrpc: "2.0", id, error: value });
const check = (message: unknown, options: Partial<CheckOptions> = {}) =>
  checkMessage(message, { revision: "2025-11-25", from: "client", ...options });

describe("checkMessage", () => {
  it(`accepts a call and its result in every revision${verifies("BASE-01", "BASE-02", "BASE-07")}`, () => {
    for (const revision of ALL) {
      const modern = revision === "2026-07-28";
      const call = request("tools/call", { name: "echo", ...(modern ? { _meta: META } : {}) });
      const answer = result({ content: [{ type: "text", text: "hi" }], ...(modern ? { resultType: "complete" } : {}) });
      expect(check(call, { revision })).toEqual({ ok: true, kind: "request", method: "tools/call" });
      expect(check(answer, { revision, from: "server", answering: "tools/call" })).toEqual({
        ok: true,
        kind: "result",
        method: "tools/call",
      });
    }
  });

  it.each([
    ["no object", 5, ""],
    ["another jsonrpc", { ...request("ping"), jsonrpc: "1.0" }, "/jsonrpc"],
    ["a null id", request("ping", undefined, null), "/id"],
    ["a fractional id", request("ping", undefined, 1.5), "/id"],
    ["a method that is no string", { jsonrpc: "2.0", id: 1, method: 7 }, "/method"],
    ["nothing in it", { jsonrpc: "2.0", id: 1 }, ""],
    ["result and error", { ...result({}), error: { code: 1, message: "x" } }, ""],
    ["an error without code", error({ message: "x" }), "/error/code"],
    ["an error without message", error({ code: 1 }), "/error/message"],
    ["an error with id null", error({ code: -32700, message: "x" }, null), "/id"],
  ])(
    `answers -32600 with the place: %s${verifies("BASE-01", "BASE-03", "BASE-06", "BASE-08", "BASE-09", "BASE-10")}`,
    (_, message, pointer) => {
      const verdict = check(message);
      expect(verdict).toMatchObject({ ok: false, code: -32600 });
      expect(verdict.ok ? [] : verdict.failures.map((failure) => failure.pointer)).toEqual([pointer]);
    },
  );

  it(`wants the id of an error where the revision does${verifies("BASE-10", "TRAP-31")}`, () => {
    const message = { jsonrpc: "2.0", error: { code: -32700, message: "Parse error" } };
    for (const revision of ALL) {
      const required = ["2024-11-05", "2025-03-26", "2025-06-18"].includes(revision);
      expect(check(message, { revision, from: "server" }).ok).toBe(!required);
    }
  });

  it("answers -32601 for a method that the revision or the direction does not have", () => {
    const cases: [Partial<CheckOptions>, object][] = [
      [{}, request("tools/destroy")],
      [{ from: "server" }, request("tools/call", { name: "x" })],
      [{}, request("sampling/createMessage", { messages: [], maxTokens: 1 })],
      [{ revision: "2025-06-18" }, request("tasks/list")],
      [{ revision: "2026-07-28" }, request("initialize", {})],
      [{ revision: "2026-07-28", from: "server" }, request("roots/list", {})],
      [{}, request("notifications/initialized")],
      [{}, { jsonrpc: "2.0", method: "ping" }],
      [{}, request("__proto__")],
      [{}, request("toString")],
    ];
    for (const [options, message] of cases) {
      const verdict = check(message, options);
      expect(verdict, JSON.stringify(message)).toMatchObject({ ok: false, code: -32601 });
      expect(verdict.ok ? "" : verdict.failures[0]?.pointer).toBe("/method");
    }
  });

  it("answers -32602 with every failure of the payload, from the root of the message", () => {
    const verdict = check(request("tools/call", { name: 5, arguments: [], task: { ttl: "x" } }));
    expect(verdict).toMatchObject({ ok: false, code: -32602, kind: "request", method: "tools/call" });
    expect(verdict.ok ? [] : verdict.failures).toEqual([
      { pointer: "/params/name", expected: "string", actual: "number 5" },
      { pointer: "/params/arguments", expected: "object", actual: "array of 0" },
      { pointer: "/params/task/ttl", expected: "integer", actual: 'string "x"' },
    ]);
    expect(check(request("tools/call"))).toMatchObject({
      code: -32602,
      failures: [{ pointer: "/params", actual: "missing" }],
    });
    expect(check(request("tools/list"))).toMatchObject({ ok: true });
  });

  it(`judges results by what selects them${verifies("TRAP-25", "TRAP-27", "BASE-31")}`, () => {
    const modern = { revision: "2026-07-28", from: "server", answering: "tools/call" } as const;
    const task = { taskId: "t", status: "working", createdAt: "a", lastUpdatedAt: "b", ttlMs: null };
    expect(check(result({ resultType: "input_required", requestState: "s" }), modern).ok).toBe(true);
    expect(check(result({ resultType: "input_required", inputRequests: 5 }), modern)).toMatchObject({
      failures: [{ pointer: "/result/inputRequests" }],
    });
    expect(check(result({ resultType: "task", ...task }), modern).ok).toBe(true);
    expect(check(result({ resultType: "task" }), modern)).toMatchObject({ ok: false, code: -32602 });
    expect(check(result({ resultType: "task", ...task }), { ...modern, extensions: [] })).toMatchObject({
      failures: [{ pointer: "/result/content" }],
    });
    expect(check(result({ content: [] }), modern)).toMatchObject({ failures: [{ pointer: "/result/resultType" }] });
    expect(check(result({ resultType: "input_required" }), { ...modern, answering: "tools/list" })).toMatchObject({
      ok: false,
    });
  });

  it("takes the task in place of an augmented request's own result", () => {
    const task = { taskId: "t", status: "working", createdAt: "a", lastUpdatedAt: "b", ttl: null };
    expect(check(result({ task }), { from: "server", answering: "tools/call" }).ok).toBe(true);
    expect(check(result({ task }), { from: "client", answering: "elicitation/create" }).ok).toBe(true);
    expect(check(result({ task: {} }), { from: "server", answering: "tools/call" })).toMatchObject({
      failures: [{ pointer: "/result/content" }],
    });
    expect(check(result({ task }), { from: "server", answering: "tools/list" }).ok).toBe(false);
  });

  it("checks typed errors by their code", () => {
    const elicitation = { mode: "url", elicitationId: "e", url: "https://example.com", message: "m" };
    const required = (data: unknown): object => error({ code: -32042, message: "m", data });
    expect(check(required({ elicitations: [elicitation] }), { from: "server" }).ok).toBe(true);
    expect(check(required({}), { from: "server" })).toMatchObject({
      code: -32602,
      failures: [{ pointer: "/error/data/elicitations" }],
    });
    expect(check(required({}), { from: "server", revision: "2025-06-18" }).ok).toBe(true);
    const version = error({ code: -32022, message: "m", data: { supported: ["2026-07-28"], requested: "v9" } });
    expect(check(version, { from: "server", revision: "2026-07-28" }).ok).toBe(true);
  });

  it("joins the tasks extension to 2026-07-28, and leaves it out where it is not in use", () => {
    const message = request("tasks/get", { taskId: "t", _meta: META });
    expect(check(message, { revision: "2026-07-28" }).ok).toBe(true);
    expect(check(message, { revision: "2026-07-28", extensions: ["io.modelcontextprotocol/tasks"] }).ok).toBe(true);
    expect(check(message, { revision: "2026-07-28", extensions: [] })).toMatchObject({ code: -32601 });
  });

  it(`takes batches in the one revision that has them${verifies("BASE-15", "BASE-16", "BASE-17", "BASE-18", "BASE-19", "TRAP-32")}`, () => {
    const batch = [request("ping"), { jsonrpc: "2.0", method: "notifications/initialized" }];
    for (const revision of ALL) expect(check(batch, { revision }).ok).toBe(revision === "2025-03-26");
    const options = { revision: "2025-03-26" } as const;
    expect(check([], options)).toMatchObject({ code: -32600 });
    expect(check([request("ping"), result({})], options)).toMatchObject({ failures: [{ pointer: "/1" }] });
    expect(check([request("tools/call", {})], options)).toMatchObject({
      code: -32602,
      failures: [{ pointer: "/0/params/name" }],
    });
    const initialize = { protocolVersion: "2025-03-26", capabilities: {}, clientInfo: { name: "c", version: "1" } };
    expect(check([request("initialize", initialize)], options)).toMatchObject({ failures: [{ pointer: "/0/method" }] });
    const answers = [result({ tools: [] }, 1), result({ tools: [] }, 2)];
    const answering = (id: string | number): string => (id === 1 ? "tools/list" : "prompts/list");
    expect(check(answers, { ...options, from: "server", answering })).toMatchObject({
      failures: [{ pointer: "/1/result/prompts" }],
    });
  });

  it("finds every method of every revision in its direction", () => {
    for (const revision of ALL) {
      for (const [method, row] of Object.entries(tables[revision].methods)) {
        for (const from of ["client", "server"] as const) {
          const message = row.kind === "notification" ? { jsonrpc: "2.0", method } : request(method);
          const verdict = check(message, { revision, from });
          const unknown = !verdict.ok && verdict.code === -32601;
          expect(unknown, `${revision} ${method} from ${from}`).toBe(row.kind === "input" || !row.from.includes(from));
        }
      }
    }
  });

  it("does not throw on what no JSON holds, and refuses a revision that is none", () => {
    const hostile = {
      jsonrpc: "2.0",
      id: 1,
      get method(): string {
        throw new Error("no");
      },
    };
    expect(check(hostile)).toMatchObject({ ok: false, code: -32600 });
    expect(check(Object.assign(Object.create(null), request("ping"))).ok).toBe(true);
    expect(() => check(request("ping"), { revision: "2020-01-01" as Revision })).toThrow(
      /unknown revision "2020-01-01".*2025-11-25/,
    );
    expect(() => check(request("ping"), { from: "proxy" as Side })).toThrow(
      '"from" must be "client" or "server", not "proxy"',
    );
  });

  it("leaves messages as they are", () => {
    const message = Object.freeze({
      ...request("tools/call", Object.freeze({ name: "x", extra: Object.freeze({ a: 1 }) })),
      more: true,
    });
    const before = JSON.stringify(message);
    expect(check(message).ok).toBe(true);
    expect(JSON.stringify(message)).toBe(before);
  });
});
