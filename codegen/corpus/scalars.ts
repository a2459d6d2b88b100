/** The strings and numbers that break validators: every scalar shape is tried with the ones near its bounds and the odd ones. */

import type { NumberShape, StringShape } from "../model.js";

/** One value of each JSON type: what a member must never be taken for. */
export const ONE_OF_EACH_TYPE: readonly unknown[] = [
  null,
  false,
  true,
  0,
  7,
  -2.5,
  "",
  "text",
  [],
  ["text"],
  {},
  { text: "text" },
];

const STRINGS: readonly string[] = [
  "text",
  "",
  " ",
  "0",
  "null",
  "grüße, 世界",
  "\u{1f9ea}\u{1f680}",
  "\ud800",
  "a\udfffb",
  "\u0000\u001f\u2028\ufeff",
  "__proto__",
  "https://example.test/a?b=c#d",
  "file:///{path}",
  "AA==",
  "not base64!",
];

const NUMBERS: readonly number[] = [
  1,
  0,
  -0,
  -1,
  0.5,
  -7.25,
  100,
  1e-7,
  2 ** 31,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
  2 ** 53 + 2,
  1e21,
  Number.MAX_VALUE,
  Number.MIN_VALUE,
];

/** Strings to try on a shape, fitting or not; the first ones fit wherever no bound forbids it. */
export function stringsFor(shape: StringShape): readonly string[] {
  const { minLength, maxLength } = shape;
  const lengths = [minLength, maxLength].flatMap((bound) =>
    bound === undefined ? [] : [bound - 1, bound, bound + 1].filter((length) => length >= 0 && length <= 10_000),
  );
  // The second form has twice as many UTF-16 code units as code points, which is what a length must count.
  const bounded = lengths.flatMap((length) => ["x".repeat(length), "\u{1f9ea}".repeat(length)]);
  return [...STRINGS, ...bounded, "long ".repeat(200)];
}

/** Numbers to try on a shape, fitting or not: each bound, a step and a fraction to both sides of it, and the extremes. */
export function numbersFor(shape: NumberShape): readonly number[] {
  const bounds = [shape.minimum, shape.maximum, shape.exclusiveMinimum, shape.exclusiveMaximum];
  const near = bounds.flatMap((bound) =>
    bound === undefined ? [] : [bound, bound + 1, bound - 1, bound + 0.25, bound - 0.25, bound + 1e-9, bound - 1e-9],
  );
  return [...NUMBERS, ...near];
}

/** Values that a careless comparison takes for a constant. */
export function lookalikesOf(value: string | number | boolean | null): readonly unknown[] {
  const text = String(value);
  return [
    [value],
    { value },
    { [text]: value },
    text,
    `${text} `,
    text.slice(0, -1),
    text.slice(1),
    `${text}${text}`,
    text.toUpperCase(),
    text.replaceAll("/", "\\/"),
    `${text}\u0000`,
    typeof value === "number" ? value + 1 : Number.NaN,
  ].filter((lookalike) => !Number.isNaN(lookalike));
}
