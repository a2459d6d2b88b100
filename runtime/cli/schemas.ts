/** What the user names, as models: a revision of the schemas at hand, or a schema file. */

import { existsSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { Model } from "../../codegen/model.js";
import type { Project } from "../../codegen/read.js";
import { Failure } from "./failure.js";
import { nearest } from "./nearest.js";
import { packageFile } from "./package-root.js";

/** The folder of imported schemas: `schema/` here, or else the one that the package ships. */
export function schemaFolder(): string {
  return existsSync("schema/manifest.json") ? "schema" : packageFile("schema");
}

/** Every revision of the schemas at hand. */
export async function loadProject(): Promise<Project> {
  const { readProject } = await import("../../codegen/read.js");
  return await readProject(schemaFolder());
}

/** @throws Failure for a name that is neither a known revision nor a file. */
export async function loadModels(names: readonly string[]): Promise<Model[]> {
  const { readManifest } = await import("../../codegen/manifest.js");
  const { revisions } = await readManifest(schemaFolder());
  const known = revisions.map((entry) => entry.revision);
  const stranger = names.find((name) => !known.includes(name) && !isFile(name));
  if (stranger !== undefined) throw unknownRevision(stranger, known, "a schema file");
  const project = names.some((name) => known.includes(name)) ? await loadProject() : undefined;
  return await Promise.all(
    names.map((name) => project?.models.find((model) => model.revision === name) ?? loadFile(name)),
  );
}

function isFile(name: string): boolean {
  return /[/\\]|\.json$/i.test(name) || existsSync(name);
}

async function loadFile(file: string): Promise<Model> {
  const { readSchemaFile } = await import("../../codegen/read.js");
  return await readSchemaFile(file, nameOf(file));
}

/** Upstream keeps a revision as `<revision>/schema.json`; any other file goes by its own name. */
function nameOf(file: string): string {
  const name = basename(file).replace(/\.json$/i, "");
  return name === "schema" ? basename(dirname(resolve(file))) : name;
}

/** The failure for a name that is no revision; `others` says what else could have been given. */
export function unknownRevision(name: string, known: readonly string[], others: string): Failure {
  const meant = nearest(name, known);
  const list = known.length === 0 ? "none is imported" : `known: ${known.join(" ")}`;
  return new Failure({
    what: `unknown revision ${JSON.stringify(name)}`,
    where: "on the command line",
    wayOut: `${meant === undefined ? `give a known one or ${others}` : `did you mean ${meant}?`} (${list})`,
  });
}
