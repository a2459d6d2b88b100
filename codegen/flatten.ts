/**
 * Flattening: an `allOf` of objects becomes one object where that says exactly the same, inlined copies of named shapes become
 * references, and the definition of "any JSON value" is recognised.
 */

import { equalJson } from "./json.js";
import { childShapes, mapChildren, type ObjectShape, type Property, type Shape } from "./model.js";

type Shapes = Readonly<Record<string, Shape>>;

/** Flattens every `all` inside a shape. What cannot be merged exactly stays an `all`. */
export function flattenShape(shape: Shape, shapes: Shapes): Shape {
  const inner = mapChildren(shape, (child) => flattenShape(child, shapes));
  if (inner.kind !== "all") return inner;
  const objects: ObjectShape[] = [];
  const others: Shape[] = [];
  for (const member of inner.members) {
    const target = flattenShape(resolve(member, shapes), shapes);
    if (target.kind === "object") objects.push(target);
    else others.push(member);
  }
  const merged =
    objects.length === 0
      ? undefined
      : objects.reduce<ObjectShape | undefined>((left, right) => mergeObjects(left, right, shapes), OPEN_OBJECT);
  if (merged === undefined) return inner;
  if (others.length === 0) return merged;
  return { kind: "all", members: [merged, ...others] };
}

const OPEN_OBJECT: ObjectShape = { kind: "object", properties: {}, values: { kind: "any" } };

/** The shape behind a chain of references. */
export function resolve(shape: Shape, shapes: Shapes): Shape {
  let target = shape;
  for (const seen = new Set<string>(); target.kind === "ref"; ) {
    if (seen.has(target.name)) return target;
    seen.add(target.name);
    target = shapes[target.name] ?? { kind: "any" };
  }
  return target;
}

function mergeObjects(left: ObjectShape | undefined, right: ObjectShape, shapes: Shapes): ObjectShape | undefined {
  if (left === undefined) return undefined;
  const bothOpen = left.values.kind === "any" && right.values.kind === "any";
  if (!bothOpen) return undefined;
  const properties: Record<string, Property> = {};
  for (const key of [...new Set([...Object.keys(left.properties), ...Object.keys(right.properties)])].sort()) {
    const merged = mergeProperties(left.properties[key], right.properties[key], shapes);
    if (merged === undefined) return undefined;
    properties[key] = merged;
  }
  return { kind: "object", properties, values: { kind: "any" } };
}

function mergeProperties(
  left: Property | undefined,
  right: Property | undefined,
  shapes: Shapes,
): Property | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  const shape = mergeShapes(left.shape, right.shape, shapes);
  return shape === undefined ? undefined : { shape, required: left.required || right.required };
}

/** The intersection of two shapes, where one of them already is it. */
function mergeShapes(left: Shape, right: Shape, shapes: Shapes): Shape | undefined {
  if (equalJson(left, right)) return left;
  if (narrows(right, left, shapes)) return right;
  return narrows(left, right, shapes) ? left : undefined;
}

function narrows(narrow: Shape, wide: Shape, shapes: Shapes): boolean {
  if (wide.kind === "any") return true;
  if (wide.kind === "object" && wide.values.kind === "any" && Object.keys(wide.properties).length === 0) {
    const target = resolve(narrow, shapes);
    if (target.kind === "all") return target.members.some((member) => narrows(member, wide, shapes));
    return (
      target.kind === "object" ||
      (target.kind === "union" && target.members.every((member) => narrows(member, wide, shapes)))
    );
  }
  if (narrow.kind !== "const") return false;
  const bare = Object.keys(wide).length === 1;
  if (wide.kind === "integer") return bare && Number.isInteger(narrow.value);
  return bare && wide.kind === typeof narrow.value;
}

/**
 * Replaces inlined copies of named objects and unions by references; zod-made schemas inline what they could name.
 * A definition itself is never replaced by a reference to its twin.
 */
export function referToTwins(shapes: Shapes): Record<string, Shape> {
  const names = Object.keys(shapes).filter((name) => isWorthNaming(shapes[name] as Shape));
  const keys = new Map<string, string>();
  for (const name of names.sort().reverse()) keys.set(JSON.stringify(shapes[name]), name);
  const refer = (shape: Shape): Shape => {
    const twin = isWorthNaming(shape) ? keys.get(JSON.stringify(shape)) : undefined;
    return twin === undefined ? mapChildren(shape, refer) : { kind: "ref", name: twin };
  };
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, mapChildren(shape, refer)]));
}

function isWorthNaming(shape: Shape): boolean {
  if (shape.kind === "object") return Object.keys(shape.properties).length > 1;
  return shape.kind === "union" || shape.kind === "all" || shape.kind === "enum";
}

/** True where a definition accepts exactly what JSON can say: the scalars, and arrays and maps of itself (TRAP-34, TRAP-51). */
export function acceptsAnyJson(name: string, shapes: Shapes): boolean {
  const seen = new Set<string>();
  const kinds = new Set<string>();
  const isSelf = (shape: Shape): boolean =>
    shape.kind === "ref" && (shape.name === name || equalJson(resolve(shape, shapes), shapes[name]));
  const visit = (shape: Shape): boolean => {
    if (shape.kind === "ref") {
      if (seen.has(shape.name)) return true;
      seen.add(shape.name);
      return visit(shapes[shape.name] ?? { kind: "never" });
    }
    kinds.add(shape.kind);
    if (shape.kind === "union") return shape.members.every(visit);
    if (shape.kind === "array") return isSelf(shape.items) && Object.keys(shape).length === 2;
    if (shape.kind === "object") return isSelf(shape.values) && Object.keys(shape.properties).length === 0;
    return childShapes(shape).length === 0 && Object.keys(shape).length === 1;
  };
  const root = shapes[name];
  return (
    root?.kind === "union" &&
    visit(root) &&
    ["null", "boolean", "number", "string", "array", "object"].every((kind) => kinds.has(kind))
  );
}
