/** Whether every value of one shape is a value of another; decides what a change of type does to senders and receivers. */

import type { ArrayShape, Model, NumberShape, ObjectShape, Scalar, Shape, StringShape } from "../model.js";
import { resolveIn } from "./scope.js";

export interface FitContext {
  /** Where references of the inner shape lead. */
  readonly inner: Model;
  readonly outer: Model;
  /** Whether two names stand for one definition, which then fits by itself. */
  readonly isSame: (inner: string, outer: string) => boolean;
}

/**
 * True where each value of `inner` that a peer would send is a value of `outer`. Members that `inner` does not name are taken
 * as not sent, as everywhere in a diff. Where the answer is not certain it is false, so that no break goes unreported.
 */
export function fits(inner: Shape, outer: Shape, context: FitContext, seen: ReadonlySet<string> = new Set()): boolean {
  if (inner.kind === "ref" && outer.kind === "ref") {
    if (context.isSame(inner.name, outer.name)) return true;
    const pair = `${inner.name} ${outer.name}`;
    if (seen.has(pair)) return true;
    return fitsResolved(inner, outer, context, new Set([...seen, pair]));
  }
  return fitsResolved(inner, outer, context, seen);
}

function fitsResolved(left: Shape, right: Shape, context: FitContext, seen: ReadonlySet<string>): boolean {
  const again = (one: Shape, other: Shape): boolean => fits(one, other, context, seen);
  if (
    left.kind === "ref" &&
    right.kind === "union" &&
    right.members.some((member) => isRefTo(member, left.name, context))
  )
    return true;
  const inner = resolveIn(context.inner, left);
  if (inner.kind === "union") return inner.members.every((member) => again(member, right));
  const outer = resolveIn(context.outer, right);
  if (outer.kind === "any" || inner.kind === "never") return true;
  if (outer.kind === "union") return outer.members.some((member) => again(inner, member));
  if (outer.kind === "all") return outer.members.every((member) => again(inner, member));
  if (inner.kind === "all") return inner.members.some((member) => again(member, outer));
  const values = scalarsOf(inner);
  if (values !== undefined) return values.every((value) => admits(outer, value));
  switch (inner.kind) {
    case "string":
      return outer.kind === "string" && keepsString(inner, outer);
    case "integer":
    case "number":
      return (outer.kind === "number" || outer.kind === inner.kind) && keepsNumber(inner, outer as NumberShape);
    case "array":
      return outer.kind === "array" && keepsLength(inner, outer) && again(inner.items, outer.items);
    case "object":
      return outer.kind === "object" && fitsObject(inner, outer, again);
    default:
      return inner.kind === outer.kind;
  }
}

function isRefTo(member: Shape, name: string, context: FitContext): boolean {
  return member.kind === "ref" && context.isSame(name, member.name);
}

/** The values of a shape that has only so many. */
export function scalarsOf(shape: Shape): readonly Scalar[] | undefined {
  if (shape.kind === "const") return [shape.value];
  return shape.kind === "enum" ? shape.values : undefined;
}

function admits(outer: Shape, value: Scalar): boolean {
  const values = scalarsOf(outer);
  if (values !== undefined) return values.includes(value);
  if (outer.kind === "integer") return Number.isInteger(value) && hasNoLimits(outer);
  if (outer.kind === "null") return value === null;
  return outer.kind === typeof value && hasNoLimits(outer);
}

/** `format` restricts nothing (TRAP-37). */
function hasNoLimits(shape: Shape): boolean {
  return Object.keys(shape).every((key) => key === "kind" || key === "format");
}

function fitsObject(inner: ObjectShape, outer: ObjectShape, again: (one: Shape, other: Shape) => boolean): boolean {
  for (const [key, property] of Object.entries(outer.properties)) {
    const own = inner.properties[key];
    if (property.required && own?.required !== true) return false;
    if (own !== undefined && !again(own.shape, property.shape)) return false;
  }
  const unnamed = Object.entries(inner.properties).filter(([key]) => outer.properties[key] === undefined);
  return unnamed.every(([, property]) => again(property.shape, outer.values)) && again(inner.values, outer.values);
}

function keepsString(inner: StringShape, outer: StringShape): boolean {
  return (
    isAtLeast(inner.minLength, outer.minLength) &&
    isAtMost(inner.maxLength, outer.maxLength) &&
    (outer.pattern === undefined || outer.pattern === inner.pattern)
  );
}

function keepsNumber(inner: NumberShape, outer: NumberShape): boolean {
  return (
    isAtLeast(inner.minimum ?? inner.exclusiveMinimum, outer.minimum) &&
    isAtMost(inner.maximum ?? inner.exclusiveMaximum, outer.maximum) &&
    isAtLeast(inner.exclusiveMinimum, outer.exclusiveMinimum) &&
    isAtMost(inner.exclusiveMaximum, outer.exclusiveMaximum)
  );
}

function keepsLength(inner: ArrayShape, outer: ArrayShape): boolean {
  return isAtLeast(inner.minItems, outer.minItems) && isAtMost(inner.maxItems, outer.maxItems);
}

function isAtLeast(inner: number | undefined, outer: number | undefined): boolean {
  return outer === undefined || (inner !== undefined && inner >= outer);
}

function isAtMost(inner: number | undefined, outer: number | undefined): boolean {
  return outer === undefined || (inner !== undefined && inner <= outer);
}
