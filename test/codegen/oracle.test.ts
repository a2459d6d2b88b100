/**
 * The corpus, the guards, `explain` and Ajv on the patched schema must say the same of every value: samples made to be right,
 * samples made to be wrong, and at least 10,000 mutations of them for each revision.
 */

import { afterAll, describe, expect, test } from "vitest";
import { type CorpusEntry, corpusOf } from "../../codegen/corpus/corpus.js";
import { schemaOf } from "../../codegen/emit/schema.js";
import { pointerTo } from "../../codegen/errors.js";
import { equalJson, isJsonObject, type JsonObject, pointerTokens } from "../../codegen/json.js";
import { ERRATA } from "../../codegen/overlay/errata.js";
import { applyErrata } from "../../codegen/patches.js";
import type { Failure } from "../../generated/prelude.js";
import { verifies } from "../verifies.js";
import { createOracle } from "./oracle.js";
import { generated, guardOf, modelOf, REVISIONS, type Revision, schemaFile } from "./project.js";

/** Mutations of each definition, twice: once within JSON, once with `undefined`, NaN, bigint, holes and the like. */
const MUTATIONS = 80;

interface Tally {
  samples: number;
  mutations: number;
  withoutOracle: number;
}

const tallies = new Map<Revision, Tally>();

afterAll(() => {
  const lines = [...tallies].map(
    ([revision, { samples, mutations, withoutOracle }]) =>
      `${revision}: ${samples} samples and ${mutations} mutations compared, ${withoutOracle} without an oracle`,
  );
  console.log(lines.join("\n"));
});

describe.each(REVISIONS)("revision %s", (revision) => {
  const model = modelOf(revision);
  const { explain, lastFailure } = generated(revision);
  const oracle = createOracle(schemaOf(model));

  /** What is wrong with the answers about one value; undefined where all agree. */
  function disagreement({ definition, valid, value }: CorpusEntry, expected: boolean): string | undefined {
    const guard = guardOf(revision, definition)(value);
    const first = guard ? undefined : lastFailure();
    const failures = explain(definition, value);
    const stray = failures.find((failure) => !leadsSomewhere(value, failure));
    if (expected !== valid) return `corpus says ${valid}, Ajv ${expected}`;
    if (guard !== expected) return `guard says ${guard}, Ajv ${expected}`;
    if ((failures.length === 0) !== expected) return `explain gives ${failures.length} failures, Ajv ${expected}`;
    if (stray !== undefined) return `the pointer ${JSON.stringify(stray.pointer)} leads nowhere`;
    if (first?.pointer !== failures[0]?.pointer)
      return `first failure ${first?.pointer}, explain ${failures[0]?.pointer}`;
    return undefined;
  }

  function compare(entries: Iterable<CorpusEntry>, kind: "samples" | "mutations"): string[] {
    const tally = tallies.get(revision) ?? { samples: 0, mutations: 0, withoutOracle: 0 };
    tallies.set(revision, tally);
    const found: string[] = [];
    for (const entry of entries) {
      tally[kind]++;
      const expected = oracle.accepts(entry.definition, entry.value);
      if (expected === undefined) tally.withoutOracle++;
      const problem = expected === undefined ? undefined : disagreement(entry, expected);
      if (problem !== undefined) found.push(`${entry.definition}: ${problem} for ${printed(entry.value)}`);
    }
    return found;
  }

  test(`every sample is what the corpus says it is${verifies("TRAP-11", "TRAP-37", "TRAP-51", "TRAP-52")}`, () => {
    expect(compare(corpusOf(model), "samples")).toEqual([]);
  });

  test("every definition has a valid sample, and an invalid one unless it accepts every JSON value", () => {
    for (const { name, json } of Object.values(model.definitions)) {
      const samples = [...corpusOf(model, { definition: name })];
      expect([...new Set(samples.map((sample) => sample.valid))], name).toEqual(json ? [true] : [true, false]);
    }
  });

  test("guard, explain and Ajv agree on mutations", () => {
    const within = corpusOf(model, { samples: 0, mutations: MUTATIONS, seed: 1 });
    const beyond = corpusOf(model, { samples: 0, mutations: MUTATIONS, seed: 2, json: false });
    expect([...compare(within, "mutations"), ...compare(beyond, "mutations")]).toEqual([]);
    expect(tallies.get(revision)?.mutations).toBeGreaterThanOrEqual(10_000);
    expect(tallies.get(revision)?.withoutOracle).toBe(0);
  });

  test("explain finds every place that Ajv finds, outside unions", () => {
    const thorough = createOracle(schemaOf(model), { allErrors: true });
    let compared = 0;
    const found: string[] = [];
    for (const { definition, value } of corpusOf(model, { mutations: 10 })) {
      const errors = thorough.errors(definition, value);
      // Ajv reports every branch of a union where explain reports one.
      if (errors.some((error) => error.keyword === "anyOf")) continue;
      const theirs = errors.map((error) =>
        error.keyword === "required"
          ? pointerTo(error.instancePath, String(error.params.missingProperty))
          : error.instancePath,
      );
      const ours = explain(definition, value).map((failure) => failure.pointer);
      compared++;
      if (!equalJson([...new Set(ours)].sort(), [...new Set(theirs)].sort())) {
        found.push(`${definition} ${printed(value)}: explain names ${ours}, Ajv ${theirs}`);
      }
    }
    expect(found).toEqual([]);
    expect(compared).toBeGreaterThan(5_000);
  });

  test(`the model says what the imported schema says, but for the _meta it adds${verifies("TRAP-20", "TRAP-21")}`, async () => {
    const { schema } = applyErrata(await schemaFile(revision), revision, ERRATA, revision);
    const imported = createOracle(schema);
    const known = schema.$defs as JsonObject;
    const disagreements: string[] = [];
    for (const { definition, valid, value } of corpusOf(model, { mutations: 10 })) {
      if (!Object.hasOwn(known, definition) || imported.accepts(definition, value) === valid) continue;
      // The model refuses a `_meta` that is no object where the imported schema says nothing of it.
      if (!valid && oracle.accepts(definition, withoutMeta(value)) === true) continue;
      disagreements.push(`${definition} ${printed(value)}`);
    }
    expect(disagreements).toEqual([]);
  });
});

/** True where the pointer leads to a part of the value, or to the place in an object where a member is missing. */
function leadsSomewhere(value: unknown, failure: Failure): boolean {
  const tokens = pointerTokens(failure.pointer);
  let part = value;
  for (const [index, token] of tokens.entries()) {
    if (typeof part !== "object" || part === null) return false;
    const missing = !(token in part);
    // A hole of a sparse array is an item that is missing, within the array's length.
    const expected = Array.isArray(part) ? Number(token) < part.length : index === tokens.length - 1;
    if (missing && !(expected && failure.actual === "missing")) return false;
    part = (part as Record<string, unknown>)[token];
  }
  return failure.expected !== "" && failure.actual !== "";
}

function withoutMeta(message: unknown): unknown {
  if (!isJsonObject(message) || !isJsonObject(message.params)) return message;
  const { _meta, ...params } = message.params;
  return { ...message, params };
}

function printed(value: unknown): string {
  const text =
    JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}n` : part)) ?? String(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
