/** Import: an upstream `schema.json` becomes `schema/<revision>.json` and a row of the manifest. */

import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { canonicalize } from "./canonical.js";
import { GeneratorError } from "./errors.js";
import { parseJson, printJson } from "./json.js";
import {
  type ExtensionEntry,
  type Manifest,
  printManifest,
  type RevisionEntry,
  readManifestIfAny,
  readText,
  withExtension,
  withRevision,
} from "./manifest.js";

export interface ImportOptions {
  /** Path or http(s) URL of the upstream schema. */
  readonly source: string;
  /** Name of the revision, or of the extension's file. */
  readonly name: string;
  /** Folder of the project's schemas. */
  readonly directory: string;
  /** Given where the schema is an extension's. */
  readonly extension?: { readonly identifier: string; readonly extends: string };
  /** Compare instead of writing. */
  readonly check?: boolean;
}

export interface ImportResult {
  readonly file: string;
  readonly sha256: string;
  readonly definitions: number;
}

/**
 * Imports one schema: writes `<directory>/<name>.json` and the manifest. With `check`, writes nothing and compares.
 *
 * @throws GeneratorError `UNREADABLE_INPUT`, `NOT_A_SCHEMA`, or `STALE_OUTPUT` where `check` finds a difference.
 */
export async function importSchema(options: ImportOptions): Promise<ImportResult> {
  const text = await readSource(options.source);
  const schema = canonicalize(parseJson(text, options.source), options.source);
  const sha256 = createHash("sha256").update(text).digest("hex");
  const manifest = withEntry(await readManifestIfAny(options.directory), options, sha256);
  const file = join(options.directory, `${options.name}.json`);
  const outputs = [
    [file, printJson(schema)],
    [join(options.directory, "manifest.json"), printManifest(manifest)],
  ] as const;
  await (options.check === true ? compare(outputs) : write(options.directory, outputs));
  return { file, sha256, definitions: Object.keys(schema.$defs ?? {}).length };
}

/** Text of a file or of an http(s) URL. */
export async function readSource(source: string): Promise<string> {
  if (!/^https?:\/\//.test(source)) return await readText(source);
  let response: Response;
  try {
    response = await fetch(source);
  } catch (cause) {
    throw new GeneratorError("UNREADABLE_INPUT", "the URL could not be fetched; download the file and give its path", {
      source,
      cause,
    });
  }
  if (!response.ok) throw new GeneratorError("UNREADABLE_INPUT", `HTTP status ${response.status}`, { source });
  return await response.text();
}

function withEntry(manifest: Manifest, options: ImportOptions, sha256: string): Manifest {
  const source = /^https?:\/\//.test(options.source) ? options.source : basename(options.source);
  if (options.extension === undefined) {
    const entry: RevisionEntry = { revision: options.name, source, sha256 };
    return withRevision(manifest, entry);
  }
  const { identifier, extends: base } = options.extension;
  const entry: ExtensionEntry = { name: options.name, extension: identifier, extends: base, source, sha256 };
  return withExtension(manifest, entry);
}

async function write(directory: string, outputs: readonly (readonly [string, string])[]): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const [file, text] of outputs) await writeFile(file, text);
}

async function compare(outputs: readonly (readonly [string, string])[]): Promise<void> {
  for (const [file, text] of outputs) {
    if ((await readText(file)) !== text) {
      throw new GeneratorError("STALE_OUTPUT", "differs from what the source gives; run the import without --check", {
        source: file,
      });
    }
  }
}
