/** The generator: schemas in, folders out. The phases are read, patch, normalise, model, join and emit; `read` runs the first five. */

import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { readDocs } from "./docs.js";
import { header } from "./emit/header.js";
import { emitNeutralMethods } from "./emit/neutral-methods.js";
import { emitRevision, tagsOf } from "./emit/revision.js";
import { emitRevisions } from "./emit/revisions.js";
import { emitTypes } from "./emit/types.js";
import { GeneratorError } from "./errors.js";
import { historyOf, sharedDefinitions } from "./history.js";
import { isMissingFile } from "./manifest.js";
import { neutralDefinitions } from "./neutral.js";
import { readProject, readSchemaFile } from "./read.js";

export interface GenerateOptions {
  /** Folder of the imported schemas, with `manifest.json`. */
  readonly schemas: string;
  /** Folder to write. Files in it that the generator does not write are removed. */
  readonly out: string;
  /** Compare with what is there instead of writing. */
  readonly check?: boolean;
  /** Called as each revision is done. */
  readonly onProgress?: (message: string) => void;
}

export interface GenerateResult {
  readonly files: number;
}

/**
 * Generates every revision of a project.
 *
 * @throws GeneratorError `STALE_OUTPUT` where `check` finds a difference, naming the first file; others from the phases.
 */
export async function generateProject(options: GenerateOptions): Promise<GenerateResult> {
  const { manifest, models } = await readProject(options.schemas);
  const docs = await readDocs(join(options.schemas, "docs"));
  const history = historyOf(models);
  const shared = sharedDefinitions(models);
  const files = await staticFiles();
  for (const model of models) {
    const sha256 = manifest.revisions.find((entry) => entry.revision === model.revision)?.sha256 ?? "";
    const own = await emitRevision({
      model,
      docs,
      history,
      sha256,
      shared: shared.get(model.revision) ?? new Map(),
      base: "..",
    });
    for (const [name, text] of own) files.set(`${model.revision}/${name}`, text);
    options.onProgress?.(model.revision);
  }
  const all = { from: `MCP revisions ${models.map((model) => model.revision).join(", ")}` };
  files.set("revisions.ts", header("The revisions of MCP that mcpwire knows.", all) + emitRevisions(models));
  const definitions = neutralDefinitions(models);
  const newest = models.at(-1);
  const neutral =
    newest === undefined
      ? ""
      : await emitTypes({ definitions, docs, revision: newest.revision, tags: tagsOf(newest, history) });
  files.set("neutral/types.ts", header("Payload types of no revision in particular: the union of all.", all) + neutral);
  files.set(
    "neutral/methods.ts",
    header("Methods of no revision in particular: the union of all.", all) + emitNeutralMethods(models, definitions),
  );
  return await settle(files, options.out, options.check === true);
}

export interface GenerateOneOptions {
  /** An upstream `schema.json`, or a file of the project's own form. */
  readonly schema: string;
  readonly revision: string;
  readonly out: string;
  readonly check?: boolean;
}

/** Generates one schema into a folder that imports nothing outside itself. */
export async function generateOne(options: GenerateOneOptions): Promise<GenerateResult> {
  const model = await readSchemaFile(options.schema, options.revision);
  const history = historyOf([model]);
  const own = await emitRevision({ model, docs: new Map(), history, shared: new Map(), base: "." });
  const files = new Map([...(await staticFiles()), ...own]);
  return await settle(files, options.out, options.check === true);
}

/** Files that do not depend on a schema. They are sources of the generator, shipped beside it. */
async function staticFiles(): Promise<Map<string, string>> {
  const sources = ["prelude.ts", "method-table.ts", "metamodel.schema.json"];
  const files = new Map<string, string>();
  for (const name of sources) {
    const text = await readFile(await assetPath(name), "utf8");
    files.set(
      name,
      name.endsWith(".ts") ? header("Shared by the generated files.", { from: "its own sources" }) + text : text,
    );
  }
  return files;
}

/** The generator runs from `codegen/` in tests and from `dist/codegen/` when built; its assets stay in `codegen/`. */
async function assetPath(name: string): Promise<string> {
  const here = dirname(fileURLToPath(import.meta.url));
  const built = here.split(sep).at(-2) === "dist";
  return join(here, built ? "../../codegen" : "", name);
}

async function settle(files: ReadonlyMap<string, string>, out: string, check: boolean): Promise<GenerateResult> {
  const strangers = (await filesIn(out)).filter((name) => !files.has(name));
  if (check) await compare(files, strangers, out);
  else {
    for (const name of strangers) await rm(join(out, name));
    for (const [name, text] of files) await writeIfChanged(join(out, name), text);
  }
  return { files: files.size };
}

async function compare(files: ReadonlyMap<string, string>, strangers: readonly string[], out: string): Promise<void> {
  const stale: string[] = [...strangers];
  for (const [name, text] of files) {
    if ((await readIfThere(join(out, name))) !== text) stale.push(name);
  }
  const [first] = stale;
  if (first === undefined) return;
  const others = stale.length > 1 ? ` and ${stale.length - 1} more` : "";
  throw new GeneratorError(
    "STALE_OUTPUT",
    `${first}${others} differ from what the schemas give; run: npm run generate`,
    { source: out },
  );
}

async function writeIfChanged(file: string, text: string): Promise<void> {
  if ((await readIfThere(file)) === text) return;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}

/** All files below a folder, by their path from it. */
async function filesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return files.map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"));
  } catch (error) {
    if (isMissingFile(error)) return [];
    throw error;
  }
}
