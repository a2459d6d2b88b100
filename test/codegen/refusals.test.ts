/** What the generator does not know stops it, with the pointer of the place: it never guesses and never drops a keyword. */

import { describe, expect, test } from "vitest";
import { buildModel } from "../../codegen/build.js";
import { canonicalize } from "../../codegen/canonical.js";
import { GeneratorError } from "../../codegen/errors.js";
import type { Json, JsonObject } from "../../codegen/json.js";
import type { Model } from "../../codegen/model.js";
import type { ErratumRow } from "../../codegen/overlay/errata.js";
import { verifies } from "../verifies.js";
import { schemaFile } from "./project.js";

/** A schema with one request and its result, to which each test adds what it is about. */
const BASE: JsonObject = {
  EchoRequest: {
    type: "object",
    properties: { method: { type: "string", const: "echo" }, params: { type: "object" } },
    required: ["method"],
  },
  EchoResult: { type: "object" },
  ClientRequest: { anyOf: [{ $ref: "#/$defs/EchoRequest" }] },
};

function build(added: JsonObject, errata: readonly ErratumRow[] = []): Model {
  const schema = canonicalize({ $defs: { ...BASE, ...added } }, "tiny.json");
  return buildModel({ revision: "tiny", source: "tiny.json", schema, errata });
}

/** The error of an action, as the fields that a reader of it needs. */
function refusalOf(action: () => unknown): { code?: string; source?: string; pointer?: string } {
  try {
    action();
  } catch (error) {
    if (!(error instanceof GeneratorError)) throw error;
    expect(error.message).toContain(error.source ?? "");
    expect(error.message).toContain(error.pointer ?? "");
    return {
      code: error.code,
      ...(error.source === undefined ? {} : { source: error.source }),
      ...(error.pointer === undefined ? {} : { pointer: error.pointer }),
    };
  }
  return {};
}

test("the schema that the refusals start from is fine", () => {
  expect(build({}).methods).toMatchObject([{ method: "echo", result: "EchoResult", params: "RequestParams" }]);
});

describe("schemas", () => {
  const cases: readonly (readonly [title: string, schema: Json, code: string, pointer: string])[] = [
    ["an unknown keyword", { type: "string", contentEncoding: "x" }, "UNKNOWN_KEYWORD", "/contentEncoding"],
    ["a keyword of another type", { type: "string", minimum: 1 }, "UNKNOWN_KEYWORD", "/minimum"],
    ["pattern properties", { type: "object", patternProperties: {} }, "UNKNOWN_KEYWORD", "/patternProperties"],
    ["oneOf", { oneOf: [{ type: "string" }] }, "UNKNOWN_KEYWORD", "/oneOf"],
    ["a condition", { if: {}, type: "object" }, "UNKNOWN_KEYWORD", "/if"],
    ["something beside a reference", { $ref: "#/$defs/EchoResult", minLength: 1 }, "UNKNOWN_KEYWORD", "/minLength"],
    ["something beside a union", { anyOf: [{}], type: "string" }, "UNKNOWN_KEYWORD", "/type"],
    ["an assertion without a type", { minLength: 1 }, "UNKNOWN_FORM", "/minLength"],
    ["a bound that is no number", { type: "string", minLength: "1" }, "UNKNOWN_FORM", "/minLength"],
    ["a pattern that is no text", { type: "string", pattern: {} }, "UNKNOWN_FORM", "/pattern"],
    ["properties in a list", { type: "object", properties: [] }, "UNKNOWN_FORM", "/properties"],
    ["one required name", { type: "object", required: "a" }, "UNKNOWN_FORM", "/required"],
    ["required names that are no names", { type: "object", required: ["a", 1] }, "UNKNOWN_FORM", "/required"],
    [
      "a member that every object has",
      { type: "object", properties: { constructor: {} } },
      "UNKNOWN_FORM",
      "/properties/constructor",
    ],
    [
      "a member that is required and inherited",
      { type: "object", required: ["toString"] },
      "UNKNOWN_FORM",
      "/properties/toString",
    ],
    [
      "a member called __proto__",
      JSON.parse('{ "type": "object", "properties": { "__proto__": {} } }') as Json,
      "UNKNOWN_FORM",
      "/properties/__proto__",
    ],
    ["an unknown type", { type: "float" }, "UNKNOWN_FORM", "/type"],
    ["an unknown type in a list", { type: ["string", "float"] }, "UNKNOWN_FORM", "/type/1"],
    ["an empty list of types", { type: [] }, "UNKNOWN_FORM", "/type"],
    ["a list where a schema belongs", { type: "array", items: [{}] }, "UNKNOWN_FORM", "/items"],
    ["an empty union", { anyOf: [] }, "UNKNOWN_FORM", "/anyOf"],
    ["an empty enum", { enum: [] }, "UNKNOWN_FORM", "/enum"],
    ["a structured constant", { const: { a: 1 } }, "UNKNOWN_FORM", "/const"],
    ["a constant of another type", { type: "string", const: 1 }, "UNKNOWN_FORM", ""],
    ["a negation of something", { not: { type: "string" } }, "UNKNOWN_FORM", ""],
    ["a missing definition", { $ref: "#/$defs/Nowhere" }, "UNKNOWN_REFERENCE", "/$ref"],
    ["a name that objects inherit", { $ref: "#/$defs/constructor" }, "UNKNOWN_REFERENCE", "/$ref"],
    ["another file", { $ref: "other.json#/$defs/X" }, "UNKNOWN_REFERENCE", "/$ref"],
    ["a deeper place", { $ref: "#/$defs/EchoRequest/properties/method" }, "UNKNOWN_REFERENCE", "/$ref"],
  ];

  test.each(cases)(`%s is refused at its place${verifies("TRAP-49")}`, (_, schema, code, pointer) => {
    const places: readonly (readonly [(odd: Json) => Json, string])[] = [
      [(odd) => odd, "/$defs/Odd"],
      [(odd) => ({ type: "object", properties: { "a/b~c": odd } }), "/$defs/Odd/properties/a~1b~0c"],
      [(odd) => ({ type: "object", additionalProperties: odd }), "/$defs/Odd/additionalProperties"],
      [(odd) => ({ type: "array", items: odd }), "/$defs/Odd/items"],
      [(odd) => ({ anyOf: [{ type: "null" }, odd] }), "/$defs/Odd/anyOf/1"],
      [(odd) => ({ allOf: [odd, { type: "object" }] }), "/$defs/Odd/allOf/0"],
    ];
    for (const [around, place] of places) {
      expect(refusalOf(() => build({ Odd: around(schema) }))).toEqual({
        code,
        source: "tiny.json",
        pointer: `${place}${pointer}`,
      });
    }
  });

  test("a definition whose name is no name for a type is refused", () => {
    expect(refusalOf(() => build({ "Record<string,unknown>": {} }))).toMatchObject({
      code: "UNKNOWN_FORM",
      pointer: "/$defs/Record<string,unknown>",
    });
  });

  test("a definition whose name every object inherits is refused", () => {
    expect(refusalOf(() => build({ toString: {} }))).toMatchObject({
      code: "UNKNOWN_FORM",
      pointer: "/$defs/toString",
    });
  });

  test.each([[null], [[]], ["text"], [{}], [{ definitions: [] }], [{ type: "object" }]])("%j is no schema", (json) => {
    expect(refusalOf(() => canonicalize(json, "x.json"))).toEqual({ code: "NOT_A_SCHEMA", source: "x.json" });
  });
});

describe("roles and results", () => {
  test(`a member of a role union that is no request is refused${verifies("TRAP-25", "TRAP-30")}`, () => {
    const cases: readonly (readonly [JsonObject, string])[] = [
      [{ ClientRequest: { anyOf: [{ $ref: "#/$defs/EchoResult" }, { $ref: "#/$defs/EchoRequest" }] } }, "EchoResult"],
      [{ ClientRequest: { anyOf: [{ $ref: "#/$defs/EchoRequest" }, { type: "object" }] } }, "ClientRequest"],
      [{ ClientRequest: { type: "object" } }, "ClientRequest"],
      [{ ServerNotification: { $ref: "#/$defs/EchoResult" } }, "EchoResult"],
    ];
    for (const [added, name] of cases) {
      expect(refusalOf(() => build(added))).toEqual({
        code: "UNKNOWN_ROLE",
        source: "tiny.json",
        pointer: `/$defs/${name}`,
      });
    }
  });

  test("a schema without role unions is refused", () => {
    const schema = canonicalize({ $defs: { Lonely: { type: "object" } } }, "tiny.json");
    expect(refusalOf(() => buildModel({ revision: "tiny", source: "tiny.json", schema }))).toEqual({
      code: "UNKNOWN_ROLE",
      source: "tiny.json",
      pointer: "/$defs",
    });
  });

  test(`a request without a result is refused${verifies("TRAP-25")}`, () => {
    const added = {
      PourRequest: { type: "object", properties: { method: { const: "pour" } }, required: ["method"] },
      ServerRequest: { $ref: "#/$defs/PourRequest" },
    };
    expect(refusalOf(() => build(added))).toEqual({
      code: "NO_RESULT_RULE",
      source: "tiny.json",
      pointer: "/$defs/PourRequest",
    });
  });

  test(`a request whose response names the result needs no row${verifies("TRAP-29")}`, () => {
    const added = {
      PourRequest: { type: "object", properties: { method: { const: "pour" } }, required: ["method"] },
      PourResultResponse: { type: "object", properties: { result: { $ref: "#/$defs/EchoResult" } } },
      ServerRequest: { $ref: "#/$defs/PourRequest" },
    };
    expect(build(added).methods).toContainEqual(expect.objectContaining({ method: "pour", result: "EchoResult" }));
  });

  test(`params whose name is taken get another${verifies("TRAP-19")}`, () => {
    const taken = {
      EchoRequestParams: { type: "object", properties: { other: { type: "string" } } },
      EchoRequest: {
        type: "object",
        properties: { method: { const: "echo" }, params: { type: "object", properties: { text: { type: "string" } } } },
        required: ["method"],
      },
    };
    expect(build(taken).methods).toMatchObject([{ method: "echo", params: "EchoRequestInlineParams" }]);
    const both = { ...taken, EchoRequestInlineParams: { type: "string" } };
    expect(refusalOf(() => build(both))).toMatchObject({
      code: "NAME_CONFLICT",
      pointer: "/$defs/EchoRequest/properties/params",
    });
  });

  test("an extension that no row knows is refused", async () => {
    const schema = await schemaFile("2026-07-28");
    const extension = { extension: "example.test/unknown", source: "ext.json", schema: { $defs: {} } };
    expect(
      refusalOf(() => buildModel({ revision: "2026-07-28", source: "core.json", schema, extensions: [extension] })),
    ).toEqual({ code: "UNKNOWN_ROLE", source: "ext.json" });
  });

  test("an extension without a definition that its row names is refused", async () => {
    const schema = await schemaFile("2026-07-28");
    const extension = { extension: "io.modelcontextprotocol/tasks", source: "ext.json", schema: { $defs: {} } };
    expect(
      refusalOf(() => buildModel({ revision: "2026-07-28", source: "core.json", schema, extensions: [extension] })),
    ).toEqual({ code: "UNKNOWN_REFERENCE", source: "ext.json", pointer: "/$defs" });
  });
});

describe("errata", () => {
  const row = (pointer: string, from: Json): ErratumRow => ({
    revision: "tiny",
    pointer,
    from,
    to: "number",
    reason: "why",
  });

  test(`a row mends what it names, and the model lists it${verifies("TRAP-33", "TRAP-34")}`, () => {
    const model = build({ Size: { type: "integer" } }, [row("/$defs/Size/type", "integer")]);
    expect(model.definitions.Size?.shape).toEqual({ kind: "number" });
    expect(model.errata).toEqual([{ pointer: "/$defs/Size/type", reason: "why" }]);
  });

  test(`a row that no longer applies is refused${verifies("TRAP-33", "TRAP-34")}`, () => {
    for (const pointer of ["/$defs/Size/type", "/$defs/Gone/type", "/$defs/Size/toString"]) {
      expect(refusalOf(() => build({ Size: { type: "string" } }, [row(pointer, "integer")]))).toEqual({
        code: "UNUSED_ERRATUM",
        source: "tiny.json",
        pointer,
      });
    }
  });

  test("rows of other revisions do not count", () => {
    expect(build({}, [{ ...row("/$defs/Nowhere", 1), revision: "other" }]).errata).toEqual([]);
  });
});
