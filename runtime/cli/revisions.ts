/** `mcpwire revisions`: what is imported, at a glance. */

import type { Command } from "commander";
import type { Project } from "../../codegen/read.js";
import { colorsFor, print, printJson, table } from "./output.js";
import { loadProject } from "./schemas.js";

/** One row of `mcpwire revisions --json`. */
export interface RevisionRow {
  readonly revision: string;
  readonly era: string;
  /** `current` is the newest released revision. */
  readonly status: "final" | "current" | "draft";
  /** Definitions that the schema names, extensions left out. */
  readonly definitions: number;
  readonly methods: number;
  readonly extensions: readonly string[];
  /** Of the upstream schema. */
  readonly sha256: string;
}

export function addRevisions(program: Command): void {
  program
    .command("revisions")
    .description("list the revisions of the protocol")
    .option("--json", "print JSON")
    .action(runRevisions);
}

async function runRevisions(flags: { readonly json?: boolean }): Promise<void> {
  const { isDraft } = await import("../../codegen/manifest.js");
  const rows = rowsOf(await loadProject(), isDraft);
  if (flags.json === true) {
    printJson(rows);
    return;
  }
  const colors = colorsFor();
  const head = ["revision", "era", "status", "definitions", "methods", "extensions", "sha256"];
  const body = rows.map((row) => [
    row.revision,
    row.era,
    row.status,
    String(row.definitions),
    String(row.methods),
    row.extensions.join(" ") || "-",
    row.sha256.slice(0, 12),
  ]);
  const [title = "", ...lines] = table([head, ...body]).split("\n");
  print([colors.bold(title), ...lines].join("\n"));
}

function rowsOf({ manifest, models }: Project, isDraft: (revision: string) => boolean): RevisionRow[] {
  const current = models.filter((model) => !isDraft(model.revision)).at(-1)?.revision;
  return models.map(({ revision, era, definitions, methods }) => ({
    revision,
    era,
    status: isDraft(revision) ? "draft" : revision === current ? "current" : "final",
    definitions: Object.values(definitions).filter((each) => !each.synthesized && each.extension === undefined).length,
    methods: methods.filter((method) => method.extension === undefined).length,
    extensions: manifest.extensions.filter((entry) => entry.extends === revision).map((entry) => entry.extension),
    sha256: manifest.revisions.find((entry) => entry.revision === revision)?.sha256 ?? "",
  }));
}
