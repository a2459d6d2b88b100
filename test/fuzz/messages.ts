/** Messages as peers could send them: right, nearly right, and anything at all. */

import fc from "fast-check";
import { json, odd } from "./bytes.js";

const REVISIONS = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"];
const METHODS =
  "initialize ping server/discover tools/list tools/call resources/list resources/templates/list resources/read resources/subscribe prompts/list prompts/get completion/complete logging/setLevel subscriptions/listen tasks/get tasks/list tasks/cancel tasks/result tasks/update notifications/initialized notifications/cancelled notifications/progress notifications/roots/list_changed sampling/createMessage elicitation/create roots/list".split(
    " ",
  );

export const id: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 6 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("1", "", "x".repeat(100_000), null, 1.5, -1, 1e21, {}, [], true, "__proto__"),
  },
);

const revision = fc.oneof(fc.constantFrom(...REVISIONS), odd, json);
const meta = fc.oneof(
  fc.record(
    {
      "io.modelcontextprotocol/protocolVersion": revision,
      "io.modelcontextprotocol/clientCapabilities": fc.oneof(
        fc.constant({}),
        fc.constant({ elicitation: {}, sampling: {}, roots: {} }),
        json,
      ),
      "io.modelcontextprotocol/logLevel": fc.oneof(fc.constantFrom("debug", "error"), json),
      progressToken: fc.oneof(id, json),
    },
    { requiredKeys: [] },
  ),
  json,
);
const named = fc.oneof(
  fc.constantFrom("echo", "ask", "fail", "slow", "none", "form", "memo:a", "memo:a/b?x=1", "file:///../x"),
  odd,
);
const cursor = fc.oneof(odd, json);

export const params: fc.Arbitrary<unknown> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record(
      {
        _meta: meta,
        name: named,
        uri: named,
        arguments: fc.oneof(fc.record({ text: odd, n: json }, { requiredKeys: [] }), json),
        cursor,
        protocolVersion: revision,
        capabilities: fc.oneof(fc.constant({ elicitation: {}, sampling: {} }), json),
        clientInfo: fc.oneof(fc.constant({ name: "f", version: "1" }), json),
        ref: fc.oneof(
          fc.record({ type: fc.constantFrom("ref/prompt", "ref/resource"), name: named, uri: named }),
          json,
        ),
        argument: fc.oneof(fc.record({ name: odd, value: odd }), json),
        requestId: id,
        progressToken: id,
        progress: json,
        taskId: fc.oneof(odd, json),
        inputResponses: fc.oneof(fc.dictionary(odd, json, { maxKeys: 2 }), json),
        requestState: fc.oneof(odd, json),
        notifications: fc.oneof(fc.record({ toolsListChanged: fc.boolean() }), json),
        task: fc.oneof(fc.constant({}), fc.record({ ttl: json })),
        level: fc.oneof(fc.constantFrom("debug"), json),
      },
      { requiredKeys: [] },
    ),
  },
  { weight: 1, arbitrary: json },
);

const method = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...METHODS) },
  { weight: 1, arbitrary: odd },
  { weight: 1, arbitrary: json },
);
const error = fc.oneof(
  fc.record({ code: fc.integer(), message: odd, data: json }, { requiredKeys: ["code", "message"] }),
  json,
);

export const message: fc.Arbitrary<unknown> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ jsonrpc: fc.constant("2.0"), id, method, params }, { requiredKeys: ["jsonrpc", "method"] }),
  },
  {
    weight: 2,
    arbitrary: fc.record(
      { jsonrpc: fc.constant("2.0"), id, result: fc.oneof(params, json), error },
      { requiredKeys: ["jsonrpc"] },
    ),
  },
  { weight: 1, arbitrary: json },
  // Names that only look like those of the protocol.
  {
    weight: 1,
    arbitrary: fc.record({
      JSONRPC: fc.constant("2.0"),
      Jsonrpc: fc.constant("2.0"),
      ID: id,
      Method: method,
      PARAMS: params,
    }),
  },
);

export const payload: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 5, arbitrary: message },
  { weight: 1, arbitrary: fc.array(message, { maxLength: 4 }) },
);

/** Begins a conversation properly, so that what follows is not all refused for want of it. */
export const openings: fc.Arbitrary<readonly unknown[]> = fc.constantFrom<readonly unknown[]>(
  [],
  ...REVISIONS.slice(0, 4).map((protocolVersion) => [
    {
      jsonrpc: "2.0",
      id: "open",
      method: "initialize",
      params: {
        protocolVersion,
        capabilities: { elicitation: {}, sampling: {}, roots: {} },
        clientInfo: { name: "f", version: "1" },
      },
    },
    { jsonrpc: "2.0", method: "notifications/initialized" },
  ]),
);

/** Things that no message may have changed. */
export function isUnpolluted(): boolean {
  const plain = {} as Record<string, unknown>;
  for (const _name in plain) return false;
  return (
    Object.getOwnPropertyNames(Object.prototype).length === BUILT_IN.objects &&
    Object.getOwnPropertyNames(Array.prototype).length === BUILT_IN.arrays &&
    Object.getOwnPropertyNames(Function.prototype).length === BUILT_IN.functions
  );
}

const BUILT_IN = {
  objects: Object.getOwnPropertyNames(Object.prototype).length,
  arrays: Object.getOwnPropertyNames(Array.prototype).length,
  functions: Object.getOwnPropertyNames(Function.prototype).length,
};
