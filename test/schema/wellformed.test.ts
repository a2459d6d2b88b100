/** What is taken for a JSON Schema: as much as the schema of schemas says, and references that end inside it. */

import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createJsonCheck } from "../../runtime/schema/json-schema.js";
import { checkWellFormed } from "../../runtime/schema/wellformed.js";
import { verifies } from "../verifies.js";

const KEYWORDS = [
  ..."additionalProperties allOf anyOf const contains dependentRequired dependentSchemas deprecated description enum".split(
    " ",
  ),
  ..."exclusiveMinimum if maxItems minimum minLength multipleOf not oneOf patternProperties prefixItems properties".split(
    " ",
  ),
  ..."propertyNames required then title type unevaluatedProperties uniqueItems $defs definitions x-own".split(" "),
];
const { value } = fc.letrec<{ value: unknown; schema: unknown }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4 },
    fc.boolean(),
    fc.dictionary(fc.constantFrom(...KEYWORDS), tie("value"), { maxKeys: 3 }),
  ),
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom("string", "odd", "", 1, -1, 0, 0.5, null, true, [], ["a", "b"], ["a", "a"], ["string", "null"]),
    tie("schema"),
    fc.array(tie("schema"), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom("a", "b"), tie("value"), { maxKeys: 2 }),
  ),
}));

test(`agrees with the schema of schemas${verifies("BASE-104")}`, () => {
  const ajv = new Ajv2020({ strict: false });
  const verdicts = { good: 0, bad: 0 };
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...KEYWORDS), value, { maxKeys: 4 }), (schema) => {
      const good = ajv.validateSchema(schema) as boolean;
      verdicts[good ? "good" : "bad"]++;
      if (good) checkWellFormed(schema);
      else expect(() => checkWellFormed(schema)).toThrow(/JSON Schema is none: /);
    }),
    { numRuns: 1_000 },
  );
  expect(Math.min(verdicts.good, verdicts.bad)).toBeGreaterThan(50);
});

describe("a fault is named with its place", () => {
  test.each([
    [{ properties: { a: { type: "strin" } } }, "/properties/a/type should be the name of a type"],
    [{ items: [{}, 5] }, "/items/1 should be a schema"],
    [{ pattern: "(" }, "/pattern should be a regular expression"],
    [{ patternProperties: { "[": {} } }, "/patternProperties/[ should be a regular expression"],
    [{ dependencies: { "a/b": ["c", "c"] } }, "/dependencies/a~1b should be a list of different strings"],
    [{ $ref: 5 }, "/$ref should be a string"],
    ["text", "it should be a schema"],
  ])(`%j${verifies("BASE-104")}`, (schema, problem) => {
    expect(() => createJsonCheck(schema as object as { [key: string]: unknown })).toThrow(problem);
  });
});

describe("dialects", () => {
  test.each(["http://json-schema.org/draft-04/schema#", "https://example.com/own"])(
    `that are not understood are an error that says so: %s${verifies("BASE-103", "BASE-105")}`,
    ($schema) => {
      expect(() => createJsonCheck({ $schema, type: "object" })).toThrow(/dialect .*not supported.* 2020-12/s);
    },
  );

  test(`that are understood say how their keywords are read${verifies("BASE-101", "BASE-102", "BASE-103")}`, async () => {
    const fits = async (schema: object, given: unknown): Promise<boolean> =>
      (await createJsonCheck(schema as { [key: string]: unknown })(given)).ok;
    const newer = { prefixItems: [{ type: "number" }], items: false };
    const older = { items: [{ type: "number" }], additionalItems: false };
    for (const $schema of [undefined, "https://json-schema.org/draft/2020-12/schema"]) {
      expect(await fits({ $schema, ...newer }, [1])).toBe(true);
      expect(await fits({ $schema, ...newer }, [1, 2])).toBe(false);
    }
    for (const $schema of ["http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2019-09/schema"]) {
      expect(await fits({ $schema, ...older }, [1])).toBe(true);
      expect(await fits({ $schema, ...older }, [1, 2])).toBe(false);
    }
  });
});

describe("references", () => {
  const deep = { $defs: { "a/b": { properties: { c: {} } } } };

  test.each([
    { $ref: "#" },
    { ...deep, $ref: "#/$defs/a~1b/properties/c" },
    { ...deep, $ref: "#/%24defs/a~1b" },
    { $ref: "#here", $defs: { a: { $anchor: "here" } } },
    { $id: "https://example.com/own", $ref: "https://example.com/own#/$defs/a", $defs: { a: {} } },
    { $id: "https://example.com/own", $ref: "part", $defs: { a: { $id: "https://example.com/part" } } },
    { properties: { $ref: { type: "string" } }, default: { $ref: "https://example.com/" } },
    { properties: { x: { const: { $ref: "https://example.com/" } } } },
  ])("inside are followed: %j", (schema) => {
    expect(() => checkWellFormed(schema)).not.toThrow();
  });

  test.each([
    { $ref: "https://example.com/a.json" },
    { $ref: "//example.com/a.json" },
    { $ref: "a.json" },
    { $dynamicRef: "https://example.com/a#b" },
    { properties: { const: { $ref: "https://example.com/a.json" } } },
    { $defs: { enum: { items: { $ref: "https://example.com/a.json" } } } },
    { $ref: "#/$defs/none" },
    { $ref: "#none" },
    { $ref: "#/%zz" },
  ])(`that leave the schema are refused: %j${verifies("BASE-106", "BASE-108", "BASE-110")}`, (schema) => {
    expect(() => checkWellFormed(schema)).toThrow(/refers to .* does not contain/);
  });

  test(`are bounded in depth, as everything is${verifies("BASE-111", "SEC-42")}`, () => {
    let schema: object = {};
    for (let depth = 0; depth < 100_000; depth++) schema = { not: schema };
    expect(() => checkWellFormed(schema)).toThrow(/nested too deeply/);
    const circle: { properties?: object } = {};
    circle.properties = { circle };
    expect(() => checkWellFormed(circle)).toThrow(/nested too deeply/);
  });
});
