/**
 * `npm run spec:bump -- <schema.json> --revision R`: a new revision of the specification, up to the point where people are
 * needed. Imports, generates, writes the diff as a changeset, and lets the compiler say what the runtime has to answer for.
 */

import { execFile } from "node:child_process";
import { realpathSync } from "node:fs";
import { copyFile, cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { diffModels, renderMarkdown } from "./diff.js";
import { GeneratorError } from "./errors.js";
import { importSchema } from "./import.js";
import { generateProject } from "./main.js";
import type { Model } from "./model.js";
import { METHODS } from "./overlay/methods.js";
import { readProject } from "./read.js";

export interface BumpOptions {
  /** Path or http(s) URL of the upstream schema. */
  readonly source: string;
  readonly revision: string;
  /** The project's root. */
  readonly root: string;
}

export interface BumpReport {
  /** The revision before, which the changeset compares with; absent for the first of all. */
  readonly previous?: string;
  /** Number of generated files. */
  readonly files: number;
  /** Path of the changeset, from the root. */
  readonly changeset: string;
  /** Methods that no earlier revision has and no row of the overlay says anything about. */
  readonly rowless: readonly string[];
  /** The compiler's complaints. */
  readonly todo: readonly string[];
}

/**
 * Bumps a project. The schema is tried on a copy of the folder first, so that an unusable one changes nothing.
 *
 * @throws GeneratorError from any phase.
 */
export async function bump({ source, revision, root }: BumpOptions): Promise<BumpReport> {
  const schemas = join(root, "schema");
  const models = await stage(source, revision, schemas);
  const index = models.findIndex((model) => model.revision === revision);
  const [previous, model] = [models[index - 1], models[index] as Model];
  const { files } = await generateProject({ schemas, out: join(root, "generated") });
  const changeset = join(".changeset", `spec-${revision}.md`);
  await mkdir(join(root, ".changeset"), { recursive: true });
  await writeFile(join(root, changeset), changesetOf(previous, model));
  return {
    ...(previous === undefined ? {} : { previous: previous.revision }),
    files,
    changeset,
    rowless: rowlessMethods(model, models.slice(0, index)),
    todo: await typeCheck(root),
  };
}

/** Imports into a copy, builds every model from it, and only then takes the new files over. */
async function stage(source: string, revision: string, schemas: string): Promise<readonly Model[]> {
  const folder = await mkdtemp(join(tmpdir(), "mcpwire-bump-"));
  try {
    await mkdir(schemas, { recursive: true });
    await cp(schemas, folder, { recursive: true });
    await importSchema({ source, name: revision, directory: folder });
    const { models } = await readProject(folder);
    for (const file of [`${revision}.json`, "manifest.json"]) await copyFile(join(folder, file), join(schemas, file));
    return models;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function changesetOf(previous: Model | undefined, model: Model): string {
  const body = previous === undefined ? "" : `\n${renderMarkdown(diffModels(previous, model), { level: 3 })}`;
  return `---\n"mcpwire": minor\n---\n\nRevision ${model.revision} of the specification.\n${body}`;
}

function rowlessMethods(model: Model, earlier: readonly Model[]): string[] {
  const known = new Set(earlier.flatMap((older) => older.methods.map((method) => method.method)));
  return model.methods.map(({ method }) => method).filter((method) => !known.has(method) && !(method in METHODS));
}

/** The errors of the project's own compiler, one a line. */
async function typeCheck(root: string): Promise<string[]> {
  const manifest = createRequire(join(root, "package.json")).resolve("typescript/package.json");
  const compiler = join(dirname(manifest), "bin", "tsc");
  const options = ["--noEmit", "--pretty", "false", "-p", "tsconfig.json"];
  const { failed, output } = await new Promise<{ failed: boolean; output: string }>((done) => {
    execFile(process.execPath, [compiler, ...options], { cwd: root, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      done({ failed: error !== null, output: `${stdout}${stderr}` });
    });
  });
  const errors = output.split(/\r?\n/).filter((line) => /\berror TS\d+:/.test(line));
  return failed && errors.length === 0 ? [`the compiler failed: ${output.trim()}`] : errors;
}

const USAGE = "usage: npm run spec:bump -- <schema.json | URL> --revision <name>";

/** Exit code 0 where nothing is to do, 1 where the compiler has a list, 2 for input that cannot be used. */
async function main(): Promise<number> {
  const options = argumentsOf(process.argv.slice(2));
  if (options === undefined) {
    process.stderr.write(`spec:bump: ${USAGE}\n`);
    return 2;
  }
  try {
    const report = await bump(options);
    process.stdout.write(reportText(options.revision, report));
    return report.todo.length === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof GeneratorError)) throw error;
    process.stderr.write(`spec:bump: ${error.message}\n`);
    return 2;
  }
}

function argumentsOf(args: string[]): BumpOptions | undefined {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { revision: { type: "string" } },
    });
    const [source, ...others] = positionals;
    const { revision } = values;
    if (source === undefined || others.length > 0 || revision === undefined || !/^\w[\w.-]*$/.test(revision))
      return undefined;
    return { source, revision, root: resolve(".") };
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function reportText(revision: string, { previous, files, changeset, rowless, todo }: BumpReport): string {
  const lines = [
    `imported ${revision}, generated ${files} files`,
    `wrote ${changeset}${previous === undefined ? "" : `: the diff against ${previous}`}`,
  ];
  if (rowless.length > 0) {
    lines.push("", "no row in codegen/overlay/methods.ts, so capability and header mirror are unknown:");
    lines.push(...rowless.map((method) => `  ${method}`));
  }
  lines.push("", todo.length === 0 ? "nothing to do: the runtime type-checks" : `to do (${todo.length}):`);
  return `${[...lines, ...todo.map((each) => `  ${each}`)].join("\n")}\n`;
}

const script = process.argv[1];
const isEntry = script !== undefined && import.meta.url === pathToFileURL(realpathSync(script)).href;
if (isEntry) process.exitCode = await main();
