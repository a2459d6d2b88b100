import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { copyJson } from "../../runtime/transport/json-copy.js";

const viaText = (value: unknown): unknown => {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? undefined : JSON.parse(text);
};

describe("copyJson", () => {
  it("gives what writing and reading give", () => {
    fc.assert(
      fc.property(
        fc.object({
          withDate: true,
          withNullPrototype: true,
          withMap: true,
          withSparseArray: true,
          withBoxedValues: true,
        }),
        (value) => {
          expect(copyJson(value)).toEqual(viaText(value));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it.each([
    [{ a: undefined, b: () => 1, c: Symbol("s"), d: [undefined, () => 1] }],
    [{ n: [-0, Number.NaN, Number.POSITIVE_INFINITY, -0, 1.5] }],
    [{ when: new Date(0), url: new URL("http://example.com/") }],
    [JSON.parse('{"__proto__":{"polluted":true},"constructor":1}')],
    [new Map([[1, 2]])],
    ["text"],
    [null],
  ])("treats %j as JSON does", (value) => {
    const copy = copyJson(value);
    expect(JSON.stringify(copy)).toBe(JSON.stringify(viaText(value)));
    expect((copy as { polluted?: boolean } | null)?.polluted).toBeUndefined();
  });

  it("shares nothing", () => {
    const value = { list: [{ a: 1 }] };
    const copy = copyJson(value) as typeof value;
    expect(copy).not.toBe(value);
    expect(copy.list).not.toBe(value.list);
    expect(copy.list[0]).not.toBe(value.list[0]);
  });

  it("refuses bigints and cycles", () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(() => copyJson({ a: 1n })).toThrow(TypeError);
    expect(() => copyJson(cycle)).toThrow(RangeError);
  });
});
