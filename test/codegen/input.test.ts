/** What goes into the generator stays as it was, and the same input gives the same output, however often and in any order. */

import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type BuildInput, buildModel } from "../../codegen/build.js";
import { canonicalize } from "../../codegen/canonical.js";
import { corpusOf } from "../../codegen/corpus/corpus.js";
import { mutate } from "../../codegen/corpus/mutate.js";
import { createRandom } from "../../codegen/corpus/random.js";
import { schemaOf } from "../../codegen/emit/schema.js";
import { GeneratorError } from "../../codegen/errors.js";
import { type ImportOptions, importSchema } from "../../codegen/import.js";
import { isJsonObject, type Json, type JsonObject, printJson } from "../../codegen/json.js";
import type { Model } from "../../codegen/model.js";
import { createOracle } from "./oracle.js";
import { modelOf, REVISIONS, schemaFile } from "./project.js";

const TASKS = "io.modelcontextprotocol/tasks";

async function inputOf(revision: string): Promise<BuildInput> {
  const extensions = [{ extension: TASKS, source: "ext-tasks.json", schema: await schemaFile("ext-tasks") }];
  const input = { revision, source: `${revision}.json`, schema: await schemaFile(revision) };
  return revision === "2026-07-28" ? { ...input, extensions } : input;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null)
    for (const part of Object.values(Object.freeze(value))) deepFreeze(part);
  return value;
}

/** The same JSON with the members of every object in the opposite order. */
function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  );
}

describe.each(REVISIONS)("revision %s", (revision) => {
  test("reading does not change the schema", async () => {
    const input = deepFreeze(await inputOf(revision));
    expect(buildModel({ ...input, schema: canonicalize(input.schema, input.source) })).toEqual(modelOf(revision));
  });

  test("emitting and sampling do not change the model", async () => {
    const model = deepFreeze(buildModel(await inputOf(revision)));
    schemaOf(model);
    const entries = [...corpusOf(model, { mutations: 2, json: false })];
    expect(entries.length).toBeGreaterThan(1_000);
    expect(model).toEqual(modelOf(revision));
  });

  test("the canonical form is its own canonical form", async () => {
    const schema = await schemaFile(revision);
    expect(printJson(canonicalize(schema, "again"))).toBe(printJson(schema));
  });

  test("building twice gives equal models, in any order of the input's members", async () => {
    const input = await inputOf(revision);
    const shuffled = canonicalize(reversed(input.schema), input.source);
    expect(printJson(shuffled)).toBe(printJson(input.schema));
    expect(printJson(buildModel({ ...input, schema: shuffled }))).toBe(printJson(buildModel(input)));
  });

  test("the corpus of an equal model is the same, and another with another seed", async () => {
    const draw = (model: Model, seed: number): string =>
      JSON.stringify([...corpusOf(model, { samples: 3, mutations: 3, seed })]);
    const equal = buildModel(await inputOf(revision));
    expect(draw(equal, 1)).toBe(draw(modelOf(revision), 1));
    expect(draw(equal, 1)).not.toBe(draw(modelOf(revision), 2));
  });
});

describe("schemas never seen before", () => {
  /** Random changes to a real schema, each built or refused. */
  test.each(["2024-11-05", "2025-11-25", "2026-07-28"])(
    "a damaged %s builds, or stops with a GeneratorError",
    async (name) => {
      const { $schema, $defs } = await schemaFile(name);
      const random = createRandom(Number(name.replaceAll("-", "")));
      const outcomes = { built: 0, refused: 0 };
      for (let round = 0; round < 60; round++) {
        const entries = Object.entries($defs as JsonObject);
        const chosen = random.below(entries.length);
        const donors = entries.slice(0, 20).map(([, schema]) => schema);
        const damaged = Object.fromEntries(
          entries.map(([key, schema], at) => [
            key,
            at === chosen ? (mutate(schema, random, { donors, json: true }) as Json) : schema,
          ]),
        );
        try {
          const schema = canonicalize({ $schema: $schema as Json, $defs: damaged }, "damaged.json");
          const model = buildModel({ revision: "damaged", source: "damaged.json", schema });
          const oracle = createOracle(schemaOf(model));
          for (const definition of Object.keys(model.definitions).slice(0, 5)) oracle.accepts(definition, {});
          outcomes.built++;
        } catch (error) {
          if (!(error instanceof GeneratorError)) throw error;
          expect(error.pointer).toMatch(/^\/\$defs/);
          outcomes.refused++;
        }
      }
      expect(outcomes.built).toBeGreaterThan(5);
      expect(outcomes.refused).toBeGreaterThan(5);
    },
  );
});

describe("import", () => {
  let directory: string;
  let options: ImportOptions;

  const UPSTREAM = {
    $schema: "http://json-schema.org/draft-07/schema#",
    definitions: { B: { type: "string", description: "prose" }, A: { $ref: "#/definitions/B" } },
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "mcpwire-import-"));
    await writeFile(join(directory, "upstream.json"), JSON.stringify(UPSTREAM));
    options = { source: join(directory, "upstream.json"), name: "2030-01-01", directory: join(directory, "schema") };
  });

  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  const text = (file: string): Promise<string> => readFile(join(directory, "schema", file), "utf8");

  test("writes the schema and the manifest, and the same again when it runs again", async () => {
    const result = await importSchema(options);
    expect(result).toMatchObject({ definitions: 2, file: join(directory, "schema", "2030-01-01.json") });
    expect(JSON.parse(await text("2030-01-01.json"))).toEqual(canonicalize(UPSTREAM, "upstream.json"));
    expect(JSON.parse(await text("manifest.json"))).toEqual({
      revisions: [{ revision: "2030-01-01", source: "upstream.json", sha256: result.sha256 }],
      extensions: [],
    });
    const before = [await text("2030-01-01.json"), await text("manifest.json")];
    await importSchema(options);
    expect([await text("2030-01-01.json"), await text("manifest.json")]).toEqual(before);
  });

  test("with check, says nothing where all is as it should be, and writes nothing", async () => {
    await importSchema(options);
    await expect(importSchema({ ...options, check: true })).resolves.toMatchObject({ definitions: 2 });
    await expect(importSchema({ ...options, name: "2031-01-01", check: true })).rejects.toMatchObject({
      code: "UNREADABLE_INPUT",
      source: join(directory, "schema", "2031-01-01.json"),
    });
    expect(await readdir(join(directory, "schema"))).toEqual(["2030-01-01.json", "manifest.json"]);
  });

  test("with check, names the file that differs and leaves it as it is", async () => {
    await importSchema(options);
    const file = join(directory, "schema", "2030-01-01.json");
    await writeFile(file, "{}\n");
    await expect(importSchema({ ...options, check: true })).rejects.toMatchObject({
      code: "STALE_OUTPUT",
      source: file,
    });
    expect(await text("2030-01-01.json")).toBe("{}\n");
  });

  test("with check, notices that upstream changed in prose alone", async () => {
    await importSchema(options);
    await writeFile(options.source, JSON.stringify({ ...UPSTREAM, description: "more prose" }));
    await expect(importSchema({ ...options, check: true })).rejects.toMatchObject({
      code: "STALE_OUTPUT",
      source: join(directory, "schema", "manifest.json"),
    });
  });

  test("keeps the entries of other revisions and extensions, oldest first, drafts last", async () => {
    for (const name of ["draft", "2031-01-01", "2030-01-01"]) await importSchema({ ...options, name });
    await importSchema({
      ...options,
      name: "ext-x",
      extension: { identifier: "example.test/x", extends: "2030-01-01" },
    });
    const manifest = JSON.parse(await text("manifest.json"));
    expect(manifest.revisions.map((entry: JsonObject) => entry.revision)).toEqual([
      "2030-01-01",
      "2031-01-01",
      "draft",
    ]);
    expect(manifest.extensions).toMatchObject([{ name: "ext-x", extension: "example.test/x", extends: "2030-01-01" }]);
  });

  test.each([
    ["not JSON", "{ truncated", "UNREADABLE_INPUT"],
    ["no schema", "[]", "NOT_A_SCHEMA"],
  ])("refuses what is %s and writes nothing", async (_, content, code) => {
    await writeFile(options.source, content);
    await expect(importSchema(options)).rejects.toMatchObject({ code, source: options.source });
    expect(await readdir(directory)).toEqual(["upstream.json"]);
  });

  test("refuses a missing file by name", async () => {
    const source = join(directory, "missing.json");
    await expect(importSchema({ ...options, source })).rejects.toMatchObject({ code: "UNREADABLE_INPUT", source });
  });
});
