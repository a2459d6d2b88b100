/** The conversation checker: what it learns, and what only a conversation can show to be wrong. */

import { describe, expect, it } from "vitest";
import {
  type ConversationOptions,
  createConversationChecker,
  type Report,
  type Revision,
  revisions,
  type Side,
} from "../../runtime/index.js";
import { verifies } from "../verifies.js";

type Line = readonly [from: Side, message: object];

const request = (id: unknown, method: string, params?: unknown): object => ({
  jsonrpc: "2.0",
  id,
  method,
  ...(params === undefined ? {} : { params }),
});
const notification = (method: string, params?: unknown): object => ({
  jsonrpc: "2.0",
  method,
  ...(params === undefined ? {} : { params }),
});
const result = (id: unknown, value: unknown): object => ({ jsonrpc: "2.0", id, result: value });
const meta = (version: string): object => ({
  _meta: { "io.modelcontextprotocol/protocolVersion": version, "io.modelcontextprotocol/clientCapabilities": {} },
});

function handshake(offered: string, chosen: string): Line[] {
  return [
    [
      "client",
      request(0, "initialize", { protocolVersion: offered, capabilities: {}, clientInfo: { name: "c", version: "1" } }),
    ],
    ["server", result(0, { protocolVersion: chosen, capabilities: {}, serverInfo: { name: "s", version: "1" } })],
    ["client", notification("notifications/initialized")],
  ];
}

function run(
  lines: readonly Line[],
  options: ConversationOptions = {},
): { reports: Report[]; revision: Revision | undefined; bad: Report[]; pending: number } {
  const checker = createConversationChecker(options);
  const reports = lines.map(([from, message]) => checker.feed({ from, message }));
  return {
    reports,
    revision: checker.revision,
    bad: reports.filter((report) => !report.ok),
    pending: checker.pending().length,
  };
}

function pointers(report: Report | undefined): string[] {
  return report === undefined || report.ok ? [] : report.failures.map((failure) => failure.pointer);
}

describe("createConversationChecker", () => {
  it(`learns the revision from the server's choice${verifies("LIFE-08", "LIFE-11", "LIFE-13")}`, () => {
    for (const { revision, era } of revisions) {
      if (era !== "stateful") continue;
      const { bad, revision: learnt } = run(handshake("2025-11-25", revision));
      expect(bad).toEqual([]);
      expect(learnt).toBe(revision);
    }
    const later = run([...handshake("2025-11-25", "2025-06-18"), ["client", request(1, "tasks/list")]]);
    expect(later.bad).toMatchObject([{ code: -32601, revision: "2025-06-18" }]);
  });

  it(`names a revision that is not known${verifies("LIFE-15")}`, () => {
    const { bad, revision } = run(handshake("2025-11-25", "2019-01-01"));
    expect(bad.map(pointers)).toEqual([["/result/protocolVersion"]]);
    expect(revision).toBeUndefined();
    expect(run(handshake("1999-01-01", "2025-11-25")).bad).toEqual([]);
  });

  it(`learns the revision from the metadata of a request${verifies("LIFE-51", "LIFE-55")}`, () => {
    const { bad, revision } = run([
      ["client", request("a", "tools/list", meta("2026-07-28"))],
      ["server", notification("notifications/progress", { progressToken: 1, progress: 0.5 })],
      ["server", result("a", { tools: [], resultType: "complete", ttlMs: 0, cacheScope: "public" })],
    ]);
    expect(bad).toEqual([]);
    expect(revision).toBe("2026-07-28");
  });

  it("judges each answer by its request, also where two eras share a connection", () => {
    const { bad } = run([
      ["client", request(1, "server/discover", meta("2026-07-28"))],
      ["server", { jsonrpc: "2.0", id: 1, error: { code: -32601, message: "no" } }],
      ...handshake("2025-11-25", "2025-11-25").map(
        ([from, message]): Line => [from, "id" in message ? { ...message, id: 2 } : message],
      ),
      ["client", request(3, "tools/list")],
      ["server", result(3, { tools: [{ name: "x" }] })],
    ]);
    expect(bad.map(pointers)).toEqual([["/result/tools/0/inputSchema"]]);
    expect(bad[0]).toMatchObject({ method: "tools/list", revision: "2025-11-25" });
  });

  it(`reports answers to nothing, second answers, and ids used twice${verifies("BASE-04", "BASE-05", "BASE-06", "BASE-07")}`, () => {
    const start = handshake("2025-11-25", "2025-11-25");
    const stray = run([...start, ["server", result(9, {})]]);
    expect(stray.bad).toMatchObject([{ code: -32600, failures: [{ pointer: "/id" }] }]);
    const twice = run([...start, ["client", request(1, "ping")], ["server", result(1, {})], ["server", result(1, {})]]);
    expect(twice.bad.map(pointers)).toEqual([["/id"]]);
    expect(run([...start, ["client", request(0, "ping")]]).bad.map(pointers)).toEqual([["/id"]]);
    expect(run([...start, ["client", request("0", "ping")], ["server", request(0, "ping")]]).bad).toEqual([]);
    const modern = request(1, "server/discover", meta("2026-07-28"));
    expect(
      run([
        ["client", modern],
        ["client", modern],
      ]).bad.map(pointers),
    ).toEqual([["/id"]]);
    const discovered = {
      supportedVersions: [],
      capabilities: {},
      resultType: "complete",
      ttlMs: 0,
      cacheScope: "public",
    };
    expect(
      run([
        ["client", modern],
        ["server", result(1, discovered)],
        ["client", modern],
      ]).bad,
    ).toEqual([]);
  });

  it(`judges the result of a task by the request that made it${verifies("TASK-29", "TASK-32")}`, () => {
    const task = { taskId: "t1", status: "working", createdAt: "a", lastUpdatedAt: "b", ttl: null };
    const lines: Line[] = [
      ...handshake("2025-11-25", "2025-11-25"),
      ["client", request(1, "tools/call", { name: "slow", task: { ttl: 1000 } })],
      ["server", result(1, { task })],
      ["client", request(2, "tasks/result", { taskId: "t1" })],
    ];
    expect(run([...lines, ["server", result(2, { content: [] })]]).bad).toEqual([]);
    expect(run([...lines, ["server", result(2, { contents: [] })]]).bad.map(pointers)).toEqual([["/result/content"]]);
  });

  it(`judges answers to requests for input by what was asked${verifies("TRAP-46", "MRTR-02")}`, () => {
    const ask = {
      method: "elicitation/create",
      params: { message: "m", requestedSchema: { type: "object", properties: {} } },
    };
    const call = (id: number, more: object): Line => [
      "client",
      request(id, "tools/call", { name: "x", ...meta("2026-07-28"), ...more }),
    ];
    const asked: Line[] = [
      call(1, {}),
      ["server", result(1, { resultType: "input_required", inputRequests: { who: ask }, requestState: "s" })],
    ];
    expect(
      run([...asked, call(2, { requestState: "s", inputResponses: { who: { action: "accept", content: {} } } })]).bad,
    ).toEqual([]);
    const roots = run([...asked, call(2, { requestState: "s", inputResponses: { who: { roots: [] } } })]);
    expect(roots.bad.map(pointers)).toEqual([["/params/inputResponses/who"]]);
  });

  it("takes batches apart where the revision has them", () => {
    const start = handshake("2025-03-26", "2025-03-26");
    const batch: Line[] = [
      ["client", [request(1, "tools/list"), request(2, "prompts/list")]],
      ["server", [result(2, { prompts: [] }), result(1, { tools: [] })]],
    ];
    const { bad, pending } = run([...start, ...batch]);
    expect(bad).toEqual([]);
    expect(pending).toBe(0);
    const unknown = run([...start, ["server", [result(7, {})]]]);
    expect(unknown.bad).toMatchObject([{ kind: "batch", failures: [{ pointer: "/0/id" }] }]);
  });

  it("keeps to a revision that it is given, and tells what awaits its answer", () => {
    const { bad, revision, pending } = run([["client", request(1, "tasks/list")]], { revision: "2025-11-25" });
    expect({ bad, revision, pending }).toEqual({ bad: [], revision: "2025-11-25", pending: 1 });
    expect(run(handshake("2025-11-25", "2025-06-18"), { revision: "2025-11-25" }).revision).toBe("2025-11-25");
  });

  it("infers who sent a message where only one side can have", () => {
    const checker = createConversationChecker();
    const lines = [
      ...handshake("2025-11-25", "2025-11-25"),
      ["server", request(5, "roots/list")],
      ["client", result(5, { roots: [] })],
    ] as const;
    const sides = lines.map(([, message]) => checker.feed({ message }).from);
    expect(sides).toEqual(lines.map(([from]) => from));
  });

  it("does not throw on messages that are none", () => {
    const checker = createConversationChecker();
    for (const message of [null, 5, "x", [], {}, [[]], { jsonrpc: "2.0", id: {}, method: {} }]) {
      expect(checker.feed({ from: "client", message })).toMatchObject({ ok: false });
    }
  });
});
