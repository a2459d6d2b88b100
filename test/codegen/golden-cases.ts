/**
 * Tiny schemas, one for each thing the emitters know, with a few values for each definition. `golden.test.ts` keeps what they
 * give under `golden/` and tries the guards on the values and on what happens to them.
 */

import { buildModel } from "../../codegen/build.js";
import { canonicalize } from "../../codegen/canonical.js";
import type { Json, JsonObject } from "../../codegen/json.js";
import type { Model } from "../../codegen/model.js";
import { message, object, ref } from "./tiny.js";

export interface GoldenCase {
  readonly name: string;
  /** Definitions of the schema; the roles are `PAIR`'s unless it has its own. */
  readonly definitions: JsonObject;
  /** Values that fit, by definition. */
  readonly valid: Readonly<Record<string, readonly Json[]>>;
}

export function modelOf({ name, definitions }: GoldenCase): Model {
  const schema = canonicalize({ $defs: definitions }, `${name}.json`);
  return buildModel({ revision: "2025-11-25", source: `${name}.json`, schema, errata: [] });
}

const string = { type: "string" };
const integer = { type: "integer" };

/** One request with its result, which every schema needs to have a method at all. */
export const PAIR: JsonObject = {
  ClientRequest: { anyOf: [ref("EchoRequest")] },
  EchoRequest: message("echo", "EchoRequestParams"),
  EchoRequestParams: object({ text: string }),
  EchoResult: object({ text: string }),
};

function constant(value: string, others: Record<string, Json> = {}): JsonObject {
  return object({ type: { const: value }, ...others });
}

const ROLES: GoldenCase = {
  name: "roles",
  definitions: {
    ClientRequest: ref("PingRequest"),
    ServerRequest: { anyOf: [ref("PingRequest"), ref("AskRequest")] },
    ServerNotification: message("notifications/note", "NoteParams", false),
    PingRequest: message("ping", "PingParams", false),
    PingParams: object({ "_meta?": { type: "object", additionalProperties: {} } }),
    EmptyResult: { type: "object" },
    AskRequest: object({ method: { const: "ask" }, params: object({ question: string }) }),
    AskResult: object({ "answer?": string }),
    NoteNotification: message("notifications/note", "NoteParams", false),
    NoteParams: object({ "level?": { enum: ["high", "low"] } }),
  },
  valid: {
    PingRequest: [{ method: "ping" }, { method: "ping", params: { _meta: { a: 1 } } }],
    AskRequest: [{ method: "ask", params: { question: "?" } }],
    NoteNotification: [{ method: "notifications/note", params: { level: "low" } }],
  },
};

const DISCRIMINATED: GoldenCase = {
  name: "union-by-constant",
  definitions: {
    ...PAIR,
    Block: { anyOf: [ref("Text"), ref("Image"), ref("Video")] },
    Text: constant("text", { text: string }),
    Image: constant("image", { data: string }),
    Video: object({ type: { enum: ["video", "film"] }, seconds: { type: "number" } }),
    Ask: { anyOf: [ref("AskForm"), ref("AskLink")] },
    AskForm: object({ "mode?": { const: "form" }, fields: { type: "array", items: string } }),
    AskLink: object({ mode: { const: "link" }, url: string }),
    Blocks: { type: "array", items: ref("Block") },
  },
  valid: {
    Block: [
      { type: "text", text: "a" },
      { type: "image", data: "AA==" },
      { type: "film", seconds: 1.5 },
    ],
    Ask: [{ fields: ["a"] }, { mode: "form", fields: [] }, { mode: "link", url: "u" }],
    Blocks: [[], [{ type: "text", text: "a", more: null }]],
  },
};

const BY_MEMBERS: GoldenCase = {
  name: "union-by-members",
  definitions: {
    ...PAIR,
    Contents: { anyOf: [ref("TextContents"), ref("BlobContents")] },
    TextContents: object({ uri: string, text: string }),
    BlobContents: object({ uri: string, blob: string, "size?": integer }),
    Loose: { anyOf: [ref("Named"), ref("Bare")] },
    Named: object({ name: string }),
    Bare: object({ "note?": string }),
  },
  valid: {
    Contents: [
      { uri: "u", text: "t" },
      { uri: "u", blob: "b", size: 1 },
      { uri: "u", text: 1, blob: "b" },
    ],
    Loose: [{ name: "n" }, { note: "n" }, {}],
  },
};

const MIXED: GoldenCase = {
  name: "union-of-kinds",
  definitions: {
    ...PAIR,
    Id: { type: ["string", "integer"] },
    Maybe: { type: ["string", "null"] },
    Content: { anyOf: [ref("Text"), ref("Image"), { type: "array", items: { anyOf: [ref("Text"), ref("Image")] } }] },
    Text: constant("text", { text: string }),
    Image: constant("image", { data: string }),
    Answer: { anyOf: [string, { type: "number" }, { type: "boolean" }, { type: "array", items: string }] },
    Answers: { type: "object", additionalProperties: ref("Answer") },
    Nested: { anyOf: [ref("Id"), ref("Maybe"), ref("Text")] },
    Lists: {
      anyOf: [
        { type: "array", items: string },
        { type: "array", items: integer },
      ],
    },
    Short: { anyOf: [{ type: "string", maxLength: 2 }, ref("Text")] },
  },
  valid: {
    Id: ["a", 1],
    Maybe: ["a", null],
    Content: [{ type: "text", text: "a" }, [{ type: "image", data: "d" }], []],
    Answers: [{ a: "x", b: 0.5, c: true, d: ["x"] }, {}],
    Nested: ["a", 1, null, { type: "text", text: "a" }],
    Lists: [[], ["a"], [1, 2]],
    Short: ["ab", { type: "text", text: "long" }],
  },
};

const RECURSION: GoldenCase = {
  name: "recursion",
  definitions: {
    ...PAIR,
    Tree: object({ name: string, "children?": { type: "array", items: ref("Tree") } }),
    Any: {
      anyOf: [
        { type: ["string", "number", "boolean", "null"] },
        { type: "array", items: ref("Any") },
        { type: "object", additionalProperties: ref("Any") },
      ],
    },
    Term: { anyOf: [string, ref("Pair")] },
    Pair: object({ left: ref("Term"), right: ref("Term") }),
    Holder: object({ "value?": ref("Any") }),
  },
  valid: {
    Tree: [{ name: "a", children: [{ name: "b", children: [] }] }],
    Any: [null, 1.5, [{ a: [true] }]],
    Term: ["a", { left: "a", right: { left: "b", right: "c" } }],
    Holder: [{ value: [null, { a: 1 }] }, {}],
  },
};

const BOUNDS: GoldenCase = {
  name: "bounds",
  definitions: {
    ...PAIR,
    Code: { type: "string", pattern: "^[a-z]{2}/\\d+$" },
    Title: { type: "string", minLength: 1, maxLength: 3 },
    Score: { type: "number", minimum: 0, maximum: 1 },
    Open: { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1 },
    Count: { type: "integer", minimum: 1 },
    Few: { type: "array", items: string, minItems: 1, maxItems: 2 },
    Both: object({
      code: ref("Code"),
      "score?": { type: "number", maximum: 10 },
      list: { type: "array", maxItems: 1 },
    }),
  },
  valid: {
    Code: ["ab/12", "zz/0"],
    Title: ["a", "abc", "💚💚💚"],
    Score: [0, 1, 0.5],
    Open: [0.5],
    Count: [1, 9007199254740991],
    Few: [["a"], ["a", "b"]],
    Both: [{ code: "ab/1", score: 10, list: [null] }],
  },
};

const NAMES: GoldenCase = {
  name: "names",
  definitions: {
    ...PAIR,
    Quoted: object({
      $schema: string,
      "io.example/key": integer,
      "a-b?": string,
      'with "quotes"?': string,
      "back\\slash?": string,
      "line\nbreak?": string,
      "1st?": string,
      "?": string,
    }),
    Keywords: object({
      "properties?": string,
      "required?": string,
      "default?": string,
      "class?": string,
    }),
    Error: object({ code: integer, message: string, "data?": {} }),
    Headers: { type: "object", additionalProperties: string },
    Uses: object({ error: ref("Error"), "headers?": ref("Headers") }),
    Choice: { anyOf: [object({ "my-kind": { const: "it's" } }), object({ "my-kind": { const: 'say "so"' } })] },
  },
  valid: {
    Quoted: [{ $schema: "s", "io.example/key": 1, "a-b": "x", 'with "quotes"': "", "line\nbreak": "", "": "" }],
    Keywords: [{ properties: "a", required: "b", default: "c", class: "e" }],
    Uses: [{ error: { code: 1, message: "m" }, headers: { a: "b" } }],
    Choice: [{ "my-kind": "it's" }, { "my-kind": 'say "so"' }],
  },
};

const COMPOSED: GoldenCase = {
  name: "all-of",
  definitions: {
    ...PAIR,
    Base: object({ id: integer, "note?": string }),
    Extended: { allOf: [ref("Base"), object({ name: string })] },
    Either: { anyOf: [object({ a: integer }), object({ b: integer })] },
    Unmerged: { allOf: [ref("Base"), ref("Either")] },
    Sealed: { type: "object", properties: { id: integer, name: string }, additionalProperties: false },
    Strict: { allOf: [ref("Base"), ref("Sealed")] },
  },
  valid: {
    Extended: [{ id: 1, name: "n" }],
    Unmerged: [
      { id: 1, a: 1 },
      { id: 1, b: 2, note: "n" },
    ],
    Strict: [{ id: 1, name: "n" }],
  },
};

const OBJECTS: GoldenCase = {
  name: "objects",
  definitions: {
    ...PAIR,
    Closed: { type: "object", properties: { a: string }, required: ["a"], additionalProperties: false },
    Empty: { type: "object", properties: {}, additionalProperties: false },
    Anything: { type: "object", properties: {}, additionalProperties: true },
    Map: { type: "object", additionalProperties: integer },
    Rest: {
      type: "object",
      properties: { name: string },
      required: ["name"],
      additionalProperties: { type: "number" },
    },
    Markers: object({
      "form?": { type: "object", properties: {}, additionalProperties: true },
      "open?": { type: "object" },
    }),
  },
  valid: {
    Closed: [{ a: "x" }],
    Empty: [{}],
    Anything: [{}, { a: 1 }],
    Map: [{ a: 1, b: 2 }, {}],
    Rest: [{ name: "n", size: 1.5 }],
    Markers: [{ form: { a: 1 }, open: {} }, {}],
  },
};

const ODD: GoldenCase = {
  name: "odd",
  definitions: {
    ...PAIR,
    One: { enum: ["only"] },
    Levels: { enum: ["a", 1, true, null] },
    Nothing: { not: {} },
    Base64data: string,
    Alias: ref("Levels"),
    Required: { type: "object", required: ["data"] },
    List: { type: "array" },
    Null: { type: "null" },
    Flag: { type: "boolean", const: true },
    Whatever: {},
    Counted: { type: "array", items: string, minItems: 1, maxItems: 2 },
    Tally: {
      type: "object",
      properties: { name: string },
      required: ["name"],
      additionalProperties: { type: "integer" },
    },
    Single: { anyOf: [string] },
    Twice: { anyOf: [string, string] },
    Members: object({ data: {}, "never?": { not: {} }, "nothing?": { type: "null" } }),
  },
  valid: {
    One: ["only"],
    Levels: ["a", 1, true, null],
    Alias: [1],
    Required: [{ data: null }],
    List: [[], [1]],
    Flag: [true],
    Whatever: [null, 1],
    Counted: [["a"], ["a", "b"]],
    Tally: [{ name: "a" }, { name: "a", b: 1 }],
    Single: ["a"],
    Members: [{ data: null, nothing: null }],
  },
};

export const CASES: readonly GoldenCase[] = [
  ROLES,
  DISCRIMINATED,
  BY_MEMBERS,
  MIXED,
  RECURSION,
  BOUNDS,
  NAMES,
  COMPOSED,
  OBJECTS,
  ODD,
];
