/** `mcpwire import`: an upstream schema becomes a file of the project. */

import { type Command, Option } from "commander";
import { Failure } from "./failure.js";
import { print } from "./output.js";

interface ImportFlags {
  readonly revision?: string;
  readonly extension?: string;
  readonly extends?: string;
  readonly out: string;
  readonly check?: boolean;
}

export function addImport(program: Command): void {
  program
    .command("import")
    .description("import an upstream schema.json into the folder of schemas")
    .argument("<schema>", "path or http(s) URL of the schema.json")
    .option("--revision <name>", "revision that the schema defines, for example 2026-07-28")
    .addOption(
      new Option("--extension <id>", "identifier of the extension, where the schema is an extension's").conflicts(
        "revision",
      ),
    )
    .option("--extends <revision>", "revision that the extension adds to")
    .option("--out <folder>", "folder of the schemas", "schema")
    .option("--check", "write nothing; exit 1 where the folder differs from what the source gives")
    .action(runImport);
}

async function runImport(source: string, flags: ImportFlags): Promise<void> {
  const target = targetOf(flags);
  if (/^https?:/.test(source) && process.stderr.isTTY) process.stderr.write(`fetching ${source}\n`);
  const { importSchema } = await import("../../codegen/import.js");
  const { file, sha256, definitions } = await importSchema({
    source,
    directory: flags.out,
    ...target,
    ...(flags.check === undefined ? {} : { check: flags.check }),
  });
  const done = flags.check === true ? "is up to date" : "imported";
  print(`${file} ${done}: ${definitions} definitions, sha256 ${sha256}`);
}

interface Target {
  readonly name: string;
  readonly extension?: { readonly identifier: string; readonly extends: string };
}

function targetOf(flags: ImportFlags): Target {
  const { revision, extension, extends: base } = flags;
  if (revision !== undefined) {
    if (base !== undefined)
      throw badFlags("--extends without --extension", "give --extension <id> --extends <revision>");
    return { name: fileName(revision, "--revision") };
  }
  if (extension === undefined) throw badFlags("no --revision given", "give --revision <name>, for example 2026-07-28");
  if (base === undefined) throw badFlags("--extension without --extends", "give --extends <revision> as well");
  const last = extension.split("/").at(-1) ?? "";
  return { name: `ext-${fileName(last, "--extension")}`, extension: { identifier: extension, extends: base } };
}

/** The name becomes a file's, so it must stay inside the folder. */
function fileName(name: string, flag: string): string {
  if (/^\w[\w.-]*$/.test(name)) return name;
  throw badFlags(`${flag} ${JSON.stringify(name)} is no name`, "use letters, digits, dots and dashes");
}

function badFlags(what: string, wayOut: string): Failure {
  return new Failure({ what, where: "on the command line", wayOut });
}
