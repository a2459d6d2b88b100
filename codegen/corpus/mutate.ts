/**
 * Mutations: a value changed at random places, to find what no list of samples thought of. Where the change lands and what it
 * is depends on the given source of numbers alone.
 */

import { mutateScalar, nonJsonValue, SCALARS } from "./mutate-scalar.js";
import type { Random } from "./random.js";

export interface MutateOptions {
  /** Values to take parts from: samples of other definitions. */
  readonly donors?: readonly unknown[];
  /** Keep to what JSON can say. Otherwise `undefined`, NaN, bigint, holes and their like turn up too. */
  readonly json?: boolean;
}

type Change = (value: unknown, random: Random, options: MutateOptions) => unknown;

/** A changed copy of a JSON value; the value itself and its parts stay as they are. */
export function mutate(value: unknown, random: Random, options: MutateOptions = {}): unknown {
  let mutant = value;
  for (let changes = 1 + random.below(3); changes > 0; changes--) mutant = changeSomewhere(mutant, random, options);
  return mutant;
}

/** Walks down by chance and changes the part it ends at. */
function changeSomewhere(value: unknown, random: Random, options: MutateOptions): unknown {
  if (random.below(4) > 0) {
    if (Array.isArray(value) && value.length > 0) {
      const chosen = random.below(value.length);
      return withItem(value, chosen, changeSomewhere(value[chosen], random, options));
    }
    if (isPlainObject(value)) {
      const keys = Object.keys(value);
      const key = keys.length === 0 ? undefined : random.pick(keys);
      if (key !== undefined) return { ...value, [key]: changeSomewhere(value[key], random, options) };
    }
  }
  return random.pick(changesFor(value, options))(value, random, options);
}

function changesFor(value: unknown, options: MutateOptions): readonly Change[] {
  const own = Array.isArray(value) ? ARRAY_CHANGES : isPlainObject(value) ? OBJECT_CHANGES : [mutateScalar];
  return options.json === true ? [...own, ...ANY_CHANGES] : [...own, ...ANY_CHANGES, nonJsonValue];
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function withItem(list: readonly unknown[], index: number, item: unknown): unknown[] {
  return list.map((old, position) => (position === index ? item : old));
}

const ANY_CHANGES: readonly Change[] = [
  (_, random) => random.pick(SCALARS),
  (value, random) => random.pick([[value], { value }, { [random.pick(KEYS)]: value }, [value, value]]),
  (value, random, { donors = [] }) => (donors.length === 0 ? value : partOf(random.pick(donors), random)),
  (value, random) => partOf(value, random),
];

/** A part of a value at a random depth, or all of it. */
function partOf(value: unknown, random: Random): unknown {
  let part = value;
  while (random.below(3) > 0) {
    const inner = typeof part === "object" && part !== null ? Object.values(part) : [];
    if (inner.length === 0) return part;
    part = random.pick(inner);
  }
  return part;
}

/** Keys that appear in the protocol, and some that never do. */
const KEYS: readonly string[] = [
  "_meta",
  "type",
  "method",
  "params",
  "result",
  "error",
  "id",
  "jsonrpc",
  "content",
  "mode",
  "text",
  "blob",
  "enum",
  "items",
  "required",
  "properties",
  "resultType",
  "__proto__",
  "constructor",
  "toString",
  "length",
  "",
  "\ud800",
];

const OBJECT_CHANGES: readonly Change[] = [
  // Remove a member, twice as likely as the rest: a missing member is the commonest fault of all.
  (value, random) => withoutSome(value, random),
  (value, random) => withoutSome(value, random),
  // Rename one.
  (value, random) => {
    const entries = Object.entries(value as object);
    const chosen = random.below(entries.length);
    return Object.fromEntries(entries.map(([key, member], at) => [at === chosen ? renamed(key, random) : key, member]));
  },
  // Give one the value of another.
  (value, random) => {
    const entries = Object.entries(value as object);
    if (entries.length < 2) return {};
    return { ...(value as object), [random.pick(entries)[0]]: random.pick(entries)[1] };
  },
  // Add one.
  (value, random, options) => ({
    ...(value as object),
    [random.pick(KEYS)]:
      random.below(2) === 0 ? random.pick(SCALARS) : partOf(random.pick(options.donors ?? [value]), random),
  }),
  // Turn it into an array.
  (value, random) => (random.below(2) === 0 ? Object.values(value as object) : Object.entries(value as object)),
];

function withoutSome(value: unknown, random: Random): unknown {
  const entries = Object.entries(value as object);
  const chosen = random.below(entries.length);
  return Object.fromEntries(entries.filter((_, at) => at !== chosen));
}

function renamed(key: string, random: Random): string {
  return random.pick([random.pick(KEYS), key.toUpperCase(), `${key} `, key.slice(1), `${key}s`]);
}

const ARRAY_CHANGES: readonly Change[] = [
  (value, random) => (value as unknown[]).toSpliced(random.below((value as unknown[]).length), 1),
  (value, random) => {
    const list = value as unknown[];
    return list.toSpliced(random.below(list.length + 1), 0, list.length === 0 ? null : random.pick(list));
  },
  (value, random) =>
    (value as unknown[]).toSpliced(random.below((value as unknown[]).length + 1), 0, random.pick(SCALARS)),
  (value) => ({ ...(value as unknown[]) }),
  (value) => [...(value as unknown[])].reverse(),
  (value, random) =>
    Array.from({ length: 101 }, () => (value as unknown[])[random.below((value as unknown[]).length)] ?? 0),
];
