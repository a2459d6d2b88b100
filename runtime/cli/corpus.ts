/**
 * `mcpwire corpus`: labelled sample values for every definition of a revision, as JSON Lines, so that an implementation in any
 * language can test what it accepts and what it refuses.
 */

import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Command, InvalidArgumentError } from "commander";
import type { Model } from "../../codegen/model.js";
import { Failure } from "./failure.js";
import { nearest } from "./nearest.js";
import { loadModels, loadProject } from "./schemas.js";

export interface CorpusCommandOptions {
  /** A revision or a schema file; the newest revision if absent. */
  readonly revision?: string;
  readonly definition?: string;
  /** At most this many valid and invalid samples each, and this many mutations, of a definition. */
  readonly count?: number;
  readonly seed?: number;
  readonly mutations?: boolean;
}

/** Mutations of each definition where no count is given. */
const MUTATIONS = 50;

export function addCorpus(program: Command): void {
  program
    .command("corpus")
    .description("print sample values of the protocol's definitions, valid and invalid, as JSON Lines")
    .option("-r, --revision <revision>", "revision of the protocol, or a schema file (default: the newest revision)")
    .option("-d, --definition <name>", "one definition instead of all")
    .option("-n, --count <n>", "at most n valid, n invalid and n mutated values of each definition", wholeNumber)
    .option("-s, --seed <n>", "seed of the mutations (default: 1)", wholeNumber)
    .option("-m, --mutations", "add randomly changed values to the samples")
    .action(async (options: CorpusCommandOptions) => {
      await pipeline(Readable.from(await corpusLines(options)), process.stdout, { end: false });
    });
}

/**
 * The lines that the command prints, each with its line break.
 *
 * @throws Failure for a revision or a definition that does not exist, at once, not at the first line.
 */
export async function corpusLines(options: CorpusCommandOptions): Promise<Iterable<string>> {
  // The generator is loaded by the command that needs it alone: the rest of the command line starts without it.
  const { corpusOf } = await import("../../codegen/corpus/corpus.js");
  const model = await modelOf(options.revision);
  const { definition, count, seed } = options;
  if (definition !== undefined && !Object.hasOwn(model.definitions, definition))
    throw unknownDefinition(definition, model);
  const entries = corpusOf(model, {
    ...(definition === undefined ? {} : { definition }),
    ...(count === undefined ? {} : { samples: count }),
    ...(seed === undefined ? {} : { seed }),
    mutations: options.mutations === true ? (count ?? MUTATIONS) : 0,
  });
  return printed(entries);
}

async function modelOf(revision: string | undefined): Promise<Model> {
  const [model] = revision === undefined ? (await loadProject()).models.slice(-1) : await loadModels([revision]);
  if (model !== undefined) return model;
  throw new Failure({ what: "no revision is imported", where: "in schema/", wayOut: "see mcpwire import --help" });
}

function unknownDefinition(name: string, { revision, definitions }: Model): Failure {
  const meant = nearest(name, Object.keys(definitions));
  return new Failure({
    what: `${revision} has no definition ${JSON.stringify(name)}`,
    where: "on the command line",
    wayOut: meant === undefined ? "see the names without --definition" : `did you mean ${meant}?`,
  });
}

function* printed(entries: Iterable<unknown>): Generator<string> {
  for (const entry of entries) yield `${JSON.stringify(entry)}\n`;
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("Give a whole number.");
  return Number(text);
}
