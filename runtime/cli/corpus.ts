/**
 * `mcpwire corpus`: labelled sample values for every definition of a revision, as JSON Lines, so that an implementation in any
 * language can test what it accepts and what it refuses.
 */

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { type Command, InvalidArgumentError } from "commander";

export interface CorpusCommandOptions {
  /** The newest revision if absent. */
  readonly revision?: string;
  readonly definition?: string;
  /** At most this many valid and invalid samples each, and this many mutations, of a definition. */
  readonly count?: number;
  readonly seed?: number;
  readonly mutations?: boolean;
}

/** Mutations of each definition where no count is given. */
const MUTATIONS = 50;

/** Adds the command to the program. A revision or definition that does not exist ends the program with status 2. */
export function addCorpus(program: Command): void {
  program
    .command("corpus")
    .description("print sample values of the protocol's definitions, valid and invalid, as JSON Lines")
    .option("-r, --revision <revision>", "revision of the protocol (default: the newest)")
    .option("-d, --definition <name>", "one definition instead of all")
    .option("-n, --count <n>", "at most n valid, n invalid and n mutated values of each definition", wholeNumber)
    .option("-s, --seed <n>", "seed of the mutations (default: 1)", wholeNumber)
    .option("-m, --mutations", "add randomly changed values to the samples")
    .action(async (options: CorpusCommandOptions, command: Command) => {
      try {
        await print(await corpusLines(options));
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        command.error(`mcpwire corpus: ${error.message}`, { exitCode: 2 });
      }
    });
}

/**
 * The lines that the command prints, each with its line break.
 *
 * @throws GeneratorError `UNKNOWN_REVISION` or `UNKNOWN_REFERENCE`, at once, not at the first line.
 */
export async function corpusLines(options: CorpusCommandOptions): Promise<Iterable<string>> {
  // The generator is loaded by the command that needs it alone: the rest of the command line starts without it.
  const { readProject } = await import("../../codegen/read.js");
  const { corpusOf } = await import("../../codegen/corpus/corpus.js");
  const { samplesOf } = await import("../../codegen/corpus/samples.js");
  const { GeneratorError } = await import("../../codegen/errors.js");
  const { models } = await readProject(schemaDirectory());
  const model =
    options.revision === undefined ? models.at(-1) : models.find((one) => one.revision === options.revision);
  if (model === undefined) {
    const known = models.map((one) => one.revision).join(", ");
    throw new GeneratorError("UNKNOWN_REVISION", `no revision ${options.revision}; there are ${known}`);
  }
  const { definition, count, seed } = options;
  if (definition !== undefined) samplesOf(model, definition);
  const entries = corpusOf(model, {
    ...(definition === undefined ? {} : { definition }),
    ...(count === undefined ? {} : { samples: count }),
    ...(seed === undefined ? {} : { seed }),
    mutations: options.mutations === true ? (count ?? MUTATIONS) : 0,
  });
  return printed(entries);
}

function* printed(entries: Iterable<unknown>): Generator<string> {
  for (const entry of entries) yield `${JSON.stringify(entry)}\n`;
}

/** A reader that has seen enough (`mcpwire corpus | head`) closes the pipe; that is no failure. */
async function print(lines: Iterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(lines), process.stdout, { end: false });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) throw error;
  }
}

/** `schema/` of the package: beside `runtime/` in the sources, one level further up in what is published. */
function schemaDirectory(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, "schema", "manifest.json")) && directory !== dirname(directory)) {
    directory = dirname(directory);
  }
  return join(directory, "schema");
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("Give a whole number.");
  return Number(text);
}
