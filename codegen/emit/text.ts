/** Small pieces of TypeScript text that several emitters write. */

import type { Scalar } from "../model.js";

/** A value as a TypeScript literal. Strings with double quotes inside stand in single quotes. */
export function literal(value: Scalar): string {
  const json = JSON.stringify(value);
  const plain = typeof value === "string" && json === `"${value.replaceAll('"', '\\"')}"`;
  return plain && json.includes("\\") && !json.includes("'") ? `'${value}'` : json;
}

/** Access to a member: `value.name`, or `value["$schema/x"]` where the name is no identifier. */
export function member(object: string, key: string): string {
  return isIdentifier(key) ? `${object}.${key}` : `${object}[${JSON.stringify(key)}]`;
}

/** A property name as it stands in a type or an object literal. */
export function propertyName(key: string): string {
  return isIdentifier(key) ? key : JSON.stringify(key);
}

export function isIdentifier(key: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(key);
}

/** Text between lines, indented by two spaces a level. */
export function indent(text: string, levels = 1): string {
  const pad = "  ".repeat(levels);
  return text
    .split("\n")
    .map((line) => (line === "" ? line : pad + line))
    .join("\n");
}

/** Names in a sentence: `A`, `A or B`, `A, B or C`. */
export function orList(names: readonly string[]): string {
  const head = names.slice(0, -1);
  const tail = names.at(-1) ?? "";
  return head.length === 0 ? tail : `${head.join(", ")} or ${tail}`;
}
