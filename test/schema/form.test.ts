/** Answers to forms: held against a validator of JSON Schema, and what forms have beyond it. */

import { Ajv2020 } from "ajv/dist/2020.js";
import * as formats from "ajv-formats";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FormSchema, formFailures, withDefaults } from "../../runtime/schema/form.js";
import { verifies } from "../verifies.js";

const form = (properties: FormSchema["properties"], required: readonly string[] = []): FormSchema => ({
  type: "object",
  properties,
  required,
});
const why = (field: FormSchema["properties"][string], value: unknown): string | undefined =>
  formFailures(form({ field }), { field: value })[0]?.expected;

const titled = [
  { const: "r", title: "Red" },
  { const: "g", title: "Green" },
];
const FIELDS: FormSchema["properties"] = {
  text: { type: "string", minLength: 1, maxLength: 3 },
  date: { type: "string", format: "date" },
  whole: { type: "integer", minimum: -1, maximum: 3 },
  number: { type: "number", minimum: 0.5 },
  flag: { type: "boolean" },
  one: { type: "string", enum: ["a", "b"] },
  titledOne: { type: "string", oneOf: titled },
  legacy: { type: "string", enum: ["a"], enumNames: ["A"] },
  several: { type: "array", items: { type: "string", enum: ["a", "b"] }, minItems: 1, maxItems: 2 },
  titledSeveral: { type: "array", items: { anyOf: titled } },
};

test(`agrees with a validator on every kind of field${verifies("ELIC-20", "ELIC-21", "ELIC-23", "ELIC-24", "ELIC-25", "ELIC-26", "ELIC-27", "ELIC-28", "ELIC-29", "ELIC-30", "ELIC-33")}`, () => {
  const ajv = new Ajv2020({ strict: false });
  formats.default.default(ajv);
  const whole = form(FIELDS, ["text", "flag"]);
  const oracle = ajv.compile(whole as object);
  const value = fc.oneof(
    fc.constantFrom<unknown>(
      "a",
      "b",
      "c",
      "r",
      "",
      "abcd",
      "😀😀😀",
      "2024-02-29",
      "2023-02-29",
      true,
      null,
      0,
      2,
      2.5,
      -2,
      1e9,
    ),
    fc.array(fc.constantFrom<unknown>("a", "b", "g", 1), { maxLength: 3 }),
  );
  const content = fc.record(Object.fromEntries(Object.keys(FIELDS).map((name) => [name, value])), { requiredKeys: [] });
  fc.assert(
    fc.property(content, (given) => {
      expect(formFailures(whole, given).length === 0, JSON.stringify(given)).toBe(oracle(given));
    }),
    { numRuns: 3_000 },
  );
  // Every kind fits too, not only fails.
  const good = {
    text: "ab",
    date: "2024-02-29",
    whole: 3,
    number: 0.5,
    flag: false,
    one: "b",
    titledOne: "g",
    legacy: "a",
    several: ["b", "a"],
    titledSeveral: [],
  };
  expect(oracle(good)).toBe(true);
  expect(formFailures(whole, good)).toEqual([]);
});

describe("formats", () => {
  test.each([
    ["email", ["a@b", "ada.l@example.com"], ["a", "a@", "a b@c", "a@b@c"]],
    ["uri", ["https://example.com/x?y", "urn:isbn:1"], ["example.com", "/path", "http://a b", ""]],
    ["date", ["2024-02-29", "1999-12-31"], ["2023-02-29", "2024-1-1", "2024-13-01", "today"]],
    [
      "date-time",
      ["2024-02-29T23:59:60Z", "2024-01-01t00:00:00.5+02:00"],
      ["2024-01-01", "2024-01-01T24:00:00Z", "2024-01-01T00:00:00", "2023-02-29T00:00:00Z"],
    ],
  ] as const)("%s", (format, good, bad) => {
    for (const text of good) expect(why({ type: "string", format }, text), text).toBeUndefined();
    for (const text of bad) expect(why({ type: "string", format }, text), text).toContain(format);
  });

  test("that are not known are not judged, and patterns of others are never run", () => {
    const field = { type: "string", format: "hostname", pattern: "^(a+)+$" } as never;
    expect(why(field, `${"a".repeat(60)}!`)).toBeUndefined();
  });
});

test("the place of a failure is named, the value is not", () => {
  const failures = formFailures(form({ "a/b": { type: "integer" }, c: { type: "boolean" } }, ["c"]), {
    "a/b": "secret",
  });
  expect(failures).toEqual([
    { pointer: "/c", expected: "a value", actual: "missing" },
    { pointer: "/a~1b", expected: "a whole number", actual: "string" },
  ]);
});

describe("defaults", () => {
  const defaults = form({
    name: { type: "string", default: "Ada" },
    age: { type: "integer", default: 36 },
    score: { type: "number", default: 9.5 },
    color: { type: "string", oneOf: titled, default: "g" },
    sure: { type: "boolean", default: false },
    several: { type: "array", items: { anyOf: titled }, default: ["r"] },
    none: { type: "string" },
  });

  test(`stand for what was left as it was, of every kind${verifies("ELIC-31", "ELIC-32")}`, () => {
    expect(withDefaults(defaults, {})).toEqual({
      name: "Ada",
      age: 36,
      score: 9.5,
      color: "g",
      sure: false,
      several: ["r"],
    });
    expect(withDefaults(defaults, { name: "Eve", sure: true, more: 1 })).toMatchObject({
      name: "Eve",
      sure: true,
      more: 1,
    });
  });

  test("leave alone what was emptied on purpose, and are copies", () => {
    const filled = withDefaults(defaults, { name: undefined });
    expect("name" in filled).toBe(false);
    (filled.several as string[]).push("changed");
    expect(withDefaults(defaults, {}).several).toEqual(["r"]);
  });

  test("that do not fit their field are none", () => {
    expect(withDefaults(form({ age: { type: "integer", default: "old" } as never }), {})).toEqual({});
  });
});
