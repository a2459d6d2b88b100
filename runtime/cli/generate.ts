/** `mcpwire generate`: code from schemas, for this project's revisions or for a schema file of the user's own. */

import { existsSync } from "node:fs";
import type { Command } from "commander";
import { Failure } from "./failure.js";
import { print } from "./output.js";

interface GenerateFlags {
  readonly check?: boolean;
  readonly schema?: string;
  readonly revision?: string;
  readonly out?: string;
}

export function addGenerate(program: Command): void {
  program
    .command("generate")
    .description("generate types, guards, method tables and metamodel from schemas")
    .option("--check", "write nothing; exit 1 where the output differs from what the schemas give")
    .option("--schema <file>", "one schema.json instead of the folder schema/")
    .option("--revision <name>", "name of the revision that --schema defines")
    .option("--out <folder>", "folder to write (with --schema; else generated/)")
    .action(runGenerate);
}

async function runGenerate(flags: GenerateFlags): Promise<void> {
  const began = performance.now();
  const check = flags.check === true;
  const { files, out } = await (flags.schema === undefined
    ? generateAll(flags, check)
    : generateSchema(flags, flags.schema, check));
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  print(
    check
      ? `${out} is what the schemas give: ${files} files, ${seconds} s`
      : `wrote ${out}: ${files} files, ${seconds} s`,
  );
}

interface Generated {
  readonly files: number;
  readonly out: string;
}

async function generateAll({ out = "generated", revision }: GenerateFlags, check: boolean): Promise<Generated> {
  if (revision !== undefined) throw usage("--revision names what --schema defines", "give --schema too");
  if (!existsSync("schema/manifest.json")) {
    throw new Failure({
      what: "no schemas here",
      where: "schema/manifest.json",
      wayOut: "give --schema FILE --revision R --out DIR, or import schemas first: mcpwire import --help",
    });
  }
  const { generateProject } = await loadGenerator();
  const onProgress = (done: string): void => void (process.stderr.isTTY && process.stderr.write(`${done} done\n`));
  const { files } = await generateProject({ schemas: "schema", out, check, onProgress });
  return { files, out };
}

async function generateSchema({ revision, out }: GenerateFlags, schema: string, check: boolean): Promise<Generated> {
  if (revision === undefined)
    throw usage("--schema needs --revision", "name the revision, for example --revision draft");
  if (out === undefined) throw usage("--schema needs --out", "name the folder to write, for example --out mcp");
  const { generateOne } = await loadGenerator();
  const { files } = await generateOne({ schema, revision, out, check });
  return { files, out };
}

function usage(what: string, wayOut: string): Failure {
  return new Failure({ what, where: "on the command line", wayOut });
}

/** The generator needs two packages that only those who generate have to install. */
async function loadGenerator(): Promise<typeof import("../../codegen/main.js")> {
  try {
    return await import("../../codegen/main.js");
  } catch (cause) {
    const missing = cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND";
    if (!missing) throw cause;
    throw new Failure({
      what: "the generator's packages are not installed",
      where: cause.message.replaceAll(/\s+/g, " "),
      wayOut: "npm install --save-dev ts-morph@28 json-schema-to-typescript@16",
      cause,
    });
  }
}
