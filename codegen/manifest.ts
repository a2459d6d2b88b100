/** `schema/manifest.json`: which revisions and extensions are imported, and the sha256 of the upstream file of each. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { GeneratorError } from "./errors.js";
import { isJsonObject, parseJson, printJson } from "./json.js";

export interface RevisionEntry {
  /** Name of the revision, a date for a released one. */
  readonly revision: string;
  /** File name of the upstream schema, or its URL. */
  readonly source: string;
  readonly sha256: string;
}

export interface ExtensionEntry {
  /** Name of the file in `schema/`, without `.json`. */
  readonly name: string;
  /** Identifier that peers declare, for example `io.modelcontextprotocol/tasks`. */
  readonly extension: string;
  /** The revision whose vocabulary the extension adds to. */
  readonly extends: string;
  readonly source: string;
  readonly sha256: string;
}

export interface Manifest {
  readonly revisions: readonly RevisionEntry[];
  readonly extensions: readonly ExtensionEntry[];
}

/** A released revision is named by its date; any other name is a draft. */
export function isDraft(revision: string): boolean {
  return !/^\d{4}-\d{2}-\d{2}$/.test(revision);
}

/** Oldest first, drafts last. */
export function compareRevisions(left: string, right: string): number {
  return Number(isDraft(left)) - Number(isDraft(right)) || (left < right ? -1 : left > right ? 1 : 0);
}

/** @throws GeneratorError `UNREADABLE_INPUT` where the file is missing or is not a manifest. */
export async function readManifest(directory: string): Promise<Manifest> {
  const file = join(directory, "manifest.json");
  const manifest = parseJson(await readText(file), file);
  if (!isJsonObject(manifest) || !Array.isArray(manifest.revisions) || !Array.isArray(manifest.extensions)) {
    throw new GeneratorError("UNREADABLE_INPUT", 'not a manifest: "revisions" and "extensions" must be arrays', {
      source: file,
    });
  }
  return manifest as unknown as Manifest;
}

/** The manifest, or an empty one where the folder has none yet. */
export async function readManifestIfAny(directory: string): Promise<Manifest> {
  try {
    return await readManifest(directory);
  } catch (error) {
    const missing = error instanceof GeneratorError && isMissingFile(error.cause);
    if (missing) return { revisions: [], extensions: [] };
    throw error;
  }
}

export function withRevision(manifest: Manifest, entry: RevisionEntry): Manifest {
  const others = manifest.revisions.filter((known) => known.revision !== entry.revision);
  const revisions = [...others, entry].sort((left, right) => compareRevisions(left.revision, right.revision));
  return { ...manifest, revisions };
}

export function withExtension(manifest: Manifest, entry: ExtensionEntry): Manifest {
  const others = manifest.extensions.filter((known) => known.name !== entry.name);
  const extensions = [...others, entry].sort((left, right) => (left.name < right.name ? -1 : 1));
  return { ...manifest, extensions };
}

export function printManifest(manifest: Manifest): string {
  return printJson(manifest);
}

/** Reads a text file; a missing one is named. */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const reason = isMissingFile(cause) ? "no such file" : cause instanceof Error ? cause.message : String(cause);
    throw new GeneratorError("UNREADABLE_INPUT", reason, { source: file, cause });
  }
}

/** True for the error of a file or folder that is not there. */
export function isMissingFile(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}
