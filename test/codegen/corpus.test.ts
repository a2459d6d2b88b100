/** The corpus itself: what it must contain to be worth comparing with, and that its labels survive being written as JSON. */

import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { accepts } from "../../codegen/corpus/accepts.js";
import { corpusOf } from "../../codegen/corpus/corpus.js";
import { mutate } from "../../codegen/corpus/mutate.js";
import { createRandom } from "../../codegen/corpus/random.js";
import { samplesOf } from "../../codegen/corpus/samples.js";
import { isJsonObject, type Json } from "../../codegen/json.js";
import type { Model, Shape } from "../../codegen/model.js";
import { modelOf, REVISIONS } from "./project.js";

const model = modelOf("2025-11-25");

/** A model of the given definitions alone. */
function modelWith(shapes: Readonly<Record<string, Shape>>): Model {
  const definitions = Object.entries(shapes).map(([name, shape]) => ({ name, shape, synthesized: false, json: false }));
  return { ...model, definitions: Object.fromEntries(definitions.map((definition) => [definition.name, definition])) };
}

describe.each(REVISIONS)("samples of %s", (revision) => {
  const { definitions } = modelOf(revision);

  test("have every member of an object present and, where it may be, absent", () => {
    for (const { name, shape } of Object.values(definitions)) {
      if (shape.kind !== "object") continue;
      const { valid, invalid } = samplesOf(modelOf(revision), name);
      for (const [key, { required }] of Object.entries(shape.properties)) {
        const present = valid.filter((value) => isJsonObject(value) && Object.hasOwn(value, key));
        expect(present.length, `${name}.${key}`).toBeGreaterThan(0);
        const without = (required ? invalid : valid).filter(
          (value) => isJsonObject(value) && !Object.hasOwn(value, key),
        );
        expect(without.length, `${name} without ${key}`).toBeGreaterThan(0);
      }
    }
  });

  test("have every value of an enum and every branch of a union", () => {
    for (const { name, shape } of Object.values(definitions)) {
      const { valid } = samplesOf(modelOf(revision), name);
      if (shape.kind === "enum") expect(valid).toEqual(expect.arrayContaining([...shape.values]));
      if (shape.kind !== "union") continue;
      for (const member of shape.members)
        expect(
          valid.some((value) => accepts(member, value, definitions)),
          name,
        ).toBe(true);
    }
  });

  test("keep their labels when they are written as JSON and read again", () => {
    let compared = 0;
    for (const { definition, valid, value } of corpusOf(modelOf(revision), { samples: 40, mutations: 20 })) {
      const read = JSON.parse(JSON.stringify(value)) as Json;
      const again = accepts({ kind: "ref", name: definition }, read, definitions);
      if (again !== valid) expect.fail(`${definition}: ${JSON.stringify(value)} is ${valid}, but ${again} once read`);
      compared++;
    }
    expect(compared).toBeGreaterThan(3_000);
  });
});

describe("bounds", () => {
  test("are met and missed by one", () => {
    const bounded = modelWith({
      Length: { kind: "string", minLength: 2, maxLength: 4 },
      Size: { kind: "integer", minimum: 3, exclusiveMaximum: 6 },
      Count: { kind: "array", items: { kind: "null" }, minItems: 1, maxItems: 3 },
    });
    const lengths = (values: readonly unknown[]): Set<number> =>
      new Set(values.flatMap((value) => lengthOf(value) ?? []));
    expect(lengths(samplesOf(bounded, "Length").valid)).toEqual(new Set([2, 3, 4]));
    expect(lengths(samplesOf(bounded, "Length").invalid)).toContain(1);
    expect(lengths(samplesOf(bounded, "Length").invalid)).toContain(5);
    expect(new Set(samplesOf(bounded, "Size").valid)).toEqual(new Set([3, 4, 5]));
    expect(samplesOf(bounded, "Size").invalid).toEqual(expect.arrayContaining([2, 6, 3.25]));
    const counts = (values: readonly unknown[]): Set<unknown> =>
      new Set(values.filter(Array.isArray).map((value) => value.length));
    expect(counts(samplesOf(bounded, "Count").valid)).toEqual(new Set([1, 2, 3]));
    expect(counts(samplesOf(bounded, "Count").invalid)).toContain(4);
    expect(counts(samplesOf(bounded, "Count").invalid)).toContain(0);
  });

  function lengthOf(value: unknown): number | undefined {
    return typeof value === "string" ? [...value].length : undefined;
  }
});

describe("recursive definitions", () => {
  test("have finite samples", () => {
    const tree: Shape = {
      kind: "object",
      properties: { left: { shape: { kind: "ref", name: "Tree" }, required: false } },
      values: { kind: "any" },
    };
    const { valid } = samplesOf(modelWith({ Tree: tree }), "Tree");
    expect(valid).toContainEqual({ left: { left: {} } });
  });

  test("that no finite value fits have none, and do not hang", () => {
    const endless: Shape = {
      kind: "object",
      properties: { next: { shape: { kind: "ref", name: "Endless" }, required: true } },
      values: { kind: "any" },
    };
    const odd = modelWith({ Endless: endless, Self: { kind: "ref", name: "Self" }, Nothing: { kind: "never" } });
    expect(samplesOf(odd, "Endless").valid).toEqual([]);
    expect(samplesOf(odd, "Self").valid).toEqual([]);
    expect(samplesOf(odd, "Nothing").valid).toEqual([]);
    expect(samplesOf(odd, "Nothing").invalid.length).toBeGreaterThan(0);
  });

  test("of another model are refused by name", () => {
    expect(() => samplesOf(model, "NoSuchDefinition")).toThrow(/2025-11-25 has no definition NoSuchDefinition/);
    expect(() => samplesOf(model, "constructor")).toThrow(/no definition constructor/);
  });
});

describe("mutations", () => {
  const value = { list: [1, "two", { three: null }], object: { yes: true, text: "x" } };

  test("leave the value as it was", () => {
    const before = JSON.stringify(value);
    const random = createRandom(7);
    let changed = 0;
    for (let round = 0; round < 2_000; round++) {
      const mutant = mutate(value, random, { donors: [value] });
      if (typeof mutant === "bigint" || typeof mutant === "symbol" || printed(mutant) !== before) changed++;
      expect(JSON.stringify(value)).toBe(before);
    }
    expect(changed).toBeGreaterThan(1_800);
  });

  test("keep to JSON where they are told to, and go beyond it where not", () => {
    const random = createRandom(8);
    const survives = (mutant: unknown): boolean => {
      const text = printed(mutant);
      return text !== undefined && isDeepStrictEqual(JSON.parse(text), withoutNegativeZero(mutant));
    };
    const within = Array.from({ length: 500 }, () => mutate(value, random, { json: true }));
    const beyond = Array.from({ length: 500 }, () => mutate(value, random));
    expect(within.filter((mutant) => !survives(mutant))).toEqual([]);
    expect(beyond.filter((mutant) => !survives(mutant)).length).toBeGreaterThan(25);
  });

  /** JSON has no negative zero, and a strict comparison tells it from zero. */
  function withoutNegativeZero(part: unknown): unknown {
    if (part === 0) return 0;
    if (Array.isArray(part)) return Array.from(part, withoutNegativeZero);
    if (!isJsonObject(part) || Object.getPrototypeOf(part) !== Object.prototype) return part;
    return Object.fromEntries(Object.entries(part).map(([key, member]) => [key, withoutNegativeZero(member)]));
  }

  function printed(mutant: unknown): string | undefined {
    return JSON.stringify(mutant, (_, part: unknown) => (typeof part === "bigint" ? `${part}n` : part));
  }
});
