/** Values that do not fit a shape, each wrong in one place where that is possible: the wrong member, item, type or bound. */

import type { ArrayShape, ObjectShape, Shape } from "../model.js";
import { accepts, type Definitions, shapeOfDefinition } from "./accepts.js";
import { lookalikesOf, numbersFor, ONE_OF_EACH_TYPE, stringsFor } from "./scalars.js";
import {
  fullestOf,
  type Members,
  requiredOf,
  smallestOf,
  spread,
  variantsOf,
  withMember,
  withoutMember,
} from "./valid.js";

/** How many violations a shape may have, by how deep it lies. */
const WIDTHS: readonly number[] = [Number.POSITIVE_INFINITY, 30, 16, 10, 6, 2];

/** How many wrong types are tried, by the same: further down, they must leave room for what is wrong further in. */
const TYPE_WIDTHS: readonly number[] = [ONE_OF_EACH_TYPE.length, ONE_OF_EACH_TYPE.length, 5];

/**
 * Values that do not fit the shape; none where everything fits.
 *
 * @param depth how many objects and arrays lie around the shape.
 */
export function violationsOf(shape: Shape, definitions: Definitions, depth = 0): readonly unknown[] {
  const width = WIDTHS[depth] ?? 0;
  if (width === 0) return [];
  const candidates = candidatesFor(shape, definitions, depth, []);
  return spread(
    candidates.filter((value) => !accepts(shape, value, definitions)),
    width,
  );
}

function candidatesFor(
  shape: Shape,
  definitions: Definitions,
  depth: number,
  through: readonly string[],
): readonly unknown[] {
  const types = spread(ONE_OF_EACH_TYPE, TYPE_WIDTHS[depth] ?? 3);
  switch (shape.kind) {
    case "any":
      return [];
    case "string":
      return [...types, ["text"], ...stringsFor(shape)];
    case "number":
    case "integer":
      return [...types, "1", "0x10", [1], ...numbersFor(shape)];
    case "const":
      return [...types, ...lookalikesOf(shape.value)];
    case "enum":
      return [...types, shape.values, ...shape.values.flatMap(lookalikesOf)];
    case "array":
      return [...types, ...arrayCandidates(shape, definitions, depth)];
    case "object":
      return [...types, ...objectCandidates(shape, definitions, depth)];
    case "ref":
      if (through.includes(shape.name)) return [];
      return candidatesFor(shapeOfDefinition(shape.name, definitions), definitions, depth, [...through, shape.name]);
    case "union":
    case "all":
      return [...types, ...shape.members.flatMap((member) => candidatesFor(member, definitions, depth, through))];
    default:
      return types;
  }
}

function arrayCandidates(shape: ArrayShape, definitions: Definitions, depth: number): readonly unknown[] {
  const [good] = smallestOf(shape.items, definitions);
  const bad = violationsOf(shape.items, definitions, depth + 1);
  const { minItems = 0, maxItems } = shape;
  const filler = new Array<unknown>(Math.max(0, minItems - 1)).fill(good);
  return [
    { length: 0 },
    { 0: good, length: 1 },
    good,
    ...(minItems > 0 ? [new Array<unknown>(minItems - 1).fill(good)] : []),
    ...(maxItems === undefined ? [] : [new Array<unknown>(maxItems + 1).fill(good)]),
    ...bad.map((item) => [item, ...filler]),
    ...bad.slice(0, 3).flatMap((item) => [
      [...filler, good, item],
      [good, item, item, good],
    ]),
  ];
}

function objectCandidates(shape: ObjectShape, definitions: Definitions, depth: number): readonly unknown[] {
  const [smallest] = smallestOf(shape, definitions) as readonly Members[];
  if (smallest === undefined) return [];
  const fullest = fullestOf(shape, definitions, depth) as Members;
  const candidates: unknown[] = [[smallest], [fullest], Object.keys(fullest), Object.entries(smallest)];
  for (const [key] of requiredOf(shape)) {
    const without = withoutMember(smallest, key);
    candidates.push(
      without,
      withoutMember(fullest, key),
      withMember(without, key.toUpperCase(), smallest[key]),
      withMember(without, ` ${key}`, smallest[key]),
    );
  }
  const faults: [string, unknown][] = [];
  for (const [key, property] of Object.entries(shape.properties)) {
    const bad = violationsOf(property.shape, definitions, depth + 1);
    candidates.push(...bad.map((value) => withMember(smallest, key, value)));
    candidates.push(...bad.slice(0, 1).map((value) => withMember(fullest, key, value)));
    faults.push(...bad.slice(-1).map((value): [string, unknown] => [key, value]));
  }
  candidates.push(...extraCandidates(shape, smallest, definitions, depth));
  // Everything wrong at once: whoever lists failures must list them all.
  return faults.length > 1 ? [...candidates, { ...fullest, ...Object.fromEntries(faults) }] : candidates;
}

/** Members beyond the named ones, where those have a shape to break. */
function extraCandidates(
  shape: ObjectShape,
  smallest: Members,
  definitions: Definitions,
  depth: number,
): readonly unknown[] {
  const [good] = variantsOf(shape.values, definitions, depth + 1);
  const bad = violationsOf(shape.values, definitions, depth + 1);
  return bad.flatMap((value, index) => [
    withMember(smallest, `extra${index}`, value),
    ...(index === 0 ? [withMember(withMember(smallest, "good", good), "__proto__", value)] : []),
  ]);
}
