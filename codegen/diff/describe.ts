/** Shapes in a few words, as a changelog says them: `string | integer`, `Tool[]`, `{ name, title? }`. */

import type { ObjectShape, Shape } from "../model.js";

/** More members than this are counted instead of listed. */
const LISTED = 8;

/** A shape in words. Constraints are left out, they are changes of their own. */
export function describeShape(shape: Shape): string {
  switch (shape.kind) {
    case "any":
      return "any value";
    case "string":
      return shape.format === undefined ? "string" : `string (${shape.format})`;
    case "const":
      return JSON.stringify(shape.value);
    case "enum":
      return listed(shape.values.map((value) => JSON.stringify(value))).join(" | ");
    case "array":
      return isCompound(shape.items) ? `(${describeShape(shape.items)})[]` : `${describeShape(shape.items)}[]`;
    case "object":
      return describeObject(shape);
    case "ref":
      return shape.name;
    case "union":
      return listed(shape.members.map(describeShape)).join(" | ");
    case "all":
      return shape.members
        .map((member) => (isCompound(member) ? `(${describeShape(member)})` : describeShape(member)))
        .join(" & ");
    default:
      return shape.kind;
  }
}

function describeObject(shape: ObjectShape): string {
  const keys = Object.entries(shape.properties).map(([key, property]) => `${key}${property.required ? "" : "?"}`);
  if (keys.length > 0) return `{ ${listed(keys).join(", ")} }`;
  return shape.values.kind === "any" ? "object" : `map of ${describeShape(shape.values)}`;
}

function isCompound(shape: Shape): boolean {
  return shape.kind === "union" || shape.kind === "all" || (shape.kind === "enum" && shape.values.length > 1);
}

function listed(words: readonly string[]): readonly string[] {
  if (words.length <= LISTED) return words;
  return [...words.slice(0, LISTED - 1), `… ${words.length - LISTED + 1} more`];
}
