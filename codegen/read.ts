/** Read: the project's schema folder, as models of every revision it holds, or one schema file that is anybody's. */

import { basename, join } from "node:path";
import { buildModel, type ExtensionInput } from "./build.js";
import { canonicalize } from "./canonical.js";
import { type JsonObject, parseJson } from "./json.js";
import { type Manifest, readManifest, readText } from "./manifest.js";
import type { Model } from "./model.js";

export interface Project {
  readonly manifest: Manifest;
  /** Oldest revision first. */
  readonly models: readonly Model[];
}

/** @throws GeneratorError where a file is missing, or a schema says what the generator does not know. */
export async function readProject(directory: string): Promise<Project> {
  const manifest = await readManifest(directory);
  const models: Model[] = [];
  for (const { revision } of manifest.revisions) {
    const extensions: ExtensionInput[] = [];
    for (const entry of manifest.extensions.filter((candidate) => candidate.extends === revision)) {
      extensions.push({ extension: entry.extension, ...(await readSchema(join(directory, `${entry.name}.json`))) });
    }
    const own = await readSchema(join(directory, `${revision}.json`));
    models.push(buildModel({ revision, ...own, extensions }));
  }
  return { manifest, models };
}

/**
 * The model of one schema file, upstream's form or the project's. Errata apply where `revision` is the one they were written for.
 */
export async function readSchemaFile(file: string, revision: string): Promise<Model> {
  const { source, schema } = await readSchema(file);
  return buildModel({ revision, source, schema });
}

async function readSchema(file: string): Promise<{ source: string; schema: JsonObject }> {
  const source = basename(file);
  return { source, schema: canonicalize(parseJson(await readText(file), file), source) };
}
