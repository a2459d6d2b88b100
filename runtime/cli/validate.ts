/** `mcpwire validate`: a recorded conversation, message by message, against the revision that it speaks. */

import type { Command } from "commander";
import type { ConversationChecker, Report } from "../protocol/conversation.js";
import { EXIT_FINDINGS, Failure } from "./failure.js";
import { type Colors, colorsFor, print } from "./output.js";
import type { Entry } from "./recording.js";
import { unknownRevision } from "./schemas.js";

interface ValidateFlags {
  readonly revision: string;
  readonly json?: boolean;
  readonly maxLine: string;
}

export function addValidate(program: Command): void {
  program
    .command("validate")
    .description("check a recorded conversation: JSON Lines of messages, or of { from, message }")
    .argument("[file]", "the recording, or - for standard input", "-")
    .option("--revision <name>", "revision to check against; auto learns it from the conversation", "auto")
    .option("--json", "print JSON Lines: a verdict for each message, then a summary")
    .option("--max-line <bytes>", "longest line that is read", String(32 * 1024 * 1024))
    .action(runValidate);
}

interface Tally {
  messages: number;
  misfits: number;
  unusable: number;
}

async function runValidate(source: string, flags: ValidateFlags): Promise<void> {
  const { readRecording } = await import("./recording.js");
  const checker = await createChecker(flags.revision);
  const printer = flags.json === true ? printJsonEntry : createTextPrinter(colorsFor());
  const tally: Tally = { messages: 0, misfits: 0, unusable: 0 };
  const progress = createProgress(tally);
  for await (const entry of readRecording({ source, maxLineBytes: bytesOf(flags.maxLine) })) {
    progress.tick();
    const report = "recorded" in entry ? checker.feed(entry.recorded) : undefined;
    if (report === undefined) tally.unusable++;
    else tally.messages++;
    if (report?.ok === false) tally.misfits++;
    printer(entry, report);
  }
  progress.end();
  if (tally.messages === 0) throw noMessages(source, tally);
  summarize(checker, tally, flags.json === true);
  if (tally.misfits + tally.unusable > 0) process.exitCode = EXIT_FINDINGS;
}

async function createChecker(revision: string): Promise<ConversationChecker> {
  const { createConversationChecker, revisions } = await import("../index.js");
  if (revision === "auto") return createConversationChecker();
  const known = revisions.find((each) => each.revision === revision)?.revision;
  if (known !== undefined) return createConversationChecker({ revision: known });
  const names = revisions.map((each) => each.revision);
  throw unknownRevision(revision, names, "auto");
}

function bytesOf(text: string): number {
  const bytes = Number(text);
  if (Number.isInteger(bytes) && bytes > 0) return bytes;
  throw new Failure({
    what: `--max-line must be a number of bytes, not ${JSON.stringify(text)}`,
    where: "on the command line",
    wayOut: "give a whole number, for example 33554432",
  });
}

type EntryPrinter = (entry: Entry, report: Report | undefined) => void;

const printJsonEntry: EntryPrinter = (entry, report) => {
  print(JSON.stringify(report === undefined ? entry : { line: entry.line, ...report }));
};

/** Only what is wrong is printed, one line for each reason. */
function createTextPrinter(colors: Colors): EntryPrinter {
  return (entry, report) => {
    const place = colors.bold(`line ${entry.line}`);
    if ("problem" in entry) print(`${place}: ${colors.red(entry.problem)}`);
    if (report === undefined || report.ok) return;
    const what = [report.from, report.kind, report.method].filter((part) => part !== undefined).join(" ");
    for (const { pointer, expected, actual } of report.failures) {
      const where = colors.cyan(pointer === "" ? "the message" : pointer);
      print(`${place}: ${what}: ${where}: expected ${expected}, found ${colors.red(actual)} (${report.code})`);
    }
  };
}

function summarize(checker: ConversationChecker, tally: Tally, json: boolean): void {
  const revision = checker.revision;
  const unanswered = checker.pending();
  if (json) {
    print(JSON.stringify({ summary: { ...tally, revision: revision ?? null, unanswered } }));
    return;
  }
  const { misfits, messages, unusable } = tally;
  const spoken = revision === undefined ? "the revision was never said" : `revision ${revision}`;
  const verdict = misfits === 0 ? "all fit" : `${misfits} ${misfits === 1 ? "does" : "do"} not fit`;
  const lines = unusable === 0 ? "" : `; ${unusable} ${unusable === 1 ? "line" : "lines"} could not be used`;
  const open =
    unanswered.length === 0
      ? ""
      : `; without an answer: ${unanswered.map(({ method, id }) => `${method} (${id})`).join(", ")}`;
  print(`${messages} ${messages === 1 ? "message" : "messages"}, ${spoken}: ${verdict}${lines}${open}`);
}

function noMessages(source: string, { unusable }: Tally): Failure {
  const where = source === "-" ? "standard input" : source;
  const what = unusable === 0 ? "no messages" : "no line is a message";
  return new Failure({ what, where, wayOut: 'give JSON Lines of messages or of {"from":"client","message":{…}}' });
}

/** A count on the terminal once the work takes over a second. */
function createProgress(tally: Tally): { tick(): void; end(): void } {
  const began = Date.now();
  let shown = began;
  return {
    tick() {
      const now = Date.now();
      if (!process.stderr.isTTY || now - began < 1000 || now - shown < 200) return;
      shown = now;
      process.stderr.write(`\r${tally.messages} messages`);
    },
    end() {
      if (shown !== began) process.stderr.write("\r\u001b[K");
    },
  };
}
