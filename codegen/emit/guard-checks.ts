/** The body of a guard: objects member by member, lists and maps by loops of their own, references by the guard of the definition. */

import type { ArrayShape, ObjectShape, Property, Shape } from "../model.js";
import {
  badMember,
  boundsText,
  endOf,
  enumeration,
  expectationOf,
  isBare,
  scalarCheck,
  testOf,
  tokenOf,
} from "./guard-scalars.js";
import { freeName, guardName, isRecursive, type Scope, started, use } from "./guard-scope.js";
import { unionBody } from "./guard-unions.js";
import { indent, literal, member } from "./text.js";

/** The statements of a function of `value` that checks a shape. */
export function bodyOf(scope: Scope, shape: Shape): string {
  if (shape.kind === "object" && Object.keys(shape.properties).length > 0) return objectBody(scope, shape);
  if (shape.kind === "union") return unionBody(scope, shape.members);
  if (shape.kind === "all") return allBody(scope, shape.members);
  if (shape.kind === "array" && isBounded(shape) && shape.items.kind !== "any") return boundedArrayBody(scope, shape);
  return `return ${checkOf(scope, shape, "value")};`;
}

function objectBody(scope: Scope, shape: ObjectShape): string {
  const properties = Object.entries(shape.properties).sort(
    ([, left], [, right]) => rankOf(scope, left) - rankOf(scope, right),
  );
  const checks = properties.flatMap(([key, property]) => propertyCheck(scope, key, property));
  if (shape.values.kind !== "any") {
    const known = JSON.stringify(Object.keys(shape.properties));
    const others = `${use(scope, "rest")}(value, ${known}, ${checkFunction(scope, shape.values, "Value")})`;
    checks.push(`(${others} || ${use(scope, "more")}())`);
  }
  return conjunction(scope, [`${use(scope, "obj")}(value)`, ...checks]);
}

/** Constants first: they tell soonest that a value is something else. Then what is cheap, before what is deep. */
function rankOf(scope: Scope, { shape, required }: Property): number {
  if (shape.kind === "const" && required) return 0;
  const deep = testOf(scope, shape, "part") === undefined;
  return (required ? 1 : 3) + (deep ? 1 : 0);
}

function propertyCheck(scope: Scope, key: string, property: Property): string[] {
  const { shape, required } = property;
  if (shape.kind === "any" && !required) return [];
  const value = member("value", key);
  if (shape.kind === "any") return [`(${value} !== undefined || ${badMember(scope, key, '"any value"')})`];
  const absent = required ? "" : `(part = ${value}) === undefined || `;
  const test = testOf(scope, shape, "part");
  if (test === undefined || (shape.kind === "string" && isBare(shape))) {
    const check = checkOf(scope, shape, required ? value : "part", key);
    return [`(${absent}${check} || ${use(scope, "at")}(${tokenOf(key)}))`];
  }
  const uses = test.split(/\bpart\b/).length - 1;
  const own = uses === 1 ? test.replace(/\bpart\b/, value) : test.replace(/\bpart\b/, `(part = ${value})`);
  return [`(${required ? own : absent + test} || ${badMember(scope, key, expectationOf(shape))})`];
}

function conjunction(scope: Scope, checks: readonly string[]): string {
  const part = checks.some((check) => check.includes("(part = ")) ? "let part: unknown;\n" : "";
  return `${part}return (\n${indent([...checks, endOf(scope, true)].join(" &&\n"))}\n);`;
}

function allBody(scope: Scope, members: readonly Shape[]): string {
  const more = `${use(scope, "more")}()`;
  return conjunction(
    scope,
    members.map((shape, index) => `(${checkOf(scope, shape, "value", `Part${index}`)} || ${more})`),
  );
}

/** A boolean expression that checks `value` and leaves a trace where it says false. */
export function checkOf(scope: Scope, shape: Shape, value: string, hint = ""): string {
  switch (shape.kind) {
    case "any":
      return "true";
    case "never":
    case "null":
      return shape.kind === "null"
        ? `(${value} === null || ${use(scope, "no")}("null", ${value}))`
        : `${use(scope, "never")}(${value})`;
    case "boolean":
      return `${use(scope, "bool")}(${value})`;
    case "const":
      return `(${value} === ${literal(shape.value)} || ${use(scope, "no")}(${expectationOf(shape)}, ${value}))`;
    case "ref":
      return referenceCheck(scope, shape.name, value);
    case "array":
      return arrayCheck(scope, shape, value, hint);
    case "object":
      if (Object.keys(shape.properties).length > 0) return `${localFunction(scope, shape, hint)}(${value})`;
      return shape.values.kind === "any"
        ? `${use(scope, "obj")}(${value})`
        : `${loopFunction(scope, "map", shape.values, hint)}(${value})`;
    case "enum":
      if (/^\w+$/.test(value)) return enumeration(scope, shape.values, value);
      return `${localFunction(scope, shape, hint)}(${value})`;
    case "union":
    case "all":
      return `${localFunction(scope, shape, hint)}(${value})`;
    default:
      return scalarCheck(scope, shape, value);
  }
}

function referenceCheck(scope: Scope, name: string, value: string): string {
  const guard = guardName(name);
  return isRecursive(scope, name) ? `${use(scope, "deep")}(${value}, ${guard})` : `${guard}(${value})`;
}

function arrayCheck(scope: Scope, shape: ArrayShape, value: string, hint: string): string {
  const bounded = isBounded(shape);
  if (bounded && shape.items.kind !== "any") return `${localFunction(scope, shape, hint)}(${value})`;
  if (bounded) return sizeCheck(scope, shape, value);
  if (shape.items.kind === "any") return `${use(scope, "list")}(${value})`;
  return `${loopFunction(scope, "array", shape.items, hint)}(${value})`;
}

function isBounded({ minItems, maxItems }: ArrayShape): boolean {
  return minItems !== undefined || maxItems !== undefined;
}

function sizeCheck(scope: Scope, { minItems, maxItems }: ArrayShape, value: string): string {
  const expected = literal(`array of ${boundsText(minItems, maxItems)}`);
  return `${use(scope, "size")}(${value}, ${minItems ?? 0}, ${maxItems ?? "Infinity"}, ${expected})`;
}

/** A list of the wrong length still has its items looked at where failures are collected. */
function boundedArrayBody(scope: Scope, shape: ArrayShape): string {
  const more = `${use(scope, "more")}()`;
  const items = `${loopFunction(scope, "array", shape.items, "")}(value)`;
  return conjunction(scope, [`(${sizeCheck(scope, shape, "value")} || ${more})`, `(${items} || ${more})`]);
}

/**
 * A function that checks every item of an array or every member of a map. Each kind of item has its own: a loop shared by
 * all would call through a variable, which the engine cannot inline.
 */
function loopFunction(scope: Scope, over: "array" | "map", items: Shape, hint: string): string {
  const key = `${over} ${JSON.stringify(items)}`;
  const known = scope.locals.get(key);
  if (known !== undefined) return known;
  const check = checkFunction(scope, items, `${hint}${over === "map" ? "Value" : "Item"}`);
  const name = freeName(scope, `${over === "map" ? "mapOf" : "listOf"} ${check.replace(/^(is|fits)(?=[A-Z])/, "")}`);
  scope.locals.set(key, name);
  const [test, index, each] =
    over === "array"
      ? [use(scope, "list"), "index", "let index = 0; index < value.length; index++"]
      : [use(scope, "obj"), "key", "const key in value"];
  const step = `if (!${check}(value[${index}]) && !${use(scope, "at")}(${over === "map" ? `${use(scope, "token")}(key)` : "index"})) return false;`;
  const lines = [`if (!${test}(value)) return false;`, `for (${each}) {\n  ${step}\n}`, `return ${endOf(scope)};`];
  scope.local.push(`function ${name}(value: unknown): boolean {\n${indent(started(scope, lines.join("\n")))}\n}`);
  return name;
}

/** A function to hand to a loop: a guard, a check of the prelude, or a local function. */
function checkFunction(scope: Scope, shape: Shape, hint: string): string {
  if (shape.kind === "ref" && !isRecursive(scope, shape.name)) return guardName(shape.name);
  const bare = isBare(shape);
  if (bare && shape.kind === "string") return use(scope, "str");
  if (bare && shape.kind === "number") return use(scope, "num");
  if (bare && shape.kind === "integer") return use(scope, "int");
  if (shape.kind === "boolean") return use(scope, "bool");
  if (shape.kind === "never") return use(scope, "never");
  if (shape.kind === "any") return use(scope, "has");
  if (shape.kind === "object" && shape.values.kind === "any" && Object.keys(shape.properties).length === 0)
    return use(scope, "obj");
  return localFunction(scope, shape, hint);
}

/** A function for a shape without a name. Equal shapes share one. */
function localFunction(scope: Scope, shape: Shape, hint: string): string {
  const key = JSON.stringify(shape);
  const known = scope.locals.get(key);
  if (known !== undefined) return known;
  const name = freeName(scope, `fits ${scope.owner} ${hint}`);
  scope.locals.set(key, name);
  const body = shape.kind === "enum" ? `return ${enumeration(scope, shape.values, "value")};` : bodyOf(scope, shape);
  scope.local.push(`function ${name}(value: unknown): boolean {\n${indent(started(scope, body))}\n}`);
  return name;
}
