/** The annotations by which tools have parameters mirrored in headers. */

import { describe, expect, test } from "vitest";
import { paramHeaderText, readParamHeaders, valueAt } from "../../runtime/protocol/param-headers.js";
import { verifies } from "../verifies.js";

const mark = (name: unknown, type: unknown = "string"): object => ({ type, "x-mcp-header": name });
const object = (properties: object, more: object = {}): object => ({ type: "object", properties, ...more });

describe("annotations", () => {
  test(`are found at any depth of properties${verifies("HTTP-128", "HTTP-134", "HTTP-132")}`, () => {
    const schema = object({
      region: mark("Region"),
      plain: { type: "number" },
      deep: object({ "a/b": object({ count: mark("Count", "integer") }) }),
      dry: mark("X_1.~", "boolean"),
    });
    const read = readParamHeaders(schema);
    expect(read.ok && [...read.headers].sort((a, b) => a.header.localeCompare(b.header))).toEqual([
      { header: "Mcp-Param-Count", path: ["deep", "a/b", "count"], type: "integer" },
      { header: "Mcp-Param-Region", path: ["region"], type: "string" },
      { header: "Mcp-Param-X_1.~", path: ["dry"], type: "boolean" },
    ]);
  });

  test.each([
    ["no name", object({ a: mark("") })],
    ["a number", object({ a: mark(5) })],
    ["null", object({ a: mark(null) })],
    ["a blank", object({ a: mark("My Region") })],
    ["a colon", object({ a: mark("Region:Primary") })],
    ["a line end", object({ a: mark("Region\r\nX: 1") })],
    ["a letter beyond ASCII", object({ a: mark("R\u00e9gion") })],
  ])(`with %s for a name spoil the tool${verifies("HTTP-130", "HTTP-135")}`, (_what, schema) => {
    expect(readParamHeaders(schema)).toMatchObject({ ok: false, pointer: "/properties/a/x-mcp-header" });
  });

  test.each([["object"], ["array"], ["null"], ["number"], [["string"]], [["string", "null"]], [undefined]])(
    `on a parameter of the type %j spoil the tool${verifies("HTTP-132")}`,
    (type) => {
      const schema = object({ a: { ...mark("A"), type } });
      expect(readParamHeaders(schema)).toMatchObject({ ok: false, reason: expect.stringContaining("type") });
    },
  );

  test(`that name one header twice spoil the tool, whatever the case${verifies("HTTP-131", "HTTP-108")}`, () => {
    for (const other of ["Region", "REGION"])
      expect(readParamHeaders(object({ a: mark("Region"), b: object({ c: mark(other) }) }))).toMatchObject({
        ok: false,
        reason: expect.stringContaining("twice"),
      });
  });

  test.each<[string, object]>([
    ["", { ...object({}), ...mark("A", "object") }],
    ["/properties/l/items", object({ l: { type: "array", items: mark("A") } })],
    ["/properties/l/items/0", object({ l: { items: [mark("A")] } })],
    ["/properties/l/prefixItems/0", object({ l: { prefixItems: [mark("A")] } })],
    ["/anyOf/0/properties/a", { anyOf: [object({ a: mark("A") })] }],
    ["/oneOf/0/properties/a", { oneOf: [object({ a: mark("A") })] }],
    ["/allOf/0/properties/a", { allOf: [object({ a: mark("A") })] }],
    ["/properties/a/not", object({ a: { not: mark("A") } })],
    ["/then/properties/a", { if: true, ["then" as string]: object({ a: mark("A") }) }],
    ["/else/properties/a", { else: object({ a: mark("A") }) }],
    ["/$defs/D", object({ a: { $ref: "#/$defs/D" } }, { $defs: { D: mark("A") } })],
    ["/definitions/D", { definitions: { D: mark("A") } }],
    ["/additionalProperties", { additionalProperties: mark("A") }],
    ["/patternProperties/x~1~0", { patternProperties: { "x/~": mark("A") } }],
    ["/components/D", object({ a: { $ref: "#/components/D" } }, { components: { D: mark("A") } })],
  ])(
    `at %j, which properties alone do not lead to, spoil the tool${verifies("HTTP-134", "HTTP-137")}`,
    (pointer, schema) => {
      expect(readParamHeaders(schema)).toMatchObject({ ok: false, pointer: `${pointer}/x-mcp-header` });
    },
  );

  test(`are not seen in names of properties and in data${verifies("HTTP-137")}`, () => {
    const schema = object(
      { "x-mcp-header": { type: "string" }, a: { type: "string", default: { "x-mcp-header": 5 }, enum: [mark("")] } },
      { examples: [{ "x-mcp-header": 5 }], const: mark("") },
    );
    expect(readParamHeaders(schema)).toEqual({ ok: true, headers: [] });
  });

  test("are looked for in any schema without end and without trust", () => {
    const loop: Record<string, unknown> = { $ref: "#/properties/a", ...object({ a: mark("A"), b: { $ref: "#" } }) };
    loop.not = loop;
    expect(readParamHeaders(loop)).toMatchObject({ ok: true, headers: [{ header: "Mcp-Param-A" }] });
    for (const odd of [undefined, null, true, 5, "x", [], { properties: 5, items: "x", $ref: "#/%ZZ/1" }])
      expect(readParamHeaders(odd)).toEqual({ ok: true, headers: [] });
    let deep: object = {};
    for (let level = 0; level < 50_000; level++) deep = { not: deep };
    expect(readParamHeaders(deep)).toEqual({ ok: true, headers: [] });
    const wide = object(Object.fromEntries(Array.from({ length: 100_001 }, (_, index) => [index, {}])));
    expect(readParamHeaders(wide)).toMatchObject({ ok: false, reason: expect.stringContaining("100000") });
    const inherited = JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string","x-mcp-header":"P"}}}');
    expect(readParamHeaders(inherited)).toMatchObject({ ok: true, headers: [{ path: ["__proto__"] }] });
  });
});

test.each([
  ["us-west1", "us-west1"],
  ["", ""],
  [42, "42"],
  [-7, "-7"],
  [-0, "0"],
  [true, "true"],
  [false, "false"],
  [Number.MAX_SAFE_INTEGER, "9007199254740991"],
  [2 ** 53, undefined],
  [1.5, undefined],
  [Number.NaN, undefined],
  [{}, undefined],
  [null, undefined],
])(`the value %j is the text %j${verifies("HTTP-146", "HTTP-133")}`, (value, text) => {
  expect(paramHeaderText(value)).toBe(text);
});

test(`a value is found at its exact path alone${verifies("HTTP-138", "HTTP-139")}`, () => {
  const args = { a: { b: 0, none: null }, "a.b": 1, list: ["x"] };
  expect(valueAt(args, ["a", "b"])).toBe(0);
  expect(valueAt(args, ["a.b"])).toBe(1);
  for (const path of [["a", "none"], ["b"], ["a", "b", "c"], ["constructor"], ["a", "toString"], ["list", "0"]])
    expect(valueAt(args, path)).toBeUndefined();
  expect(valueAt(undefined, ["a"])).toBeUndefined();
});
