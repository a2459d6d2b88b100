/** What tiny schemas give, kept as files, and that what they give works: guards agree with Ajv, nothing is missing or double. */

import { describe, expect, test } from "vitest";
import { guardName } from "../../codegen/emit/guard-scope.js";
import { emitGuards } from "../../codegen/emit/guards.js";
import { emitMethods } from "../../codegen/emit/methods.js";
import { tagsOf } from "../../codegen/emit/revision.js";
import { emitTypes } from "../../codegen/emit/types.js";
import { historyOf } from "../../codegen/history.js";
import type { Model } from "../../codegen/model.js";
import { explainWith } from "../../codegen/prelude.js";
import { disagreements, type Guard, oracleOf, variantsOf } from "./agree.js";
import { CASES, modelOf } from "./golden-cases.js";

const BASE = "../../../../codegen";

async function emitAll(model: Model): Promise<Record<string, string>> {
  const definitions = Object.values(model.definitions);
  const prelude = `${BASE}/prelude.js`;
  return {
    "types.ts": await emitTypes({
      definitions,
      docs: new Map(),
      revision: model.revision,
      tags: tagsOf(model, historyOf([model])),
    }),
    "guards.ts": emitGuards({ model, prelude, definitions, shared: new Map() }),
    "methods.ts": emitMethods(model, `${BASE}/method-table.js`),
  };
}

describe.each(CASES)("$name", (golden) => {
  const model = modelOf(golden);

  test("gives the files kept", async () => {
    for (const [file, text] of Object.entries(await emitAll(model))) {
      await expect(text).toMatchFileSnapshot(`golden/${golden.name}/${file}`);
    }
  });

  test("gives each definition one type and one guard", async () => {
    const files = await emitAll(model);
    for (const name of Object.keys(model.definitions)) {
      expect(files["types.ts"]?.match(new RegExp(`^export (interface|type) ${name}\\b`, "gm"))).toHaveLength(1);
      expect(files["guards.ts"]?.match(new RegExp(`^export function ${guardName(name)}\\(`, "gm"))).toHaveLength(1);
    }
  });

  test("guards, explain and Ajv agree", async () => {
    const file = new URL(`golden/${golden.name}/guards.ts`, import.meta.url).href;
    const guards = (await import(/* @vite-ignore */ file)) as Record<string, Guard>;
    const oracle = oracleOf(model);
    const all = Object.values(golden.valid).flat().flatMap(variantsOf);
    for (const definition of Object.keys(model.definitions)) {
      const guard = guards[guardName(definition)] as Guard;
      const valid = golden.valid[definition] ?? [];
      expect(valid.filter((value) => !guard(value))).toEqual([]);
      expect(disagreements(definition, guard, oracle, all)).toEqual([]);
    }
  });
});

describe("every failure", () => {
  const place = async (definition: string, value: unknown): Promise<string[]> => {
    const file = new URL("golden/odd/guards.ts", import.meta.url).href;
    const guards = (await import(/* @vite-ignore */ file)) as Record<string, Guard>;
    return explainWith(guards[guardName(definition)] as Guard, value).map(({ pointer }) => pointer);
  };

  test("has its whole path where members and other members fail together", async () => {
    expect(await place("Tally", { name: 1, b: "x", c: null })).toEqual(["/name", "/b", "/c"]);
  });

  test("is told of the items of a list that has too many", async () => {
    expect(await place("Counted", ["a", 1, 2])).toEqual(["", "/1", "/2"]);
  });
});
