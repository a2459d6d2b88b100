/** `mcpwire install`: shows exactly what a server would run, and starts it only after an explicit yes. */

import { readFileSync, statSync } from "node:fs";
import type { Command } from "commander";
import type { ConsentEntry, ConsentQuestion, Installation } from "../install/index.js";
import { visibleText } from "../terminal/visible.js";
import { EXIT_FINDINGS, Failure } from "./failure.js";
import { print } from "./output.js";

interface InstallFlags {
  readonly server?: string;
  readonly input: readonly string[];
  readonly inputEnv: readonly string[];
  readonly show?: boolean;
  readonly start: boolean;
  readonly list?: boolean;
  readonly revoke?: string;
  readonly json?: boolean;
}

const more = (value: string, before: readonly string[]): string[] => [...before, value];

export function addInstall(program: Command): void {
  program
    .command("install")
    .description("show what a server would run, ask for a yes, and start it")
    .argument("[source...]", "an installation link, a file (mcp.json, server.json), or -- and a command")
    .option("--server <name>", "which of several servers")
    .option("--input <id=value>", "a value that the server asks for; may be repeated", more, [])
    .option("--input-env <id=NAME>", "the same, from a variable: for secrets", more, [])
    .option("--show", "only show what would run, and what is dangerous about it")
    .option("--no-start", "only remember the yes")
    .option("--list", "show what was agreed to")
    .option("--revoke <id>", "take a yes back, by id or name")
    .option("--json", "print JSON, with --show and --list")
    .action(runInstall);
}

async function runInstall(words: readonly string[], flags: InstallFlags): Promise<void> {
  const install = await import("../install/index.js");
  try {
    if (flags.list === true) return await list(install, flags.json === true);
    if (flags.revoke !== undefined) return await revoke(install, flags.revoke);
    const installation = fill(install, choose(install.readInstallations(readSource(words)), flags.server), flags);
    if (flags.show === true) show(install, installation, flags.json === true);
    else await ask(install, installation, flags.start);
  } catch (error) {
    const failure = await told(error, words);
    if (failure !== undefined) throw failure;
  }
}

type Install = typeof import("../install/index.js");

/** What is on the command line: after `--` a command, before it a link or the name of a file. */
function readSource(words: readonly string[]): Parameters<Install["readInstallations"]>[0] {
  const [first, ...rest] = words;
  if (first === undefined) throw usage("nothing to install was given", "give a link, a file, or -- and a command");
  const dashes = process.argv.indexOf("--");
  if (dashes !== -1) {
    // What stands before the dashes would be taken for the program.
    if (words.length > process.argv.length - dashes - 1)
      throw usage(`there is both ${first} and a command`, "give a link or a file, or only -- and a command");
    return { command: first, args: rest, cwd: process.cwd() };
  }
  if (rest.length > 0)
    throw usage("there is more than one link or file", "write -- before a command, such as: install -- npx -y name");
  // A letter and a colon are a drive; everything else that begins like a URL is one.
  if (/^[a-z][a-z\d+.-]+:/i.test(first)) return first;
  const status = statSync(first);
  if (!status.isFile()) throw usage(`${first} is no file`, "give the file that holds the configuration");
  const { size } = status;
  if (size > 4_000_000) throw usage(`${first} has ${size} bytes`, "no configuration is that long");
  return readFileSync(first, "utf8");
}

function choose(found: readonly Installation[], name: string | undefined): Installation {
  const [only, another] = name === undefined ? found : found.filter((one) => one.name === name);
  if (only !== undefined && another === undefined) return only;
  const names = found.map((one) => one.name).join(", ");
  if (only === undefined) throw usage(`there is no server ${name}`, `there are: ${names}`);
  throw usage(`there are several servers: ${names}`, "choose one by --server");
}

function fill(install: Install, installation: Installation, { input, inputEnv }: InstallFlags): Installation {
  const pairs = (texts: readonly string[]): [string, string][] =>
    texts.map((text) => {
      const at = text.indexOf("=");
      if (at < 1) throw usage("an input is not written as id=value", "see mcpwire install --help");
      return [text.slice(0, at), text.slice(at + 1)];
    });
  const fromEnv = pairs(inputEnv).map(([id, name]): [string, string] => {
    const value = process.env[name];
    if (value === undefined) throw usage(`the variable ${name} is not set`, "set it, or use --input");
    return [id, value];
  });
  return install.fillInputs(installation, Object.fromEntries([...pairs(input), ...fromEnv]));
}

/** Nothing is asked, and what is missing may be missing. */
function show(install: Install, installation: Installation, json: boolean): void {
  const { view, findings, missing } = install.previewInstallation(installation);
  if (json) printAscii({ view, findings, missing });
  else print(install.consentText(view));
  for (const { id, description, secret } of json ? [] : missing)
    print(`\nIt also needs ${visibleText(id)}${secret ? ", a secret" : ""}: ${visibleText(description)}`);
}

async function ask(install: Install, installation: Installation, start: boolean): Promise<void> {
  const { askConsent } = await import("../terminal/index.js");
  const dialog = async ({ view }: ConsentQuestion): Promise<boolean> => {
    const text = `${install.consentText(view)}\n`;
    const answer = await askConsent(text);
    if (answer === "no-terminal") process.stderr.write(`${text}\nThere is no terminal to ask at.\n`);
    return answer === "yes";
  };
  const command = await install.createConsent({ ask: dialog }).allow(installation);
  if (!start) return print("Agreed. Nothing was started.");
  const { connect } = await import("../client/index.js");
  const client = await connect(command, { restart: false });
  try {
    const { serverInfo, serverCapabilities, revision } = client.peer;
    const tools = serverCapabilities.tools === undefined ? [] : await client.listTools();
    print(visibleText(`${serverInfo?.name ?? installation.name} ${serverInfo?.version ?? ""}`.trim()));
    print(`revision ${revision}, ${tools.length} ${tools.length === 1 ? "tool" : "tools"}`);
    for (const { name } of tools) print(`  ${visibleText(name)}`);
  } finally {
    await client.close();
  }
}

async function list(install: Install, json: boolean): Promise<void> {
  const entries = await install.createFileConsentStore().list();
  if (json) return printAscii(entries.map(({ salt: _salt, digest: _digest, ...entry }) => entry));
  print(entries.length === 0 ? "Nothing was agreed to." : entries.map(lineOf).join("\n"));
}

async function revoke(install: Install, idOrName: string): Promise<void> {
  const consent = install.createConsent({ ask: () => false });
  const revoked = await consent.revoke(idOrName);
  if (revoked.length === 0) throw usage(`nothing was agreed to as ${idOrName}`, "see mcpwire install --list");
  for (const entry of revoked) print(`revoked ${lineOf(entry)}`);
}

/** JSON for programs, in which a terminal finds nothing to obey. */
function printAscii(value: unknown): void {
  const unicode = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  print(JSON.stringify(value, null, 2).replaceAll(/[\u007f-\uffff]/g, unicode));
}

function lineOf({ id, name, agreedAt, program, args }: ConsentEntry): string {
  return `${id}  ${agreedAt.slice(0, 10)}  ${visibleText(name)}: ${[program, ...args].map(visibleText).join(" ")}`;
}

function usage(what: string, wayOut: string): Failure {
  return new Failure({ what, where: "on the command line", wayOut });
}

/** What went wrong, for the line on stderr: texts of strangers in it are written out. */
async function told(error: unknown, words: readonly string[]): Promise<unknown> {
  const { McpWireError } = await import("../errors.js");
  if (error instanceof Failure) {
    const { what, where, wayOut } = error.parts;
    return new Failure({
      what: visibleText(what),
      where: visibleText(where),
      wayOut: visibleText(wayOut),
      cause: error,
    });
  }
  if (!(error instanceof McpWireError)) return error;
  if (error.code === "CONSENT_REFUSED") {
    process.stderr.write(`${visibleText(error.message)}\n`);
    process.exitCode = EXIT_FINDINGS;
    return undefined;
  }
  const where = process.argv.includes("--") ? "in the command" : visibleText((words[0] ?? "the list").slice(0, 100));
  return new Failure({ what: `${where}: ${visibleText(error.message)}`, where: "", wayOut: "", cause: error });
}
