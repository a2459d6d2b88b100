/**
 * Copies a value as writing it to JSON and reading it back would (ECMA-262, `JSON.stringify`), at a fraction of the cost:
 * strings are shared, since nothing can change them.
 */

/**
 * Members that JSON drops are dropped, `toJSON` is asked, what is no finite number becomes `null`.
 * @throws TypeError for a bigint, RangeError for a cycle or a depth that the stack cannot hold.
 */
export function copyJson(value: unknown): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      // The sum is 0 for -0, which JSON writes without its sign.
      return Number.isFinite(value) ? value + 0 : null;
    case "object":
      return value === null ? null : copyObject(value);
    case "bigint":
      throw new TypeError("JSON cannot hold a bigint");
    default:
      return undefined;
  }
}

function copyObject(value: object): unknown {
  if (Array.isArray(value)) return copyArray(value);
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === "function") return copyJson(toJSON.call(value, ""));
  if (Object.getPrototypeOf(value) !== Object.prototype && isBoxed(value)) return copyJson(value.valueOf());
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const member = copyJson((value as Record<string, unknown>)[key]);
    if (member === undefined) continue;
    // Plain assignment would set the prototype.
    if (key === "__proto__")
      Object.defineProperty(copy, key, { value: member, enumerable: true, configurable: true, writable: true });
    else copy[key] = member;
  }
  return copy;
}

function isBoxed(value: object): boolean {
  return value instanceof Number || value instanceof String || value instanceof Boolean;
}

function copyArray(values: readonly unknown[]): unknown[] {
  // As wide as it has to be: one that grows from nothing is made sixteen places wide, and most of them hold one item.
  const copy = new Array<unknown>(values.length);
  for (let at = 0; at < copy.length; at++) {
    const item = copyJson(values[at]);
    copy[at] = item === undefined ? null : item;
  }
  return copy;
}
