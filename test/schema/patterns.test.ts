/** Patterns in schemas, of users and of peers: none can hang who checks a value by it, and what can be said about a text is unchanged. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { McpWireError } from "../../runtime/errors.js";
import { type Checked, createJsonCheck, type JsonSchema } from "../../runtime/schema/json-schema.js";
import { verifies } from "../verifies.js";

const judge = async (schema: JsonSchema | boolean, value: unknown, foreign = false): Promise<Checked> =>
  await createJsonCheck(schema, foreign)(value);

const text = (pattern: string): JsonSchema => ({ type: "string", pattern });

/** Far less than any of them takes a reader that goes back, and far more than is needed. */
const LONG = 20_000;

describe.each([false, true])("of a peer: %s, a pattern", (foreign) => {
  test.each([
    "^(a+)+$",
    "^(a|a)*$",
    "(a*)*b",
    "^(a|aa)+$",
    "^(?:a?){30}a{30}$",
    "a*a*a*a*a*a*b",
    "(?=(a+)+$)b",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
  ])(`that would take a reader that goes back for ever does not: %s${verifies("SEC-42")}`, async (pattern) => {
    for (const long of ["a".repeat(50), "a".repeat(100_000)]) {
      const started = performance.now();
      await judge(text(pattern), `${long}!`, foreign);
      await judge(
        { type: "array", items: text(pattern) },
        Array.from({ length: 100 }, () => `${long}!`),
        foreign,
      );
      expect(performance.now() - started).toBeLessThan(LONG);
    }
  });

  test("says of a text what the platform says of it", async () => {
    const atom = fc.constantFrom(
      "a",
      "b",
      ".",
      "[ab]",
      "[^a\\]]",
      "\\w",
      "\\.",
      "\\p{L}",
      "😀",
      "\\u{1F600}",
      "\\ud83d\\ude00",
    );
    const often = fc.constantFrom("", "*", "+", "?", "{2}", "{1,2}", "{0,}?");
    const part = fc.oneof(
      fc.tuple(atom, often).map((both) => both.join("")),
      fc.constantFrom("^", "$", "\\b", "\\B", "(?=a)", "(?!.b)", "(?:a|)*", "(a|b.)+", "(?:[ab]+)?"),
    );
    const pattern = fc.array(part, { maxLength: 5 }).map((parts) => parts.join(""));
    const value = fc
      .array(fc.constantFrom("a", "b", ".", "]", "é", "😀", "\n", " "), { maxLength: 6 })
      .map((parts) => parts.join(""));
    await fc.assert(
      fc.asyncProperty(pattern, value, async (source, given) => {
        // The platform also looks inside of a pair of surrogates for what takes nothing, which the standard does not.
        fc.pre(!/\\[bB]|\(\?[=!]/.test(source) || !given.includes("😀"));
        const { ok } = await judge(text(`(?:${source})`), given, foreign);
        expect(ok).toBe(new RegExp(source, "u").test(given));
      }),
      { numRuns: 1_000 },
    );
  });

  test.each(["(a)\\1", "(?<n>a)\\k<n>", "(?<=a)b", "(?<!a)b", "(a{1,200}){1,200}"])(
    "that has no bounded program is refused: %s",
    async (pattern) => {
      await expect(judge(text(pattern), "a", foreign)).rejects.toThrow(/cannot be checked in bounded time/);
      await expect(judge(text(pattern), "a", foreign)).rejects.toMatchObject({ code: "BAD_SCHEMA" });
    },
  );

  test(`of names is bounded too, or refused${verifies("SEC-42")}`, async () => {
    const names = (pattern: string): JsonSchema => ({ patternProperties: { [pattern]: { type: "number" } } });
    expect((await judge(names("^x-[a-z]+$"), { "x-a": 1, b: "" }, foreign)).ok).toBe(true);
    expect((await judge(names("^x-[a-z]+$"), { "x-a": "" }, foreign)).ok).toBe(false);
    await expect(judge(names("^(a+)+$"), {}, foreign)).rejects.toMatchObject({ code: "BAD_SCHEMA" });
    const long = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`${"a".repeat(10_000)}${index}!`, 1]));
    const started = performance.now();
    expect(await judge(names("^a*a*a*b$"), long, foreign)).toMatchObject({
      ok: false,
      failures: [{ expected: "a value that can be checked in bounded time" }],
    });
    expect(performance.now() - started).toBeLessThan(LONG);
  });

  test("hides nowhere: references reach it wherever it is", async () => {
    const evil = text("^(a+)+$");
    const places: JsonSchema[] = [
      { $ref: "#/x-own/deep", "x-own": { deep: evil } },
      { $ref: "#evil", "x-own": [{ $anchor: "evil", ...evil }] },
      { $ref: "#/$defs/a/properties/pattern", $defs: { a: { properties: { pattern: evil } } } },
    ];
    for (const place of places) {
      const started = performance.now();
      try {
        await judge(place, `${"a".repeat(60)}!`, foreign);
      } catch (error) {
        expect(error).toBeInstanceOf(McpWireError);
      }
      expect(performance.now() - started).toBeLessThan(LONG);
    }
  });
});

test("a member of data that is called pattern stays what it is", async () => {
  const schema = { anyOf: [{ const: { pattern: "(a+)+" } }, { enum: [{ pattern: 1 }] }] };
  expect((await judge(schema, { pattern: "(a+)+" })).ok).toBe(true);
  expect((await judge(schema, { pattern: "a" })).ok).toBe(false);
});

describe("the schema of a peer", () => {
  const bomb = (keyword: "allOf" | "anyOf", size: number): JsonSchema => ({
    $ref: "#/$defs/d0",
    $defs: Object.fromEntries(
      Array.from({ length: size + 1 }, (_, index) => [
        `d${index}`,
        index === size
          ? { type: keyword === "allOf" ? "string" : "number" }
          : { [keyword]: [{ $ref: `#/$defs/d${index + 1}` }, { $ref: `#/$defs/d${index + 1}` }] },
      ]),
    ),
  });

  test.each(["allOf", "anyOf"] as const)(
    `cannot stand for more checks than there is time, by %s${verifies("SEC-42")}`,
    async (keyword) => {
      expect((await judge(bomb(keyword, 3), "a", true)).ok).toBe(keyword === "allOf");
      const started = performance.now();
      expect(await judge(bomb(keyword, 40), "a", true)).toMatchObject({
        ok: false,
        failures: [{ expected: "a value that can be checked in bounded time" }],
      });
      expect(performance.now() - started).toBeLessThan(LONG);
    },
  );

  test("cannot multiply a long value by a long list", async () => {
    const choices = Array.from({ length: 20_000 }, (_, index) => ({ k: index }));
    const value = Array.from({ length: 20_000 }, () => ({ k: -1 }));
    const started = performance.now();
    expect((await judge({ items: { enum: choices } }, value, true)).ok).toBe(false);
    expect(performance.now() - started).toBeLessThan(LONG);
  });

  test("that leads to itself, or is deeper than can be, is no end of the process", async () => {
    expect((await judge({ $ref: "#" }, "a", true)).ok).toBe(false);
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect((await judge({ items: { $ref: "#" }, not: { type: "null" } }, deep, true)).ok).toBe(false);
  });

  test("says of ordinary values what it says as a user's own", async () => {
    const schema = {
      type: "object",
      properties: {
        id: text("^[a-z]+-\\d+$"),
        tags: { type: "array", items: text("^\\w+( \\w+)*$"), uniqueItems: true },
      },
      required: ["id"],
      additionalProperties: false,
    };
    for (const value of [
      { id: "a-1" },
      { id: "a1" },
      { id: "a-1", tags: ["x y", "z"] },
      { id: "a-1", tags: ["x  y"] },
      { id: "a-1", more: 1 },
      1,
    ])
      expect(await judge(schema, value, true)).toEqual(await judge(schema, value));
  });
});
