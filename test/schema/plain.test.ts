/** The check for plain schemas says what the validator says, whenever it says anything. */

import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { Compile } from "typebox/schema";
import { expect, test } from "vitest";
import { readPlain } from "../../runtime/schema/plain.js";
import { verifies } from "../verifies.js";

const leaf = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(0.5, null, true, false, "😀"),
);
const keys = fc.constantFrom("a", "b", "c/d", "__proto__x");

const { schema } = fc.letrec<{ inner: object; schema: object }>((tie) => ({
  inner: fc.oneof({ maxDepth: 2 }, fc.constant({}), fc.constant({ type: "string" }), tie("schema")),
  schema: fc.record(
    {
      type: fc.oneof(
        fc.constantFrom("string", "number", "integer", "boolean", "null", "array", "object"),
        fc.constantFrom(["string", "null"], ["object", "array"]),
      ),
      enum: fc.uniqueArray(leaf, { minLength: 1, maxLength: 3 }),
      const: leaf,
      minimum: fc.integer({ min: -2, max: 2 }),
      exclusiveMaximum: fc.integer({ min: -2, max: 2 }),
      minLength: fc.nat(2),
      maxLength: fc.nat(2),
      minItems: fc.nat(2),
      maxItems: fc.nat(2),
      required: fc.uniqueArray(keys, { maxLength: 2 }),
      properties: fc.dictionary(keys, tie("inner"), { maxKeys: 2 }),
      additionalProperties: fc.oneof(fc.boolean(), tie("inner")),
      items: tie("inner"),
      title: fc.string(),
    },
    { requiredKeys: [] },
  ),
}));
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(keys, tie("value"), { maxKeys: 3 }),
  ),
}));

test(`agrees with two validators${verifies("BASE-101", "BASE-103")}`, () => {
  const ajv = new Ajv2020({ strict: false, validateSchema: false });
  fc.assert(
    fc.property(schema, fc.array(value, { minLength: 1, maxLength: 5 }), (one, values) => {
      const check = readPlain(one);
      if (check === undefined) return;
      const oracle = ajv.compile(one);
      const other = Compile(one);
      for (const given of values) {
        const fits = check(given, "", undefined);
        expect(fits).toBe(oracle(given));
        expect(fits).toBe(other.Check(given));
        const found: never[] = [];
        expect(check(given, "", found)).toBe(fits);
        expect(found.length > 0).toBe(!fits);
      }
    }),
    { numRuns: 150 },
  );
});

test("leaves to the validator whatever it does not know", () => {
  const others: unknown[] = [
    { format: "email" },
    { pattern: "a" },
    { $ref: "#" },
    { anyOf: [] },
    { items: [{}] },
    { enum: [{}] },
    { const: [] },
    { type: "odd" },
    { type: [] },
    { minimum: true },
    { $schema: "http://json-schema.org/draft-04/schema#" },
    { properties: { a: { not: {} } } },
    { additionalProperties: { format: "uri" } },
    { toString: 1 },
    false,
    5,
  ];
  for (const other of others) expect(readPlain(other)).toBeUndefined();
});

test("names every place", () => {
  const found: never[] = [];
  const check = readPlain({
    type: "object",
    properties: { a: { type: "number", minimum: 3 }, list: { items: { type: "string" } } },
    required: ["a", "b/c"],
    additionalProperties: false,
  });
  check?.({ a: 1, list: ["x", 2], extra: { deep: 1 } }, "", found);
  expect(found).toEqual([
    { pointer: "/a", expected: "at least 3", actual: "number 1" },
    { pointer: "/list/1", expected: "string", actual: "number 2" },
    { pointer: "/b~1c", expected: "a value", actual: "missing" },
    { pointer: "/extra", expected: "absent", actual: "object" },
  ]);
});
