/** Scalars in guards: the tests that leave no trace, the checks that do, and what a failure says was expected. */

import type { NumberShape, Scalar, Shape, StringShape } from "../model.js";
import { type Scope, use } from "./guard-scope.js";
import { literal, member, orList } from "./text.js";

/** A test of a scalar that leaves no trace; undefined where only a check can tell. */
export function testOf(scope: Scope, shape: Shape, value: string): string | undefined {
  switch (shape.kind) {
    case "string":
      return isBare(shape) ? `typeof ${value} === "string"` : undefined;
    case "boolean":
      return `typeof ${value} === "boolean"`;
    case "number":
    case "integer":
      return numberTest(scope, shape, value);
    case "null":
      return `${value} === null`;
    case "const":
      return `${value} === ${literal(shape.value)}`;
    case "enum":
      return shape.values.map((constant) => `${value} === ${literal(constant)}`).join(" || ");
    default:
      return undefined;
  }
}

function numberTest(scope: Scope, shape: NumberShape, value: string): string {
  const bounds = [
    ...(shape.minimum === undefined ? [] : [`${value} >= ${shape.minimum}`]),
    ...(shape.maximum === undefined ? [] : [`${value} <= ${shape.maximum}`]),
    ...(shape.exclusiveMinimum === undefined ? [] : [`${value} > ${shape.exclusiveMinimum}`]),
    ...(shape.exclusiveMaximum === undefined ? [] : [`${value} < ${shape.exclusiveMaximum}`]),
  ];
  const closed = shape.minimum !== undefined && shape.maximum !== undefined;
  if (shape.kind === "number") {
    return [closed ? `typeof ${value} === "number"` : `${use(scope, "finite")}(${value})`, ...bounds].join(" && ");
  }
  if (bounds.length === 0) return `Number.isInteger(${value})`;
  if (isSafeRange(shape)) return `Number.isSafeInteger(${value})`;
  return [`typeof ${value} === "number"`, `Number.isInteger(${value})`, ...bounds].join(" && ");
}

export function scalarCheck(scope: Scope, shape: StringShape | NumberShape, value: string): string {
  const test = testOf(scope, shape, value);
  const bare = isBare(shape);
  if (bare && shape.kind === "string") return `${use(scope, "str")}(${value})`;
  if (bare && shape.kind !== "string") return `${use(scope, shape.kind === "integer" ? "int" : "num")}(${value})`;
  if (test !== undefined) return `(${test} || ${use(scope, "no")}(${expectationOf(shape)}, ${value}))`;
  const { minLength, maxLength, pattern } = shape as StringShape;
  const checks: string[] = [];
  if (minLength !== undefined || maxLength !== undefined) {
    const expected = literal(`string of ${boundsText(minLength, maxLength)} characters`);
    checks.push(`${use(scope, "long")}(${value}, ${minLength ?? 0}, ${maxLength ?? "Infinity"}, ${expected})`);
  }
  if (pattern !== undefined) checks.push(`${use(scope, "match")}(${value}, new RegExp(${literal(pattern)}, "u"))`);
  return checks.length === 1 ? String(checks[0]) : `(${checks.join(" && ")})`;
}

export function enumeration(scope: Scope, values: readonly Scalar[], value: string): string {
  const tests = values.map((constant) => `${value} === ${literal(constant)}`);
  return [...tests, `${use(scope, "no")}(${literal(oneOf(values))}, ${value})`].join(" || ");
}

/** Reports a member of `value` that is no more than a scalar. */
export function badMember(scope: Scope, key: string, expected: string): string {
  if (tokenOf(key) === literal(key)) return `${use(scope, "at")}(${literal(key)}, value, ${expected})`;
  return `(${use(scope, "no")}(${expected}, ${member("value", key)}) || ${use(scope, "at")}(${tokenOf(key)}))`;
}

/** The last part of a check: the comparison stands in the text because a call costs the engine's budget for inlining. */
export function endOf(scope: Scope, inside = false): string {
  const test = `start === count || ${use(scope, "fail")}(start)`;
  return inside ? `(${test})` : test;
}

/** A key as a reference token of a JSON Pointer, as source text. */
export function tokenOf(key: string): string {
  return literal(key.replaceAll("~", "~0").replaceAll("/", "~1"));
}

/** True for a type without further assertions. */
export function isBare(shape: Shape): boolean {
  return Object.keys(shape).every((key) => key === "kind" || key === "format");
}

/** Zod writes its integers with these bounds. */
export function isSafeRange(shape: NumberShape): boolean {
  const bounds = shape.minimum === Number.MIN_SAFE_INTEGER && shape.maximum === Number.MAX_SAFE_INTEGER;
  return bounds && shape.exclusiveMinimum === undefined && shape.exclusiveMaximum === undefined;
}

/** What the guard says that it expected of a scalar, as source text. */
export function expectationOf(shape: Shape): string {
  switch (shape.kind) {
    case "const":
      return literal(oneOf([shape.value]));
    case "enum":
      return literal(oneOf(shape.values));
    case "number":
    case "integer": {
      const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = shape;
      if (isSafeRange(shape)) return literal("safe integer");
      const bounds = minimum === undefined && maximum === undefined ? [] : [boundsText(minimum, maximum)];
      const above = exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`];
      const below = exclusiveMaximum === undefined ? [] : [`below ${exclusiveMaximum}`];
      return literal([shape.kind, ...bounds, ...above, ...below].join(" "));
    }
    default:
      return literal(shape.kind);
  }
}

/** Constants as a failure names them: `"user"`, or `"user" or "assistant"`. */
export function oneOf(values: readonly Scalar[]): string {
  return orList(values.map((value) => JSON.stringify(value)));
}

export function boundsText(least: number | undefined, most: number | undefined): string {
  if (most === undefined) return `at least ${least}`;
  return least === undefined ? `at most ${most}` : `${least} to ${most}`;
}

/** What a union's failure calls one of its scalars. */
export function wordFor(shape: Shape): string {
  if (shape.kind === "const") return literal(shape.value);
  return shape.kind === "enum" ? orList(shape.values.map(literal)) : shape.kind;
}
