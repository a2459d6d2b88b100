/**
 * The traps of the upstream schemas, one by one: what a generator that reads them naively would get wrong. Each title ends with
 * the identifier of its trap. Method tables have a test of their own, as has the agreement with Ajv.
 */

import { describe, expect, expectTypeOf, test } from "vitest";
import { buildModel } from "../../codegen/build.js";
import { canonicalize } from "../../codegen/canonical.js";
import { schemaOf } from "../../codegen/emit/schema.js";
import { isJsonObject, type Json, type JsonObject } from "../../codegen/json.js";
import { PROSE, SCHEMA_LISTS, SCHEMA_MAPS, SCHEMA_VALUED } from "../../codegen/keywords.js";
import { type Model, type Shape, walkShape } from "../../codegen/model.js";
import { RENAMES } from "../../codegen/overlay/traits.js";
import type { CallToolResult, ClientCapabilities, ListToolsResult, Task } from "../../generated/2025-11-25/index.js";
import type { TasksExtensionCapability } from "../../generated/2026-07-28/index.js";
import { verifies } from "../verifies.js";
import { generated, guardOf, MODELS, modelOf, REVISIONS, type Revision, schemaFile } from "./project.js";

const [R1, R2, R3, R4, R5] = REVISIONS;
const EARLY = [R1, R2, R3] as const;
const STATEFUL = [R1, R2, R3, R4] as const;
const EXTENSION = "io.modelcontextprotocol/tasks";

function shapeOf(model: Model, name: string): Shape {
  const shape = model.definitions[name]?.shape;
  if (shape === undefined) throw new Error(`${model.revision} has no ${name}`);
  return shape;
}

/** The shape behind a reference. */
function resolved(model: Model, shape: Shape): Shape {
  return shape.kind === "ref" ? resolved(model, shapeOf(model, shape.name)) : shape;
}

/** The shape at a dotted path of members, `*` for the items of an array or the values of a map. */
function shapeAt(revision: Revision, name: string, path = ""): Shape {
  const model = modelOf(revision);
  let shape = resolved(model, shapeOf(model, name));
  for (const key of path === "" ? [] : path.split(".")) {
    const inner =
      shape.kind === "array" && key === "*"
        ? shape.items
        : shape.kind === "object"
          ? key === "*"
            ? shape.values
            : shape.properties[key]?.shape
          : undefined;
    if (inner === undefined) throw new Error(`${name}.${path} is not in ${revision}`);
    shape = resolved(model, inner);
  }
  return shape;
}

function membersOf(revision: Revision, name: string, path = ""): string[] {
  const shape = shapeAt(revision, name, path);
  if (shape.kind !== "object") throw new Error(`${name} is no object in ${revision}`);
  return Object.entries(shape.properties).map(([key, property]) => (property.required ? key : `${key}?`));
}

function namesOf(revision: Revision): string[] {
  const definitions = Object.values(modelOf(revision).definitions);
  return definitions
    .filter(({ synthesized, extension }) => !synthesized && extension === undefined)
    .map(({ name }) => name);
}

const accepts = (revision: Revision, name: string, value: unknown): boolean => guardOf(revision, name)(value);

/** Every schema inside a schema, found by position, so that a property called `description` is no keyword. */
function* schemasIn(schema: Json): Generator<JsonObject> {
  if (!isJsonObject(schema)) return;
  yield schema;
  for (const [keyword, value] of Object.entries(schema)) {
    if (SCHEMA_VALUED.has(keyword)) yield* schemasIn(value);
    else if (SCHEMA_LISTS.has(keyword) && Array.isArray(value)) for (const item of value) yield* schemasIn(item);
    else if (SCHEMA_MAPS.has(keyword) && isJsonObject(value))
      for (const item of Object.values(value)) yield* schemasIn(item);
  }
}

describe("the files", () => {
  test.each([
    [R1, 79],
    [R2, 83],
    [R3, 91],
    [R4, 145],
    [R5, 155],
  ] as const)(
    `%s has %i definitions, each a definition of the model${verifies("TRAP-01", "TRAP-02", "TRAP-04")}`,
    async (revision, count) => {
      const schema = await schemaFile(revision);
      expect(Object.keys(schema.$defs as JsonObject)).toEqual(namesOf(revision));
      expect(namesOf(revision)).toHaveLength(count);
    },
  );

  test(`both dialects give one canonical form, with what stands beside a reference gone if it is prose${verifies("TRAP-01", "TRAP-02")}`, () => {
    const definitions = (base: string): Json => ({
      B: { type: "object", properties: { a: { $ref: `#/${base}/A`, description: "prose" } }, required: ["a"] },
      A: { type: "string", description: "prose" },
    });
    const draft7 = { $schema: "http://json-schema.org/draft-07/schema#", definitions: definitions("definitions") };
    const draft2020 = { $schema: "https://json-schema.org/draft/2020-12/schema", $defs: definitions("$defs") };
    expect(canonicalize(draft7, "old")).toEqual(canonicalize(draft2020, "new"));
    expect(canonicalize(draft7, "old")).toEqual({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $defs: {
        A: { type: "string" },
        B: { type: "object", properties: { a: { $ref: "#/$defs/A" } }, required: ["a"] },
      },
    });
  });

  test(`there is no root schema${verifies("TRAP-03")}`, () => {
    for (const model of MODELS) expect(Object.keys(schemaOf(model))).toEqual(["$schema", "$defs"]);
  });

  test(`error codes are those of each revision${verifies("TRAP-04")}`, () => {
    const own = MODELS.map((model) =>
      model.errors.map((error) => error.code).filter((code) => code > -32600 || code < -32700),
    );
    expect(own).toEqual([[], [], [], [-32042], [-32020, -32021, -32022]]);
    for (const model of MODELS) {
      const codes = model.errors.map((error) => error.code);
      expect(codes).toEqual(expect.arrayContaining([-32700, -32600, -32601, -32602, -32603]));
    }
  });

  test.each([...REVISIONS, "ext-tasks"])(
    `%s holds no prose and no dialect of a definition's own${verifies("TRAP-05", "TRAP-06")}`,
    async (name) => {
      for (const definition of Object.values((await schemaFile(name)).$defs as JsonObject)) {
        for (const schema of schemasIn(definition)) {
          expect(Object.keys(schema).filter((keyword) => PROSE.has(keyword) || keyword === "$schema")).toEqual([]);
        }
      }
    },
  );
});

describe("structure", () => {
  test(`an allOf becomes one object${verifies("TRAP-08")}`, async () => {
    expect(membersOf(R4, "GetTaskResult")).toEqual([
      "_meta?",
      "createdAt",
      "lastUpdatedAt",
      "pollInterval?",
      "status",
      "statusMessage?",
      "taskId",
      "ttl",
    ]);
    expect(membersOf(R4, "URLElicitationRequiredError", "error")).toEqual(["code", "data", "message"]);
    expect(membersOf(R5, "UnsupportedProtocolVersionError", "error")).toEqual(["code", "data", "message"]);
    for (const revision of STATEFUL) {
      for (const definition of Object.values(modelOf(revision).definitions)) {
        walkShape(definition.shape, (shape) => expect(shape.kind, definition.name).not.toBe("all"));
      }
    }
  });

  test(`orphans keep their guards${verifies("TRAP-09")}`, () => {
    const orphans: Readonly<Record<Revision, readonly string[]>> = {
      [R1]: ["Annotated", "Request", "Notification", "PaginatedRequest", "PaginatedResult", "ResourceContents"],
      [R2]: ["Request", "Notification", "EmptyResult", "Cursor", "JSONRPCMessage"],
      [R3]: ["BaseMetadata", "Request", "Notification"],
      [R4]: [
        "CreateTaskResult",
        "RelatedTaskMetadata",
        "URLElicitationRequiredError",
        "TaskAugmentedRequestParams",
        "Icons",
      ],
      [R5]: ["CallToolResultResponse", "HeaderMismatchError", "ResultType", "JSONArray", "InputResponseRequestParams"],
    };
    for (const revision of REVISIONS) {
      for (const name of orphans[revision]) expect(guardOf(revision, name)).toBeTypeOf("function");
    }
  });

  test(`aliases are definitions like any other${verifies("TRAP-10")}`, () => {
    for (const revision of REVISIONS) {
      expect(accepts(revision, "Cursor", "next")).toBe(true);
      expect(accepts(revision, "Cursor", 1)).toBe(false);
      expect(accepts(revision, "ProgressToken", 1)).toBe(true);
      expect(accepts(revision, "RequestId", 1.5)).toBe(false);
      expect(accepts(revision, "Role", "system")).toBe(false);
      expect(accepts(revision, "EmptyResult", revision === R5 ? { resultType: "complete" } : {})).toBe(true);
    }
    expect(accepts(R5, "ResultType", "anything")).toBe(true);
  });

  test(`objects are open: unknown members pass, and no object of the core is closed${verifies("TRAP-11", "TRAP-12")}`, () => {
    const result = { content: [], resultType: "complete", "x-unknown": { deep: [null] } };
    for (const revision of REVISIONS) {
      expect(accepts(revision, "CallToolResult", result)).toBe(true);
      for (const definition of Object.values(modelOf(revision).definitions)) {
        if (definition.extension !== undefined) continue;
        walkShape(definition.shape, (shape) => {
          if (shape.kind === "object") expect(shape.values.kind, definition.name).not.toBe("never");
        });
      }
    }
    expect(shapeAt(R1, "CallToolRequestParams", "arguments.*")).toEqual({ kind: "any" });
    expect(shapeAt(R5, "Tool", "inputSchema.*")).toEqual({ kind: "any" });
  });

  test(`types are as open as the guards${verifies("TRAP-11", "TRAP-12", "TRAP-13", "TRAP-52")}`, () => {
    // What this asserts, it asserts when the tests are type-checked.
    expectTypeOf<{ content: []; extra: bigint }>().toExtend<CallToolResult>();
    expectTypeOf<CallToolResult["extra"]>().toBeUnknown();
    expectTypeOf<{ sampling: Record<string, never> }>().toExtend<ClientCapabilities>();
    expectTypeOf<{ sampling: string }>().not.toExtend<ClientCapabilities>();
    expectTypeOf<{ tools: []; nextCursor: null }>().not.toExtend<ListToolsResult>();
    expectTypeOf<Task["ttl"]>().toEqualTypeOf<number | null>();
    expectTypeOf<{ any: string }>().not.toExtend<TasksExtensionCapability>();
  });

  test(`capability markers are objects, with or without members${verifies("TRAP-13", "TRAP-14")}`, () => {
    for (const revision of REVISIONS) {
      expect(shapeAt(revision, "ClientCapabilities", "sampling")).toMatchObject({ kind: "object" });
      for (const marker of [{}, { context: {} }]) {
        expect(accepts(revision, "ClientCapabilities", { sampling: marker })).toBe(true);
      }
      for (const marker of [[], true, null, "yes"]) {
        expect(accepts(revision, "ClientCapabilities", { sampling: marker })).toBe(false);
      }
    }
    expect(accepts(R5, "MetaObject", { "example.test/anything": [1.5, null] })).toBe(true);
    expect(accepts(R5, "MetaObject", [])).toBe(false);
  });

  test(`an unknown value must be there where it is required, null included${verifies("TRAP-15")}`, () => {
    for (const revision of REVISIONS) {
      expect(accepts(revision, "LoggingMessageNotificationParams", { level: "info", data: null })).toBe(true);
      expect(accepts(revision, "LoggingMessageNotificationParams", { level: "info" })).toBe(false);
      expect(generated(revision).explain("LoggingMessageNotificationParams", { level: "info" })).toMatchObject([
        { pointer: "/data", actual: "missing" },
      ]);
    }
    expect(accepts(R5, "CallToolResult", { content: [], resultType: "complete", structuredContent: null })).toBe(true);
  });
});

describe("requests, notifications, params", () => {
  test(`the envelope is part of a request from 2025-11-25 on${verifies("TRAP-16", "TRAP-17", "TRAP-18")}`, () => {
    for (const revision of EARLY) {
      expect(membersOf(revision, "CallToolRequest")).toEqual(["method", "params"]);
      expect(membersOf(revision, "InitializedNotification")).toEqual(["method", "params?"]);
    }
    for (const revision of [R4, R5]) {
      expect(membersOf(revision, "CallToolRequest")).toEqual(["id", "jsonrpc", "method", "params"]);
      expect(membersOf(revision, "CancelledNotification")).toEqual(["jsonrpc", "method", "params"]);
    }
    for (const name of ["CreateMessageRequest", "ElicitRequest", "ListRootsRequest"]) {
      expect(membersOf(R5, name).map((member) => member.replace("?", ""))).toEqual(["method", "params"]);
    }
  });

  test(`inlined params get the names of 2025-11-25${verifies("TRAP-19")}`, () => {
    const names = new Set(namesOf(R4));
    for (const revision of EARLY) {
      const synthesized = Object.values(modelOf(revision).definitions).filter((definition) => definition.synthesized);
      expect(synthesized.length).toBeGreaterThan(10);
      for (const { name } of synthesized) expect(names).toContain(name);
    }
  });

  test(`params of every request and notification take _meta with a progress token${verifies("TRAP-20", "TRAP-21")}`, () => {
    for (const revision of STATEFUL) {
      for (const method of modelOf(revision).methods) {
        const shape = shapeAt(revision, method.params ?? "");
        const forms =
          shape.kind === "union" ? shape.members.map((member) => resolved(modelOf(revision), member)) : [shape];
        for (const form of forms) {
          expect(form.kind === "object" && Object.keys(form.properties), `${revision} ${method.method}`).toContain(
            "_meta",
          );
        }
      }
      const params = { name: "echo", _meta: { progressToken: "a" } };
      expect(accepts(revision, "CallToolRequestParams", params)).toBe(true);
      expect(accepts(revision, "CallToolRequestParams", { ...params, _meta: { progressToken: 1.5 } })).toBe(false);
      expect(accepts(revision, "CallToolRequestParams", { ...params, _meta: [] })).toBe(false);
    }
  });

  test(`the four params that 2025-11-25 still inlines are named${verifies("TRAP-21")}`, () => {
    const synthesized = Object.values(modelOf(R4).definitions).filter((definition) => definition.synthesized);
    expect(synthesized.map(({ name }) => name)).toEqual([
      "CancelTaskRequestParams",
      "ElicitationCompleteNotificationParams",
      "GetTaskPayloadRequestParams",
      "GetTaskRequestParams",
    ]);
  });

  test(`in 2026-07-28 every client request names its revision and capabilities${verifies("TRAP-22", "TRAP-49")}`, () => {
    const meta = ["io.modelcontextprotocol/clientCapabilities", "io.modelcontextprotocol/protocolVersion"];
    for (const method of modelOf(R5).methods) {
      if (method.kind === "input") {
        const expected = method.method === "roots/list" ? ["_meta?"] : [];
        const shape = shapeAt(R5, method.params ?? "");
        const members = shape.kind === "object" ? membersOf(R5, method.params ?? "") : [];
        expect(
          members.filter((member) => member.startsWith("_meta")),
          method.method,
        ).toEqual(expected);
      }
      if (method.kind !== "request") continue;
      expect(method.paramsRequired, method.method).toBe(true);
      expect(membersOf(R5, method.params ?? ""), method.method).toContain("_meta");
      expect(membersOf(R5, method.params ?? "", "_meta"), method.method).toEqual(expect.arrayContaining(meta));
    }
  });

  test(`a cancellation names its request, but not in 2025-11-25${verifies("TRAP-23")}`, () => {
    for (const revision of REVISIONS) {
      expect(accepts(revision, "CancelledNotificationParams", {}), revision).toBe(revision === R4);
    }
  });

  test(`a union of messages is decided by the method, so the failure is that of one branch${verifies("TRAP-24", "TRAP-41")}`, () => {
    const request = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: 7 } };
    for (const revision of STATEFUL) {
      const { explain } = generated(revision);
      expect(explain("ClientRequest", request).map(({ pointer }) => pointer)).toEqual(["/params/name"]);
      expect(explain("ClientRequest", { ...request, method: "no/such" }).map(({ pointer }) => pointer)).toEqual([
        "/method",
      ]);
    }
  });
});

describe("results", () => {
  test(`the unions of results accept anything, so no method uses them${verifies("TRAP-26")}`, () => {
    for (const revision of STATEFUL) {
      expect(accepts(revision, "ServerResult", { any: "thing" })).toBe(true);
      expect(accepts(revision, "ClientResult", {})).toBe(true);
    }
    for (const method of MODELS.flatMap((model) => model.methods)) {
      expect(["Result", "ServerResult", "ClientResult"]).not.toContain(method.result);
    }
  });

  test(`resultType selects between results, for any string${verifies("TRAP-27")}`, () => {
    expect(shapeAt(R5, "CallToolResult", "resultType")).toEqual({ kind: "string" });
    expect(accepts(R5, "InputRequiredResult", { resultType: "complete" })).toBe(true);
    const call = modelOf(R5).methods.find((method) => method.method === "tools/call");
    expect(call?.alternatives).toEqual([
      { definition: "InputRequiredResult", when: { resultType: "input_required" } },
      { definition: "CreateTaskResult", when: { resultType: "task" } },
    ]);
  });

  test(`answers to input requests are no results${verifies("TRAP-28", "TRAP-46")}`, () => {
    for (const name of ["ElicitResult", "CreateMessageResult", "ListRootsResult"]) {
      const members = membersOf(R5, name);
      expect(members).not.toContain("resultType");
      expect(members.includes("_meta?"), name).toBe(name === "CreateMessageResult");
    }
    expect(accepts(R5, "InputResponse", { action: "decline" })).toBe(true);
    expect(accepts(R5, "InputResponse", { roots: [] })).toBe(true);
    expect(accepts(R5, "InputResponse", { action: "no such action" })).toBe(false);
  });

  test(`a response with another result says so in its union${verifies("TRAP-29")}`, () => {
    const withInput = modelOf(R5).methods.filter((method) =>
      method.alternatives.some((alternative) => alternative.definition === "InputRequiredResult"),
    );
    expect(withInput.map((method) => method.method)).toEqual(["prompts/get", "resources/read", "tools/call"]);
  });

  test(`a union of one registers its member once${verifies("TRAP-30")}`, () => {
    expect(modelOf(R5).definitions).not.toHaveProperty("ServerRequest");
    const cancelled = modelOf(R5).methods.filter((method) => method.method === "notifications/cancelled");
    expect(cancelled).toMatchObject([{ definition: "CancelledNotification", from: ["client", "server"] }]);
  });

  test(`names of responses change meaning, so each revision has its own${verifies("TRAP-31", "TRAP-47")}`, () => {
    const error = { jsonrpc: "2.0", id: 1, error: { code: -32601, message: "no such method" } };
    for (const revision of REVISIONS) {
      const split = revision >= R4;
      expect(accepts(revision, "JSONRPCResponse", error), revision).toBe(split);
      expect(namesOf(revision).includes("JSONRPCError"), revision).toBe(!split);
      expect(namesOf(revision).includes("JSONRPCErrorResponse"), revision).toBe(split);
      const { id, ...anonymous } = error;
      expect(accepts(revision, split ? "JSONRPCErrorResponse" : "JSONRPCError", anonymous), revision).toBe(split);
    }
    for (const [old, renamed] of Object.entries(RENAMES)) {
      expect(REVISIONS.some((revision) => namesOf(revision).includes(old))).toBe(true);
      expect(REVISIONS.some((revision) => namesOf(revision).includes(renamed))).toBe(true);
    }
  });

  test(`a message is a batch in 2025-03-26 alone${verifies("TRAP-32")}`, () => {
    const batch = [{ jsonrpc: "2.0", id: 1, method: "ping" }];
    for (const revision of REVISIONS) {
      expect(accepts(revision, "JSONRPCMessage", batch), revision).toBe(revision === R2);
      expect(accepts(revision, "JSONRPCMessage", batch[0]), revision).toBe(true);
      expect(modelOf(revision).traits.batching, revision).toBe(revision === R2);
    }
    expect(accepts(R2, "JSONRPCBatchRequest", batch)).toBe(true);
  });
});

describe("numbers, formats, enums", () => {
  test(`a form may be answered with a fraction${verifies("TRAP-33")}`, () => {
    for (const revision of [R3, R4, R5]) {
      expect(accepts(revision, "ElicitResult", { action: "accept", content: { size: 0.5, ok: true, name: "x" } })).toBe(
        true,
      );
      expect(accepts(revision, "ElicitResult", { action: "accept", content: { size: null } })).toBe(false);
      expect(accepts(revision, "ElicitResult", { action: "accept", content: { tags: ["a"] } })).toBe(revision !== R3);
    }
  });

  test(`a JSON value may be null or a fraction, at any depth${verifies("TRAP-34", "TRAP-51")}`, () => {
    for (const value of [null, 0.5, [null, 0.5], { a: { b: [null, 1e-9, "x", false] } }]) {
      expect(accepts(R5, "JSONValue", value)).toBe(true);
      expect(accepts(R5, "JSONObject", { value })).toBe(true);
      expect(accepts(R5, "JSONArray", [value])).toBe(true);
      expect(accepts(R5, "ClientCapabilities", { experimental: { "example.test/x": { value } } })).toBe(true);
    }
    expect(modelOf(R5).definitions.JSONValue?.json).toBe(true);
    for (const value of [Number.NaN, undefined, 1n, [undefined], { deep: { value: Symbol("x") } }]) {
      expect(accepts(R5, "JSONValue", value)).toBe(false);
    }
  });

  test(`the errata that were applied are listed, those of the extension's copies among the core's${verifies("TRAP-33", "TRAP-34")}`, () => {
    expect(MODELS.map((model) => model.errata.length)).toEqual([0, 0, 1, 1, 2]);
    for (const name of ["JSONValue", "ElicitResult"]) expect(modelOf(R5).definitions[name]?.extension).toBeUndefined();
  });

  test(`whole numbers stay whole and the others do not${verifies("TRAP-35")}`, () => {
    const cases: readonly (readonly [Revision, string, string, "integer" | "number"])[] = [
      [R1, "CreateMessageRequestParams", "maxTokens", "integer"],
      [R1, "CreateMessageRequestParams", "temperature", "number"],
      [R1, "CompleteResult", "completion.total", "integer"],
      [R1, "ProgressNotificationParams", "progress", "number"],
      [R1, "ProgressNotificationParams", "total", "number"],
      [R1, "ModelPreferences", "costPriority", "number"],
      [R2, "Annotations", "priority", "number"],
      [R2, "Resource", "size", "integer"],
      [R1, "JSONRPCError", "error.code", "integer"],
      [R5, "NumberSchema", "minimum", "number"],
      [R5, "NumberSchema", "default", "number"],
      [R5, "StringSchema", "maxLength", "integer"],
      [R5, "UntitledMultiSelectEnumSchema", "minItems", "integer"],
      [R4, "Task", "pollInterval", "integer"],
      [R5, "CacheableResult", "ttlMs", "integer"],
    ];
    for (const [revision, name, path, kind] of cases) {
      expect(shapeAt(revision, name, path).kind, `${name}.${path}`).toBe(kind);
    }
  });

  test(`a lifetime is null or a whole number, and never absent${verifies("TRAP-36", "TRAP-52")}`, () => {
    const task = { taskId: "1", status: "working", createdAt: "now", lastUpdatedAt: "now" };
    expect(accepts(R4, "Task", { ...task, ttl: null })).toBe(true);
    expect(accepts(R4, "Task", { ...task, ttl: 5 })).toBe(true);
    expect(accepts(R4, "Task", { ...task, ttl: 0.5 })).toBe(false);
    expect(accepts(R4, "Task", task)).toBe(false);
    expect(accepts(R4, "TaskMetadata", {})).toBe(true);
    expect(accepts(R4, "TaskMetadata", { ttl: null })).toBe(false);
  });

  test(`formats are notes, not assertions${verifies("TRAP-37")}`, () => {
    for (const revision of REVISIONS) {
      const meta = { "io.modelcontextprotocol/protocolVersion": R5, "io.modelcontextprotocol/clientCapabilities": {} };
      expect(accepts(revision, "ReadResourceRequestParams", { uri: "../relative file", _meta: meta })).toBe(true);
      expect(accepts(revision, "ImageContent", { type: "image", mimeType: "x", data: "not base64!" })).toBe(true);
      expect(accepts(revision, "ResourceTemplate", { name: "x", uriTemplate: "{unclosed" })).toBe(true);
    }
    expect(shapeAt(R1, "Resource", "uri")).toEqual({ kind: "string", format: "uri" });
  });

  test(`enums have their members, and open strings are none${verifies("TRAP-38", "TRAP-39")}`, () => {
    const levels = ["alert", "critical", "debug", "emergency", "error", "info", "notice", "warning"];
    const enums: readonly (readonly [Revision, string, string, readonly string[]])[] = [
      [R1, "LoggingLevel", "", levels],
      [R1, "Role", "", ["assistant", "user"]],
      [R1, "CreateMessageRequestParams", "includeContext", ["allServers", "none", "thisServer"]],
      [R3, "ElicitResult", "action", ["accept", "cancel", "decline"]],
      [R3, "NumberSchema", "type", ["integer", "number"]],
      [R3, "StringSchema", "format", ["date", "date-time", "email", "uri"]],
      [R4, "Icon", "theme", ["dark", "light"]],
      [R4, "TaskStatus", "", ["cancelled", "completed", "failed", "input_required", "working"]],
      [R4, "ToolChoice", "mode", ["auto", "none", "required"]],
      [R4, "ToolExecution", "taskSupport", ["forbidden", "optional", "required"]],
      [R5, "CacheableResult", "cacheScope", ["private", "public"]],
    ];
    for (const [revision, name, path, values] of enums) {
      expect(shapeAt(revision, name, path), `${name}.${path}`).toEqual({ kind: "enum", values });
    }
    expect(shapeAt(R4, "CreateMessageResult", "stopReason")).toEqual({ kind: "string" });
    expect(shapeAt(R5, "ResultType")).toEqual({ kind: "string" });
    expect(shapeAt(R4, "TextContent", "type")).toEqual({ kind: "const", value: "text" });
  });

  test(`the newest revision alone counts completions${verifies("TRAP-40")}`, () => {
    for (const revision of REVISIONS) {
      const result = (values: number): object => ({
        resultType: "complete",
        completion: { values: new Array<string>(values).fill("x") },
      });
      expect(accepts(revision, "CompleteResult", result(100)), revision).toBe(true);
      expect(accepts(revision, "CompleteResult", result(101)), revision).toBe(revision !== R5);
    }
  });
});

describe("unions", () => {
  test(`content is told apart by its type, resources by what they hold${verifies("TRAP-41")}`, () => {
    const { explain } = generated(R5);
    expect(explain("ContentBlock", { type: "image", data: 1, mimeType: "x" }).map(({ pointer }) => pointer)).toEqual([
      "/data",
    ]);
    expect(explain("ContentBlock", { type: "hologram" }).map(({ pointer }) => pointer)).toEqual(["/type"]);
    const resource = (contents: object): boolean =>
      accepts(R5, "ContentBlock", { type: "resource", resource: { uri: "a:b", ...contents } });
    expect([{ text: "" }, { blob: "" }, { text: "", blob: 1 }, {}, { text: 1 }].map(resource)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  test(`a form needs no mode, whatever the order of the union's members${verifies("TRAP-42")}`, () => {
    const form = { message: "x", requestedSchema: { type: "object", properties: {} } };
    const url = { message: "x", mode: "url", url: "https://example.test", elicitationId: "1" };
    for (const revision of [R4, R5]) {
      expect(accepts(revision, "ElicitRequestParams", form)).toBe(true);
      expect(accepts(revision, "ElicitRequestParams", { ...form, mode: "form" })).toBe(true);
      expect(accepts(revision, "ElicitRequestParams", url)).toBe(true);
      expect(accepts(revision, "ElicitRequestParams", { ...form, mode: "url" })).toBe(false);
      expect(accepts(revision, "ElicitRequestParams", { message: "x", mode: "url" })).toBe(false);
    }
  });

  test(`every form of a field is accepted as one${verifies("TRAP-43", "TRAP-44")}`, () => {
    const fields = [
      { type: "array", items: { type: "string", enum: ["a"] } },
      { type: "array", items: { anyOf: [{ const: "a", title: "A" }] } },
      { type: "string", oneOf: [{ const: "a", title: "A" }] },
      { type: "string", enum: ["a"], enumNames: ["A"] },
      { type: "string", enum: ["a"] },
      { type: "string", maxLength: 3 },
      { type: "integer" },
      { type: "boolean", default: true },
    ];
    for (const revision of [R4, R5]) {
      for (const field of fields)
        expect(accepts(revision, "PrimitiveSchemaDefinition", field), JSON.stringify(field)).toBe(true);
      expect(accepts(revision, "PrimitiveSchemaDefinition", { type: "object" })).toBe(false);
      expect(accepts(revision, "EnumSchema", { type: "string", enum: ["a"], enumNames: ["A"] })).toBe(true);
      expect(shapeAt(revision, "EnumSchema").kind).toBe("union");
    }
    expect(shapeAt(R3, "EnumSchema").kind).toBe("object");
    expect(accepts(R3, "EnumSchema", { type: "string", oneOf: [] })).toBe(false);
  });

  test(`sampled content is one block or a list of them${verifies("TRAP-45")}`, () => {
    const block = { type: "text", text: "x" };
    const message = (content: unknown): object => ({ role: "user", content });
    for (const revision of REVISIONS) {
      const lists = revision >= R4;
      expect(accepts(revision, "SamplingMessage", message(block)), revision).toBe(true);
      expect(accepts(revision, "SamplingMessage", message([block, block])), revision).toBe(lists);
      expect(accepts(revision, "SamplingMessage", message([block, { type: "no such" }])), revision).toBe(false);
    }
    expect(accepts(R4, "CreateMessageResult", { ...message([block]), model: "m" })).toBe(true);
  });
});

describe("names and keys", () => {
  test(`2026-07-28 removes 32 definitions and adds 42${verifies("TRAP-48")}`, () => {
    const [before, after] = [new Set(namesOf(R4)), new Set(namesOf(R5))];
    expect([...before].filter((name) => !after.has(name))).toHaveLength(32);
    expect([...after].filter((name) => !before.has(name))).toHaveLength(42);
  });

  test(`properties may be called like keywords${verifies("TRAP-49")}`, () => {
    const names = [
      "type",
      "enum",
      "const",
      "default",
      "required",
      "properties",
      "items",
      "anyOf",
      "$ref",
      "description",
    ];
    const schema = canonicalize(
      {
        $defs: {
          Odd: {
            type: "object",
            properties: Object.fromEntries(names.map((name) => [name, { type: "string", description: "prose" }])),
            required: names,
          },
          Ping: { type: "object", properties: { method: { const: "ping" } }, required: ["method"] },
          PingNotification: {
            type: "object",
            properties: { method: { const: "notifications/ping" } },
            required: ["method"],
          },
          ClientNotification: { $ref: "#/$defs/PingNotification" },
        },
      },
      "odd.json",
    );
    const odd = buildModel({ revision: "odd", source: "odd.json", schema }).definitions.Odd;
    expect(odd?.shape).toEqual({
      kind: "object",
      properties: Object.fromEntries(
        [...names].sort().map((name) => [name, { shape: { kind: "string" }, required: true }]),
      ),
      values: { kind: "any" },
    });
    expect(membersOf(R4, "Tool", "inputSchema")).toEqual(["$schema?", "properties?", "required?", "type"]);
  });

  test(`keywords of a tool's schema pass, known or not${verifies("TRAP-50")}`, () => {
    const inputSchema = { type: "object", $defs: {}, oneOf: [], additionalProperties: false, "x-more": 1 };
    for (const revision of REVISIONS) {
      expect(accepts(revision, "Tool", { name: "t", inputSchema })).toBe(true);
      expect(accepts(revision, "Tool", { name: "t", inputSchema: { ...inputSchema, type: "string" } })).toBe(false);
    }
    const outputSchema = { type: "array" };
    expect(accepts(R4, "Tool", { name: "t", inputSchema, outputSchema })).toBe(false);
    expect(accepts(R5, "Tool", { name: "t", inputSchema, outputSchema })).toBe(true);
  });

  test(`null is nowhere a way to leave a member out${verifies("TRAP-52")}`, () => {
    for (const model of MODELS) {
      for (const definition of Object.values(model.definitions)) {
        walkShape(definition.shape, (shape) => {
          if (shape.kind !== "union" || !shape.members.some((member) => member.kind === "null")) return;
          const lifetime = shape.members.some((member) => member.kind === "integer");
          expect(lifetime || definition.json, definition.name).toBe(true);
        });
      }
    }
    expect(accepts(R4, "ListToolsResult", { tools: [], nextCursor: null })).toBe(false);
  });
});

describe("the tasks extension", () => {
  const own = Object.values(modelOf(R5).definitions).filter((definition) => definition.extension === EXTENSION);

  test(`brings its own 20 definitions and the params the generator names${verifies("TRAP-53")}`, async () => {
    expect(Object.keys((await schemaFile("ext-tasks")).$defs as JsonObject)).toHaveLength(76);
    const named = own.filter((definition) => definition.synthesized).map(({ name }) => name);
    expect(named).toEqual(["CancelTaskRequestParams", "GetTaskRequestParams", "UpdateTaskRequestParams"]);
    expect(own.map(({ name }) => name).filter((name) => namesOf(R5).includes(name))).toEqual([]);
    expect(own.length - named.length).toBe(20);
  });

  test(`its requests are flat, with the core's envelope and _meta${verifies("TRAP-53")}`, () => {
    for (const name of ["GetTaskRequest", "UpdateTaskRequest", "CancelTaskRequest"]) {
      expect(membersOf(R5, name)).toEqual(["id", "jsonrpc", "method", "params"]);
    }
    expect(membersOf(R5, "GetTaskRequestParams")).toEqual(["_meta", "taskId"]);
    expect(shapeOf(modelOf(R5), "TaskStatus")).toMatchObject({ kind: "enum" });
  });

  test(`where its prose and its schema differ, the schema counts${verifies("TRAP-54")}`, () => {
    const task = { taskId: "1", createdAt: "now", lastUpdatedAt: "now", ttlMs: null };
    const error = { code: -32603, message: "x" };
    expect(accepts(R5, "FailedTask", { ...task, status: "failed", error })).toBe(true);
    expect(accepts(R5, "FailedTask", { ...task, status: "failed", error: { any: "object" } })).toBe(false);
    expect(accepts(R5, "TaskStatusNotificationParams", { ...task, status: "completed" })).toBe(false);
    expect(accepts(R5, "TaskStatusNotificationParams", { ...task, status: "completed", result: {} })).toBe(true);
  });
});
