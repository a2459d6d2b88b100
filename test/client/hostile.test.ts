/** Whatever a server sends, a client's calls end, by a value or by an error of the family, and no rejection is left to nobody. */

import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { McpWireError } from "../../runtime/errors.js";
import { verifies } from "../verifies.js";
import { connectRaw, type Sent, stateful, stateless } from "./raw.js";

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

const anything = fc.jsonValue({ maxDepth: 2 });
const tool = fc.constantFrom<unknown>(
  { name: "t", inputSchema: { type: "object" } },
  { name: "t", inputSchema: { type: "object" }, outputSchema: { type: "strin" } },
  { name: "t", inputSchema: { type: "object" }, outputSchema: { $ref: "https://example.com/" } },
  { name: 5 },
  null,
);
const asking = fc.record(
  {
    resultType: fc.constantFrom<unknown>("input_required", "complete", "odd", 5),
    requestState: fc.constantFrom<unknown>("s", "", 5),
    inputRequests: fc.constantFrom<unknown>(
      {},
      { a: { method: "roots/list" } },
      { a: { method: "elicitation/create", params: { message: "?", requestedSchema: {} } } },
      { a: { method: "__proto__" }, b: null },
      [],
    ),
  },
  { requiredKeys: ["resultType"] },
);
const result = fc.oneof(
  fc.constant({ resultType: "complete", ttlMs: 0, cacheScope: "private", tools: [], content: [], other: 1 }),
  fc.record(
    {
      tools: fc.oneof(fc.array(tool, { maxLength: 3 }), anything),
      content: fc.oneof(fc.constant([]), anything),
      structuredContent: anything,
      nextCursor: fc.constantFrom<unknown>("", "a", 5, undefined),
      resultType: fc.constantFrom<unknown>("complete", undefined, "task"),
      ttlMs: fc.constantFrom<unknown>(-1, 0, 60_000, "x"),
      cacheScope: fc.constantFrom<unknown>("public", "odd"),
    },
    { requiredKeys: [] },
  ),
  asking,
  anything,
);
const error = fc.oneof(
  fc.record(
    { code: fc.integer({ min: -32100, max: 10 }), message: fc.string(), data: anything },
    { requiredKeys: ["code", "message"] },
  ),
  anything,
);
const said = fc.record(
  {
    id: fc.constantFrom<unknown>(1, 2, 3, "x", null),
    method: fc.constantFrom(
      "notifications/progress",
      "notifications/message",
      "notifications/cancelled",
      "notifications/tools/list_changed",
      "notifications/resources/updated",
      "notifications/subscriptions/acknowledged",
      "roots/list",
      "elicitation/create",
      "ping",
      "no/such",
    ),
    params: fc.oneof(
      anything,
      fc.record(
        {
          progressToken: fc.constantFrom<unknown>(2, 3, "x"),
          progress: fc.constantFrom<unknown>(1, "x"),
          requestId: fc.constantFrom<unknown>(2, 3, 4),
          notifications: anything,
          uri: anything,
          _meta: fc.constantFrom<unknown>({ "io.modelcontextprotocol/subscriptionId": 3 }, 5),
        },
        { requiredKeys: [] },
      ),
    ),
    result,
    error,
  },
  { requiredKeys: [] },
);
const answer = fc.record({
  kind: fc.constantFrom("result", "error", "none"),
  result,
  error,
  before: fc.array(said, { maxLength: 2 }),
});

test.each([
  ["older", stateful, "2025-11-25"],
  ["newer", stateless, "2026-07-28"],
] as const)(
  `nothing that a server of the %s era says breaks a client${verifies("SEC-42", "BASE-08", "BASE-33", "TOOL-16")}`,
  async (_era, open, revision) => {
    const outcomes = { good: 0, bad: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(answer, { minLength: 1, maxLength: 8 }), async (answers) => {
        let next = 0;
        const script = ({ id }: Sent, say: (message: object) => void): undefined => {
          const { kind, before, ...rest } = answers[next++ % answers.length] as (typeof answers)[number];
          for (const one of before) say(one);
          if (kind === "result") say({ id, result: rest.result });
          if (kind === "error") say({ id, error: rest.error });
        };
        const { client } = await connectRaw(open(script), {
          revisions: [revision],
          timeoutMs: 20,
          maxRounds: 2,
          roots: [],
          elicit: () => Promise.reject(new Error("nobody there")),
          onevent: () => {
            throw new Error("a listener that throws");
          },
        });
        const calls = [
          client.request("tools/list"),
          client.subscribe({ tools: true, uris: ["a:b"] }, () => undefined),
          client.callTool("t", {}, { onprogress: () => undefined, timeoutMs: 20, maxTotalMs: 40 }),
          client.request("tools/list").then(() => client.callTool("t", {}, { timeoutMs: 20 })),
        ];
        const ends = Promise.allSettled(calls);
        await new Promise((resolve) => setTimeout(resolve, 5));
        await client.close();
        for (const end of await ends) {
          outcomes[end.status === "fulfilled" ? "good" : "bad"]++;
          if (end.status === "rejected") expect(end.reason).toBeInstanceOf(McpWireError);
        }
      }),
      { numRuns: 150 },
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(unhandled).toEqual([]);
    expect(Math.min(outcomes.good, outcomes.bad)).toBeGreaterThan(20);
  },
  120_000,
);
