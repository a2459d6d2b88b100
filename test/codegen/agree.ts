/** Agreement of guards, `explain` and Ajv on a value and on many small changes of it. */

import { Ajv2020 } from "ajv/dist/2020.js";
import { schemaOf } from "../../codegen/emit/schema.js";
import type { Json } from "../../codegen/json.js";
import type { Model } from "../../codegen/model.js";
import { explainWith } from "../../codegen/prelude.js";

export type Guard = (value: unknown) => boolean;

/** Values that take the place of members: one of each kind, and some at the edges of bounds. */
const STRANGERS: readonly Json[] = [
  null,
  true,
  false,
  0,
  1,
  2,
  -1,
  1.5,
  11,
  "",
  "a",
  "abcd",
  "text",
  [],
  [null],
  ["a"],
  {},
];

/** The value, and copies with one member taken away, added or replaced, at any depth. */
export function variantsOf(value: Json): Json[] {
  return [value, ...STRANGERS, ...changesOf(value)];
}

function changesOf(value: Json): Json[] {
  if (Array.isArray(value)) {
    const changed = value.flatMap((item, index) =>
      [...STRANGERS, ...changesOf(item)].map((other) => value.with(index, other)),
    );
    return [...changed, ...STRANGERS.map((other) => [...value, other]), value.slice(1)];
  }
  if (typeof value !== "object" || value === null) return [];
  const entries = Object.entries(value);
  const changed = entries.flatMap(([key, item]) =>
    [...STRANGERS, ...changesOf(item)].map((other) => ({ ...value, [key]: other })),
  );
  const without = entries.map(([key]) => Object.fromEntries(entries.filter(([other]) => other !== key)));
  return [...changed, ...without, ...STRANGERS.map((other) => ({ ...value, stranger: other }))];
}

/** An independent verdict for each definition of a model. */
export function oracleOf(model: Model): (definition: string, value: Json) => boolean {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(schemaOf(model), "model");
  const checks = new Map<string, (value: Json) => unknown>();
  return (definition, value) => {
    const check = checks.get(definition) ?? ajv.compile({ $ref: `model#/$defs/${definition}` });
    checks.set(definition, check);
    return check(value) === true;
  };
}

/** Values on which the guard, `explain` and the oracle do not say the same. */
export function disagreements(
  definition: string,
  guard: Guard,
  oracle: (definition: string, value: Json) => boolean,
  values: readonly Json[],
): string[] {
  return values.flatMap((value) => {
    const verdicts = [oracle(definition, value), guard(value), explainWith(guard, value).length === 0];
    return new Set(verdicts).size === 1 ? [] : [`${definition} ${JSON.stringify(value)}: ${verdicts.join(" ")}`];
  });
}
