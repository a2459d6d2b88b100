/** Values that fit a shape: the smallest, the fullest, and one for each thing that may differ between two values that fit. */

import type { ArrayShape, ObjectShape, Property, Shape } from "../model.js";
import { accepts, type Definitions, shapeOfDefinition } from "./accepts.js";
import { numbersFor, stringsFor } from "./scalars.js";

/** An object as this folder builds them: own members alone count. */
export type Members = Readonly<Record<string, unknown>>;

/** How many variants a shape may have, by how deep it lies; below that, only the smallest. */
const WIDTHS: readonly number[] = [Number.POSITIVE_INFINITY, 32, 14, 6, 3];

/** Depth at which a fullest value stops being full; recursive definitions have no fullest value. */
const FULL_DEPTH = 5;

/** Keys that no schema of the protocol names, as an open object may have them. */
const EXTRA_KEYS: readonly string[] = ["x-extra", "", "constructor", "__proto__", "ключ", "a/b~c", "0"];

/** Ways an open object may be more than its schema says. */
const EXTRA_VALUES: readonly unknown[] = [null, true, -0.5, "extra", [], [null, { deep: [1.5, "x"] }], { deep: {} }];

/**
 * Values that fit the shape, the smallest first; none where nothing fits.
 *
 * @param depth how many objects and arrays lie around the shape.
 */
export function variantsOf(shape: Shape, definitions: Definitions, depth = 0): readonly unknown[] {
  const width = WIDTHS[depth];
  if (width === undefined) return smallestOf(shape, definitions);
  return spread(allVariants(shape, definitions, depth, []), width);
}

/** The first items and an even choice of the rest. */
export function spread<T>(items: readonly T[], limit: number): readonly T[] {
  if (items.length <= limit) return items;
  return Array.from({ length: limit }, (_, index) => items[Math.floor((index * items.length) / limit)] as T);
}

/** `through` names the definitions passed since the last object or array, so that an alias of itself ends. */
function allVariants(
  shape: Shape,
  definitions: Definitions,
  depth: number,
  through: readonly string[],
): readonly unknown[] {
  switch (shape.kind) {
    case "any":
      return EXTRA_VALUES;
    case "never":
      return [];
    case "null":
      return [null];
    case "boolean":
      return [false, true];
    case "string":
      return stringsFor(shape).filter((text) => accepts(shape, text, definitions));
    case "number":
    case "integer":
      return numbersFor(shape).filter((number) => accepts(shape, number, definitions));
    case "const":
      return [shape.value];
    case "enum":
      return shape.values;
    case "array":
      return arrayVariants(shape, definitions, depth);
    case "object":
      return objectVariants(shape, definitions, depth);
    case "ref":
      if (through.includes(shape.name)) return [];
      return allVariants(shapeOfDefinition(shape.name, definitions), definitions, depth, [...through, shape.name]);
    case "union":
      return shape.members.flatMap((member) =>
        spread(allVariants(member, definitions, depth, through), WIDTHS[depth] ?? 1),
      );
    case "all":
      return intersectionVariants(shape.members, definitions, depth);
  }
}

function arrayVariants(shape: ArrayShape, definitions: Definitions, depth: number): readonly unknown[] {
  const items = variantsOf(shape.items, definitions, depth + 1);
  const [first] = items;
  const { minItems = 0, maxItems = 100 } = shape;
  if (items.length === 0) return minItems === 0 ? [[]] : [];
  const lengths = [minItems, 1, 2, maxItems].filter((length) => length >= minItems && length <= maxItems);
  const same = [...new Set(lengths)].map((length) => new Array<unknown>(length).fill(first));
  const singles = items.map((item) => [item, ...new Array<unknown>(Math.max(0, minItems - 1)).fill(first)]);
  const mixed = items.length <= maxItems && items.length >= minItems ? [items] : [];
  return [...same, ...singles, ...mixed].filter((list) => list.length <= maxItems);
}

function objectVariants(shape: ObjectShape, definitions: Definitions, depth: number): readonly unknown[] {
  const [smallest] = smallestOf(shape, definitions) as readonly Members[];
  if (smallest === undefined) return [];
  const fullest = fullestOf(shape, definitions, depth) as Members;
  const variants: unknown[] = [smallest, fullest];
  for (const [key, property] of Object.entries(shape.properties)) {
    const members = variantsOf(property.shape, definitions, depth + 1);
    variants.push(...members.map((member) => withMember(smallest, key, member)));
    if (!property.required) variants.push(withoutMember(fullest, key));
  }
  const extras = shape.values.kind === "any" ? EXTRA_VALUES : variantsOf(shape.values, definitions, depth + 1);
  const keys = EXTRA_KEYS.filter((key) => !Object.hasOwn(shape.properties, key));
  for (const [index, extra] of extras.entries()) {
    variants.push(withMember(smallest, keys[index % keys.length] ?? "x", extra));
  }
  if (extras.length > 0) variants.push(keys.reduce((object, key) => withMember(object, key, extras[0]), fullest));
  return variants;
}

/** What is left of an `allOf` that could not be merged: parts of each member put together, where the result fits. */
function intersectionVariants(members: readonly Shape[], definitions: Definitions, depth: number): readonly unknown[] {
  const shape: Shape = { kind: "all", members };
  const parts = members.map((member) => variantsOf(member, definitions, depth + 1));
  const longest = Math.max(0, ...parts.map((variants) => variants.length));
  const together = Array.from({ length: longest }, (_, index) =>
    Object.assign({}, ...parts.map((variants) => variants[index % Math.max(1, variants.length)])),
  );
  return [...together, ...parts.flat()].filter((value) => accepts(shape, value, definitions));
}

/**
 * The value with the fewest parts, in a list of one; an empty list where the shape admits no finite value.
 *
 * @param within definitions that are being built, which a finite value cannot need again.
 */
export function smallestOf(shape: Shape, definitions: Definitions, within: readonly string[] = []): readonly unknown[] {
  switch (shape.kind) {
    case "array": {
      const { minItems = 0 } = shape;
      if (minItems === 0) return [[]];
      return smallestOf(shape.items, definitions, within).map((item) => new Array<unknown>(minItems).fill(item));
    }
    case "object":
      return smallestObject(shape, definitions, within);
    case "ref":
      if (within.includes(shape.name)) return [];
      return smallestOf(shapeOfDefinition(shape.name, definitions), definitions, [...within, shape.name]);
    case "union":
      return shape.members.flatMap((member) => smallestOf(member, definitions, within)).slice(0, 1);
    case "all": {
      const parts = shape.members.flatMap((member) => smallestOf(member, definitions, within));
      const candidates: unknown[] = [Object.assign({}, ...parts), ...parts];
      return candidates.filter((value) => accepts(shape, value, definitions)).slice(0, 1);
    }
    default:
      return allVariants(shape, definitions, 0, []).slice(0, 1);
  }
}

function smallestObject(shape: ObjectShape, definitions: Definitions, within: readonly string[]): readonly unknown[] {
  const entries: [string, unknown][] = [];
  for (const [key, property] of requiredOf(shape)) {
    const values = smallestOf(property.shape, definitions, within);
    if (values.length === 0) return [];
    entries.push([key, values[0]]);
  }
  return [Object.fromEntries(entries)];
}

/** A value with every member that the shape names, as deep as that goes. The shape must admit a value. */
export function fullestOf(shape: Shape, definitions: Definitions, depth = 0): unknown {
  const [smallest] = smallestOf(shape, definitions);
  if (depth > FULL_DEPTH) return smallest;
  switch (shape.kind) {
    case "array": {
      const { minItems = 0, maxItems = 2 } = shape;
      if (smallestOf(shape.items, definitions).length === 0) return smallest;
      const length = Math.max(minItems, Math.min(2, maxItems));
      return new Array<unknown>(length).fill(fullestOf(shape.items, definitions, depth + 1));
    }
    case "object": {
      const possible = Object.entries(shape.properties).filter(
        ([, property]) => smallestOf(property.shape, definitions).length > 0,
      );
      return Object.fromEntries(
        possible.map(([key, property]) => [key, fullestOf(property.shape, definitions, depth + 1)]),
      );
    }
    case "ref":
      return fullestOf(shapeOfDefinition(shape.name, definitions), definitions, depth + 1);
    case "union": {
      const member = shape.members.find((candidate) => smallestOf(candidate, definitions).length > 0);
      return member === undefined ? smallest : fullestOf(member, definitions, depth + 1);
    }
    default:
      return smallest;
  }
}

export function requiredOf(shape: ObjectShape): readonly [string, Property][] {
  return Object.entries(shape.properties).filter(([, property]) => property.required);
}

/** A copy of the object with one member set, be its key `__proto__`. */
export function withMember(object: Members, key: string, value: unknown): Members {
  return { ...object, [key]: value };
}

export function withoutMember(object: Members, key: string): Members {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}
