/** Forms as handlers write them: the exact schema, the types of the answer, and what no answer could fit. */

import { Type } from "typebox";
import { describe, expect, expectTypeOf, test } from "vitest";
import { tables } from "../../generated/revisions.js";
import type { FormSchema, FormValues } from "../../runtime/schema/form.js";
import type { Context, FormOutcome } from "../../runtime/server/context.js";
import { Form } from "../../runtime/server/form.js";
import { verifies } from "../verifies.js";

const titled = [
  { const: "r", title: "Red" },
  { const: "g", title: "Green" },
] as const;
const everything = Form.object({
  name: Form.string({ title: "Name", description: "Yours", minLength: 1, maxLength: 50, default: "Ada" }),
  mail: Form.optional(Form.string({ format: "email" })),
  score: Form.number({ minimum: 0, maximum: 1, default: 0.5 }),
  age: Form.integer({ minimum: 0 }),
  sure: Form.boolean({ default: false }),
  untitled: Form.oneOf(["a", "b"], { default: "b" }),
  titled: Form.oneOf(titled),
  several: Form.anyOf(["a", "b"], { minItems: 1, maxItems: 2, default: ["a"] }),
  titledSeveral: Form.optional(Form.anyOf(titled)),
  legacy: Form.legacyOneOf(titled, { default: "g" }),
});

test(`are exactly the restricted schema${verifies("ELIC-20", "ELIC-21", "ELIC-22", "ELIC-23", "ELIC-24", "ELIC-26", "ELIC-27", "ELIC-28", "ELIC-29", "ELIC-30")}`, () => {
  expect(everything).toEqual({
    type: "object",
    properties: {
      name: { type: "string", title: "Name", description: "Yours", minLength: 1, maxLength: 50, default: "Ada" },
      mail: { type: "string", format: "email" },
      score: { type: "number", minimum: 0, maximum: 1, default: 0.5 },
      age: { type: "integer", minimum: 0 },
      sure: { type: "boolean", default: false },
      untitled: { type: "string", enum: ["a", "b"], default: "b" },
      titled: { type: "string", oneOf: titled },
      several: { type: "array", items: { type: "string", enum: ["a", "b"] }, minItems: 1, maxItems: 2, default: ["a"] },
      titledSeveral: { type: "array", items: { anyOf: titled } },
      legacy: { type: "string", enum: ["r", "g"], enumNames: ["Red", "Green"], default: "g" },
    },
    required: ["name", "score", "age", "sure", "untitled", "titled", "several", "legacy"],
  });
  for (const revision of ["2025-11-25", "2026-07-28"] as const) {
    const { isParams } = tables[revision].methods["elicitation/create"] ?? {};
    expect(isParams?.({ message: "", requestedSchema: everything })).toBe(true);
  }
});

test("members that are undefined are not there", () => {
  const field = Form.string({ title: undefined } as never);
  expect(Object.keys(field)).toEqual(["type"]);
});

describe("a field that no answer could fit is refused", () => {
  test.each([
    ["a default that does not fit", () => Form.integer({ default: 1.5 })],
    ["a default that is no choice", () => Form.oneOf(["a"], { default: "b" as never })],
    ["bounds the wrong way round", () => Form.string({ minLength: 2, maxLength: 1 })],
    ["numbers the wrong way round", () => Form.number({ minimum: 2, maximum: 1 })],
    ["counts the wrong way round", () => Form.anyOf(["a", "b"], { minItems: 2, maxItems: 1 })],
    ["no choices", () => Form.oneOf([])],
    ["the same choice twice", () => Form.anyOf(["a", "a"])],
    ["titles for some", () => Form.oneOf(["a", { const: "b", title: "B" }] as never)],
  ])("%s", (_what, make) => {
    expect(make).toThrow(expect.objectContaining({ code: "INVALID_USE" }));
  });
});

test("answers have the types of their forms", () => {
  interface Everything {
    name: string;
    score: number;
    age: number;
    sure: boolean;
    untitled: "a" | "b";
    titled: "r" | "g";
    several: ("a" | "b")[];
    legacy: "r" | "g";
    mail?: string;
    titledSeveral?: ("r" | "g")[];
  }
  expectTypeOf<FormValues<typeof everything>>().toEqualTypeOf<Everything>();

  const written = {
    type: "object",
    properties: {
      nights: { type: "integer" },
      room: { type: "string", oneOf: [{ const: "blue", title: "Blue" }] },
      tags: { type: "array", items: { type: "string", enum: ["x", "y"] } },
    },
    required: ["nights"],
  } as const satisfies FormSchema;
  expectTypeOf<FormValues<typeof written>>().toEqualTypeOf<{
    nights: number;
    room?: "blue";
    tags?: ("x" | "y")[];
  }>();

  const typebox = Type.Object({ name: Type.String(), age: Type.Optional(Type.Integer()), sure: Type.Boolean() });
  expectTypeOf<FormValues<typeof typebox>>().toEqualTypeOf<{ name: string; sure: boolean; age?: number }>();

  expectTypeOf<FormValues<FormSchema>>().toEqualTypeOf<{ [name: string]: string | number | boolean | string[] }>();
  type Values = { [name: string]: string | number | boolean | string[] };
  expectTypeOf<Awaited<ReturnType<Context["elicit"]>>>().toEqualTypeOf<FormOutcome<Values>>();
});

test("outcomes are told apart by their action", () => {
  const read = (outcome: FormOutcome<{ age: number }>): number => {
    if (outcome.action === "accept") return outcome.content.age;
    // @ts-expect-error there are no values without consent
    return outcome.content.age;
  };
  expect(read({ action: "accept", content: { age: 3 } })).toBe(3);
  expect(() => read({ action: "decline" })).toThrow(TypeError);
});

test("forms that are not flat do not compile", () => {
  const use = (_form: FormSchema): void => undefined;
  // @ts-expect-error nested
  use({ type: "object", properties: { place: { type: "object", properties: {} } } });
  // @ts-expect-error no form
  use({ type: "string" });
  // @ts-expect-error no choice
  expect(() => Form.oneOf(["a", "b"], { default: "c" })).toThrow();
});
