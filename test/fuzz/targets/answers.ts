/** A client and whatever a server says to it: every call of its user ends, by a value or by one of the family of errors, and nothing else. */

import fc from "fast-check";
import type { Revision } from "../../../generated/revisions.js";
import { connect } from "../../../runtime/client/connect.js";
import { McpWireError } from "../../../runtime/errors.js";
import type { RpcPayload } from "../../../runtime/jsonrpc/message.js";
import { createMemoryPair } from "../../../runtime/transport/memory.js";
import { json } from "../bytes.js";
import { isUnpolluted, message, params } from "../messages.js";
import { defineTarget, holds, type Target } from "../target.js";

interface Input {
  readonly revision: string;
  /** Answers, in turn: results, or errors, with what is said before each. */
  readonly answers: readonly {
    readonly result?: unknown;
    readonly error?: unknown;
    readonly before: readonly unknown[];
  }[];
}

const tool = fc.record(
  {
    name: fc.oneof(fc.constantFrom("t", "__proto__"), json),
    inputSchema: fc.oneof(fc.constant({ type: "object" }), json),
    outputSchema: fc.oneof(
      fc.constant({ type: "object", properties: { a: { type: "string", pattern: "^(a+)+$" } } }),
      fc.constant({ type: "object", $ref: "#" }),
      json,
    ),
  },
  { requiredKeys: ["name", "inputSchema"] },
);
const result = fc.oneof(
  fc.record(
    {
      tools: fc.oneof(fc.array(tool, { maxLength: 3 }), json),
      nextCursor: fc.oneof(json, fc.constant("c")),
      ttlMs: json,
      cacheScope: json,
      resultType: json,
    },
    { requiredKeys: ["tools"] },
  ),
  fc.record(
    {
      content: fc.oneof(fc.constant([]), json),
      structuredContent: fc.oneof(fc.constant({ a: `${"a".repeat(60)}!` }), json),
      isError: json,
      resultType: fc.oneof(fc.constantFrom("complete", "input_required", "task"), json),
      inputRequests: fc.oneof(fc.dictionary(fc.constantFrom("k", "__proto__"), params), json),
      requestState: json,
      taskId: json,
    },
    { requiredKeys: ["content"] },
  ),
  fc.record(
    { contents: json, messages: json, completion: json, resources: json, prompts: json, task: json },
    { requiredKeys: [] },
  ),
  json,
);

export const answers: Target = defineTarget<Input>({
  name: "answers",
  inputs: fc.record({
    revision: fc.constantFrom("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2026-07-28"),
    answers: fc.array(
      fc.record(
        {
          result,
          error: fc.oneof(fc.record({ code: fc.integer(), message: fc.string() }), json),
          before: fc.array(message, { maxLength: 3 }),
        },
        { requiredKeys: ["before"] },
      ),
      { minLength: 1, maxLength: 5 },
    ),
  }),
  corpus: [
    {
      revision: "2025-11-25",
      answers: [
        {
          result: {
            tools: [
              {
                name: "t",
                inputSchema: { type: "object" },
                outputSchema: { type: "object", properties: { a: { type: "string", pattern: "^(a+)+$" } } },
              },
            ],
          },
          before: [],
        },
        { result: { content: [], structuredContent: { a: `${"a".repeat(60)}!` } }, before: [] },
      ],
    },
    {
      revision: "2026-07-28",
      answers: [{ result: { resultType: "input_required", inputRequests: {}, requestState: "s" }, before: [] }],
    },
    { revision: "2025-06-18", answers: [{ result: { tools: [], nextCursor: "again" }, before: [] }] },
  ],
  async run({ revision, answers: script }) {
    const [near, far] = createMemoryPair();
    let turn = 0;
    far.open({
      onmessage(message) {
        const {
          id,
          method,
          params: given,
        } = message as { id?: unknown; method?: string; params?: { protocolVersion?: string } };
        if (id === undefined || method === undefined) return;
        const say = (said: object): void => void far.send({ jsonrpc: "2.0", id, ...said } as unknown as RpcPayload);
        const capabilities = { tools: {}, resources: {}, prompts: {}, completions: {}, logging: {} };
        if (method === "initialize" && revision !== "2026-07-28") {
          say({
            result: { protocolVersion: given?.protocolVersion, capabilities, serverInfo: { name: "f", version: "1" } },
          });
          return;
        }
        if (method === "server/discover") {
          const supported = {
            supportedVersions: ["2026-07-28"],
            capabilities,
            serverInfo: { name: "f", version: "1" },
            resultType: "complete",
            ttlMs: 0,
            cacheScope: "private",
          };
          say(revision === "2026-07-28" ? { result: supported } : { error: { code: -32601, message: "no" } });
          return;
        }
        const answer = script[turn % script.length] as Input["answers"][number];
        turn++;
        for (const one of answer.before) far.send(one as RpcPayload);
        if (turn > 40) say({ error: { code: -32000, message: "enough" } });
        else say(answer.result === undefined ? { error: answer.error ?? null } : { result: answer.result });
      },
      onerror: () => undefined,
      onlost: () => undefined,
      onend: () => undefined,
      onclose: () => undefined,
    });
    await ended(async () => {
      const client = await connect(near, { revisions: [revision as Revision], timeoutMs: 300, verdicts: false });
      await ended(async () => {
        let count = 0;
        for await (const _tool of client.listTools()) if (++count > 50) break;
      });
      await ended(() => client.callTool("t", { a: 1 }));
      await ended(() => client.readResource("a:b"));
      await ended(() => client.getPrompt("p"));
      await ended(() => client.close());
    });
    await far.close();
    holds(isUnpolluted(), "A message changed what all objects have");
  },
});

async function ended(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof McpWireError)) throw error;
  }
}
