/** Whatever a client sends, a server answers each request once at most, keeps to JSON-RPC, and leaves no rejection to nobody. */

import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { revisions, tables } from "../../generated/revisions.js";
import { readEnvelope } from "../../runtime/protocol/envelope.js";
import type { Server } from "../../runtime/server/server.js";
import { verifies } from "../verifies.js";
import { createRaw, meta } from "./raw.js";

const unhandled: unknown[] = [];
const remember = (reason: unknown): void => {
  unhandled.push(reason);
};

beforeEach(() => {
  unhandled.length = 0;
  process.on("unhandledRejection", remember);
});
afterEach(() => {
  process.off("unhandledRejection", remember);
});

function define(server: Server): void {
  server.tool(
    "echo",
    { input: { type: "object", properties: { text: { type: "string" } } } },
    ({ text }) => text ?? "",
  );
  server.tool("throws", {}, () => {
    throw new Error("at once");
  });
  server.tool("rejects", {}, async (_args, ctx) => {
    ctx.progress({ progress: 1 });
    ctx.log("error", "soon");
    throw new Error("later");
  });
  server.tool("asks", {}, async (_args, ctx) => {
    const kept = await ctx.once("a", () => 1);
    const [roots, { action }] = await Promise.all([
      ctx.roots(),
      ctx.elicit({ message: "?", requestedSchema: { type: "object", properties: {} } }),
    ]);
    return `${kept} ${roots.length} ${action}`;
  });
  server.resource("a:b", { name: "b" }, async () => "text");
  server.resourceTemplate("a:{x}/{y}", { name: "t", complete: { x: () => ["1"] } }, ({ x }) => x);
  server.prompt("p", { arguments: { q: { complete: async () => ["r"] } } }, ({ q }) => q ?? "");
}

const METHODS = [...new Set(revisions.flatMap(({ revision }) => Object.keys(tables[revision].methods)))];
const ROOT_STATE = { action: "accept", content: {}, roots: [] };

const id = fc.constantFrom<unknown>(1, 2, "1", "x", null, 1.5, {}, undefined);
const anything = fc.jsonValue({ maxDepth: 2 });
const modern = fc.constantFrom<object>(
  meta(),
  meta({ roots: {}, elicitation: {} }),
  meta({ roots: {}, elicitation: {} }, "2025-11-25"),
  { ...meta({ roots: {} }), progressToken: "t", "io.modelcontextprotocol/logLevel": "debug" },
  { progressToken: 1 },
);
const member = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>(
      "echo",
      "throws",
      "rejects",
      "asks",
      "p",
      "a:b",
      "a:1/2",
      "debug",
      "2025-11-25",
    ),
  },
  { weight: 1, arbitrary: anything },
);
const params = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record(
      {
        _meta: modern,
        name: member,
        uri: member,
        level: member,
        protocolVersion: member,
        requestId: id,
        progressToken: id,
        cursor: member,
        requestState: member,
        capabilities: fc.constantFrom<unknown>({}, { roots: {}, elicitation: {} }, 5),
        clientInfo: fc.constantFrom<unknown>({ name: "c", version: "1" }, null),
        arguments: fc.constantFrom<unknown>(
          {},
          { text: "x" },
          { text: 5 },
          JSON.parse('{"__proto__":{"polluted":1}}'),
          [],
        ),
        argument: fc.constantFrom<unknown>({ name: "q", value: "" }, { name: "constructor", value: "" }),
        ref: fc.constantFrom<unknown>({ type: "ref/prompt", name: "p" }, { type: "ref/resource", uri: "a:{x}/{y}" }),
        notifications: fc.constantFrom<unknown>({}, { toolsListChanged: true, resourceSubscriptions: ["a:b"] }, []),
        inputResponses: fc.constantFrom<unknown>({}, { "roots-1-x": ROOT_STATE }, 7),
      },
      { requiredKeys: [] },
    ),
  },
  { weight: 1, arbitrary: anything },
);
const message = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record(
      { jsonrpc: fc.constant("2.0"), id, method: fc.constantFrom<string>(...METHODS, "no/such", "__proto__"), params },
      { requiredKeys: ["jsonrpc", "method"] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record(
      { jsonrpc: fc.constant("2.0"), id, result: anything, error: anything },
      { requiredKeys: ["jsonrpc"] },
    ),
  },
  { weight: 1, arbitrary: anything },
);
const payload = fc.oneof(
  { weight: 5, arbitrary: message },
  { weight: 1, arbitrary: fc.array(message, { maxLength: 3 }) },
);

test(`nothing that a client says breaks a server${verifies("SEC-42", "SEC-45", "BASE-07", "BASE-08", "BASE-11")}`, async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(payload, { maxLength: 15 }), fc.boolean(), async (messages, opens) => {
      const raw = await createRaw(define, { timeoutMs: 50 });
      if (opens) await raw.initialize("2025-03-26", { roots: {} });
      raw.seen.length = 0;
      for (const one of messages) raw.send(one as object);
      raw.server.tool("new", {}, () => "").remove();
      raw.server.resourceUpdated("a:b");
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      const asked = messages.flat(1).filter((one) => typeof one === "object" && one !== null && "id" in one);
      const answers = raw.seen.filter(({ method }) => method === undefined);
      for (const one of raw.seen) expect(readEnvelope(one, false)).toHaveProperty("kind");
      for (const answer of answers.filter((one) => one.id !== undefined))
        expect(answers.filter((one) => one.id === answer.id).length).toBeLessThanOrEqual(
          asked.filter((one) => (one as { id: unknown }).id === answer.id).length,
        );
      answered += answers.length;
      await raw.close();
      await raw.server.close();
    }),
    { numRuns: 400 },
  );
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(unhandled).toEqual([]);
  expect({}).not.toHaveProperty("polluted");
  expect(answered).toBeGreaterThan(400);
});
