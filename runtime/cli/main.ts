#!/usr/bin/env node
/** The command line. Each command is a file that registers itself and loads what it needs only when it runs. */

import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { addCorpus } from "./corpus.js";
import { addDiff } from "./diff.js";
import { Failure, report } from "./failure.js";
import { addGenerate } from "./generate.js";
import { addImport } from "./import.js";
import { addInstall } from "./install.js";
import { endQuietlyOnClosedPipe } from "./output.js";
import { packageFile } from "./package-root.js";
import { addRevisions } from "./revisions.js";
import { addValidate } from "./validate.js";

/** Every command, in the order of the help. */
const COMMANDS: readonly ((program: Command) => void)[] = [
  addGenerate,
  addImport,
  addDiff,
  addValidate,
  addRevisions,
  addCorpus,
  addInstall,
];

/** The program with all commands, which throws instead of ending the process. */
function createProgram(): Command {
  const program = new Command("mcpwire")
    .description("Types, validators and method maps of the Model Context Protocol, from its schemas")
    .version(readVersion())
    .option("--debug", "show the stack trace of a failure")
    .showSuggestionAfterError(true)
    .configureOutput({ outputError: () => undefined })
    .exitOverride();
  for (const add of COMMANDS) add(program);
  return program;
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(packageFile("package.json"), "utf8")) as { version: string };
  return version;
}

/** Help and version end well; every other complaint about the arguments is bad usage. */
function usageFailure(error: CommanderError, program: Command): Failure | undefined {
  if (error.exitCode === 0) return undefined;
  const command = program.commands.find((known) => known.name() === process.argv[2]);
  const help = command === undefined ? "mcpwire --help" : `mcpwire ${command.name()} --help`;
  const what = error.code === "commander.help" ? "no command given" : error.message.replace(/^error: /, "");
  return new Failure({ what, where: "on the command line", wayOut: `see ${help}` });
}

async function main(): Promise<void> {
  endQuietlyOnClosedPipe();
  const program = createProgram();
  try {
    await program.parseAsync();
  } catch (error) {
    const failure = error instanceof CommanderError ? usageFailure(error, program) : error;
    if (failure !== undefined) process.exitCode = report(failure);
  }
}

await main();
