/** What a mutation puts in place of a scalar: a near miss, or something that is no JSON at all. */

import type { Random } from "./random.js";

/** Scalars and empty containers that stand in for anything. */
export const SCALARS: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  1,
  -1,
  0.5,
  100,
  2 ** 53,
  1e308,
  "",
  "text",
  "form",
  "url",
  "object",
  "array",
  "string",
  "user",
  "complete",
  "input_required",
  "2.0",
  "\ud83d",
  [],
  {},
];

/** A value near the given scalar: the same in another type, or a step away. Numbers stay finite, so that JSON can say them. */
export function mutateScalar(value: unknown, random: Random): unknown {
  if (typeof value === "number") return random.pick(numbersNear(value));
  if (typeof value === "string") return random.pick(stringsNear(value));
  if (typeof value === "boolean") return random.pick([!value, Number(value), String(value)]);
  return random.pick(SCALARS);
}

function numbersNear(value: number): readonly unknown[] {
  const near = [value + 1, value - 1, -value, value + 0.5, value / 3, value * 1e9, Math.round(value)];
  return [...near.filter(Number.isFinite), `${value}`];
}

function stringsNear(value: string): readonly unknown[] {
  const reversed = [...value].reverse().join("");
  return ["", `${value}x`, value.slice(1), value.toUpperCase(), reversed, `\u{1f600}${value}`, [value], value.length];
}

/** Something that JSON cannot say; containers hold the given value, so that what is right stays around what is wrong. */
export function nonJsonValue(value: unknown, random: Random): unknown {
  const choices: readonly (() => unknown)[] = [
    () => undefined,
    () => Number.NaN,
    () => Number.POSITIVE_INFINITY,
    () => Number.NEGATIVE_INFINITY,
    () => 10n,
    () => Symbol("mutant"),
    () => () => value,
    () => new Date(0),
    () => new Map([["value", value]]),
    () => new String("text"),
    () => new Number(1),
    () => ({ value: undefined }),
    () => ({ ...objectOf(value), extra: undefined }),
    () => Object.assign(Object.create(null), objectOf(value)),
    () => Object.assign([], { 2: value }),
    () => new Array<unknown>(2),
    () => [value, undefined],
  ];
  return random.pick(choices)();
}

function objectOf(value: unknown): object {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : { value };
}
