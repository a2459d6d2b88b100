/**
 * A question to the person at the terminal. Nothing but an explicit yes is one: silence, an empty line, the end of input and a process
 * without a terminal are not.
 */

import { createInterface } from "node:readline";
import { visibleText } from "./visible.js";

/** How somebody answered: said `yes`, said anything else, went away or could no longer be asked, or cannot be asked here. */
export type Consent = "yes" | "no" | "dismissed" | "no-terminal";

/** Where to ask. */
export interface AskOptions {
  /** Where answers are read, a line each. Default: this process's stdin. */
  readonly input?: NodeJS.ReadableStream;
  /** Where the question is written. Default: this process's stderr, since stdout belongs to what programs read. */
  readonly output?: NodeJS.WritableStream;
  /** Whether a person is there. Default: both streams are terminals. */
  readonly terminal?: boolean;
  /** Takes the question back; the answer is then `"dismissed"`. */
  readonly signal?: AbortSignal | undefined;
}

/** The last question on each input. Two at once would read each other's answers. */
const asking = new WeakMap<NodeJS.ReadableStream, Promise<unknown>>();

/**
 * Asks, and says whether the answer was `yes`, in whatever case. Everything else is no.
 *
 * The question is written as it is: text of others goes through {@link visibleText} first.
 */
export async function askYesNo(question: string, options: AskOptions = {}): Promise<boolean> {
  return (await askConsent(question, options)) === "yes";
}

/** As {@link askYesNo}, and tells a no from nobody having answered. Questions on one input wait for each other. */
export function askConsent(question: string, options: AskOptions = {}): Promise<Consent> {
  const { input = process.stdin, output = process.stderr } = options;
  if (!(options.terminal ?? (isTerminal(input) && isTerminal(output)))) return Promise.resolve("no-terminal");
  const before = asking.get(input) ?? Promise.resolve();
  const answer = before.then(() => askLine(question, input, output, options.signal));
  const settled = answer.then(
    () => undefined,
    () => undefined,
  );
  asking.set(input, settled);
  return answer;
}

function isTerminal(stream: object): boolean {
  return "isTTY" in stream && stream.isTTY === true;
}

/** Milliseconds in which what arrives at a terminal was meant for something else: nobody has read the question by then. */
const TYPED_AHEAD_MS = 500;

/** Drops what was typed, or pasted along with a command, before the question could be seen: a yes in it is none. */
async function dropTyped(input: NodeJS.ReadableStream, signal: AbortSignal | undefined): Promise<void> {
  const ignore = (): void => undefined;
  input.on("data", ignore);
  await new Promise<void>((resolve) => {
    const over = (): void => {
      clearTimeout(timer);
      input.off("end", over);
      input.off("error", over);
      signal?.removeEventListener("abort", over);
      resolve();
    };
    const timer = setTimeout(over, TYPED_AHEAD_MS);
    input.once("end", over).once("error", over);
    signal?.addEventListener("abort", over, { once: true });
  });
  input.off("data", ignore);
  input.pause();
}

async function askLine(
  question: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  signal: AbortSignal | undefined,
): Promise<Consent> {
  if (signal?.aborted || !input.readable) return "dismissed";
  output.write(`${question}\n`);
  if (isTerminal(input)) await dropTyped(input, signal);
  if (signal?.aborted || !input.readable) {
    output.write("\n");
    return "dismissed";
  }
  // The terminal edits the line itself: what is typed never acts as a key of this program.
  const lines = createInterface({ input, output, terminal: false });
  const ended = new AbortController();
  return await new Promise<Consent>((resolve, reject) => {
    const giveUp = (): void => {
      if (ended.signal.aborted) return;
      output.write("\n");
      resolve("dismissed");
    };
    lines.once("line", (line) => resolve(read(line, output)));
    lines.once("close", giveUp);
    // Of the input, passed on.
    lines.once("error", reject);
    signal?.addEventListener("abort", giveUp, { once: true, signal: ended.signal });
    output.write('Type "yes" to agree: ');
  }).finally(() => {
    ended.abort();
    lines.close();
  });
}

function read(line: string, output: NodeJS.WritableStream): Consent {
  const said = line.trim();
  if (said.toLowerCase() === "yes") return "yes";
  if (!/^(no?)?$/i.test(said)) output.write(`"${visibleText(said)}" is taken as a no.\n`);
  return "no";
}
