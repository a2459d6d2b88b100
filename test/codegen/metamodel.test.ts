/** `metamodel.schema.json` describes every metamodel that is generated, and refuses what is none. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { emitMetamodel } from "../../codegen/emit/metamodel.js";
import type { Json, JsonObject } from "../../codegen/json.js";
import { replaceAt, valueAt } from "../../codegen/json.js";
import { CASES, modelOf } from "./golden-cases.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const REVISIONS = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"];

function read(file: string): JsonObject {
  return JSON.parse(readFileSync(join(root, file), "utf8")) as JsonObject;
}

const schema = read("generated/metamodel.schema.json");
const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, formats: { regex: true } });
const fits = ajv.compile(schema);

/** Names that a metamodel uses and names that it defines. */
function namesOf(value: Json, key = ""): string[] {
  if (typeof value === "string") return ["definition", "params", "result"].includes(key) ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => namesOf(item));
  const own = value.kind === "ref" ? [String(value.name)] : [];
  return [...own, ...Object.entries(value).flatMap(([name, item]) => namesOf(item, name))];
}

describe.each(REVISIONS)("the metamodel of %s", (revision) => {
  const metamodel = read(`generated/${revision}/metamodel.json`);

  test("fits its schema", () => {
    fits(metamodel);
    expect(fits.errors ?? []).toEqual([]);
  });

  test("leads from every name to a definition", () => {
    const defined = new Set((metamodel.definitions as { name: string }[]).map(({ name }) => name));
    const used = [...new Set(namesOf({ methods: metamodel.methods ?? [], definitions: metamodel.definitions ?? [] }))];
    expect(used.length).toBeGreaterThan(50);
    expect(used.filter((name) => !defined.has(name))).toEqual([]);
  });
});

test.each(CASES)("the metamodel of the tiny schema $name fits", (golden) => {
  fits(JSON.parse(emitMetamodel(modelOf(golden), "../metamodel.schema.json")));
  expect(fits.errors ?? []).toEqual([]);
});

describe("a spoilt metamodel is refused", () => {
  const metamodel = read("generated/2025-11-25/metamodel.json");
  const methods = metamodel.methods as { kind: string }[];
  const request = methods.findIndex((method) => method.kind === "request");
  const notification = methods.findIndex((method) => method.kind === "notification");

  function refuses(pointer: string, change: (value: Json) => Json): boolean {
    const value = valueAt(metamodel, pointer) ?? null;
    return !fits(replaceAt(metamodel, pointer, change(value)));
  }

  function having(extra: JsonObject): (value: Json) => Json {
    return (value) => ({ ...(value as JsonObject), ...extra });
  }

  function lacking(key: string): (value: Json) => Json {
    return (value) => Object.fromEntries(Object.entries(value as JsonObject).filter(([own]) => own !== key));
  }

  test.each([
    ["an era of its own", "/era", () => "modern"],
    ["a trait that is no fact", "/traits/batching", () => "yes"],
    ["a member more", "", having({ extra: 1 })],
    ["no methods", "", lacking("methods")],
    ["a method with a member more", `/methods/${request}`, having({ note: "x" })],
    ["a request without a result", `/methods/${request}`, lacking("result")],
    ["a notification with a result", `/methods/${notification}`, having({ result: "EmptyResult" })],
    ["nobody who sends", `/methods/${request}/from`, () => []],
    ["an unknown sender", `/methods/${request}/from`, () => ["proxy"]],
    ["a capability of neither side", `/methods/${request}/capabilities`, having({ both: "x" })],
    ["an error without a code", "/errors/0", lacking("code")],
    ["a pointer that is none", "/errata/0/pointer", () => "$defs/X"],
    ["a definition without a shape", "/definitions/0", lacking("shape")],
    ["a name that is no name", "/definitions/0/name", () => "Foo-Bar"],
    ["a shape of an unknown kind", "/definitions/0/shape/kind", () => "tuple"],
    ["a shape with a member of another kind", "/definitions/0/shape", having({ members: [] })],
    [
      "a property that does not say whether it is required",
      "/definitions/0/shape/properties/priority",
      lacking("required"),
    ],
    ["a shape spoilt deep inside", "/definitions/0/shape/properties/priority/shape/maximum", () => "1"],
  ] as [string, string, (value: Json) => Json][])("%s", (_, pointer, change) => {
    expect(refuses(pointer, change)).toBe(true);
  });
});
