/** What the tests of the generator start from: the project's schemas, their models, and the code generated from them. */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type JsonObject, parseJson } from "../../codegen/json.js";
import type { Model } from "../../codegen/model.js";
import { readProject } from "../../codegen/read.js";
import * as revision20241105 from "../../generated/2024-11-05/index.js";
import * as revision20250326 from "../../generated/2025-03-26/index.js";
import * as revision20250618 from "../../generated/2025-06-18/index.js";
import * as revision20251125 from "../../generated/2025-11-25/index.js";
import * as revision20260728 from "../../generated/2026-07-28/index.js";
import type { Failure } from "../../generated/prelude.js";

export const SCHEMAS: string = fileURLToPath(new URL("../../schema", import.meta.url));

/** Oldest first. */
export const REVISIONS = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"] as const;
export type Revision = (typeof REVISIONS)[number];

/** The entry point of a revision, where tests name definitions by text. */
export interface Generated {
  readonly explain: (definition: string, value: unknown) => Failure[];
  readonly lastFailure: () => Failure | undefined;
  readonly methods: Readonly<Record<string, unknown>>;
  readonly guards: Readonly<Record<string, unknown>>;
}

const MODULES = {
  "2024-11-05": revision20241105,
  "2025-03-26": revision20250326,
  "2025-06-18": revision20250618,
  "2025-11-25": revision20251125,
  "2026-07-28": revision20260728,
} as const;

export function generated(revision: Revision): Generated {
  const module = MODULES[revision];
  return {
    explain: module.explain as Generated["explain"],
    lastFailure: module.lastFailure,
    methods: module.methods as Generated["methods"],
    guards: module as Generated["guards"],
  };
}

/** The guard of a definition, by its name. */
export function guardOf(revision: Revision, definition: string): (value: unknown) => boolean {
  const guard = generated(revision).guards[`is${definition}`];
  if (typeof guard !== "function") throw new Error(`${revision} exports no is${definition}`);
  return guard as (value: unknown) => boolean;
}

const project = await readProject(SCHEMAS);

export const MODELS: readonly Model[] = project.models;

export function modelOf(revision: Revision): Model {
  const model = MODELS.find((candidate) => candidate.revision === revision);
  if (model === undefined) throw new Error(`no model of ${revision}`);
  return model;
}

/** An imported schema as it lies in the project's folder. */
export async function schemaFile(name: string): Promise<JsonObject> {
  const file = `${SCHEMAS}/${name}.json`;
  return parseJson(await readFile(file, "utf8"), file) as JsonObject;
}
