/** Reads a recorded conversation: JSON Lines of bare messages or of `{ from, message }`, or one JSON document with a list of them. */

import { open } from "node:fs/promises";
import type { MessageError } from "../errors.js";
import type { Recorded } from "../protocol/conversation.js";
import { createLineReader } from "../transport/lines.js";
import { Failure } from "./failure.js";

/** What stands at one place of a recording: a message, or why there is none. */
export type Entry =
  | { readonly line: number; readonly recorded: Recorded }
  | { readonly line: number; readonly problem: string };

export interface RecordingOptions {
  /** Path of the file, or `-` for standard input. */
  readonly source: string;
  /** Bytes that one line may have. */
  readonly maxLineBytes: number;
}

/** A document that is written over several lines is read whole, up to this size. */
const MAX_DOCUMENT_BYTES = 64 * 1024 * 1024;

/**
 * The entries of a recording, in order. What cannot be read is an entry with the reason, and the rest is read on.
 *
 * @throws Failure where the source cannot be opened or is no UTF-8 text at all.
 */
export async function* readRecording(options: RecordingOptions): AsyncGenerator<Entry> {
  const document: Buffer[] = [];
  const lines = createEntryLines(options.maxLineBytes);
  let bytes = 0;
  let held: Entry[] | undefined = [];
  for await (const chunk of chunksOf(options.source)) {
    if (bytes === 0) refuseOtherEncodings(chunk, options.source);
    bytes += chunk.length;
    if (bytes <= MAX_DOCUMENT_BYTES) document.push(chunk);
    const entries = lines.push(chunk);
    // A document over several lines shows itself by its first line, which is no JSON by itself.
    if (held !== undefined) held.push(...entries);
    else yield* entries;
    if (held !== undefined && ((held[0] !== undefined && "recorded" in held[0]) || bytes > MAX_DOCUMENT_BYTES)) {
      yield* held;
      held = undefined;
    }
  }
  const rest = lines.end();
  if (held === undefined) yield* rest;
  else yield* documentEntries(Buffer.concat(document)) ?? [...held, ...rest];
}

async function* chunksOf(source: string): AsyncGenerator<Buffer> {
  if (source === "-") {
    for await (const chunk of process.stdin) yield chunk as Buffer;
    return;
  }
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(source);
  } catch (cause) {
    const missing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    const what = missing
      ? "no such file"
      : `cannot be opened (${cause instanceof Error ? cause.message : String(cause)})`;
    throw new Failure({ what, where: source, wayOut: "give the path of a recording, or - for standard input", cause });
  }
  for await (const chunk of file.createReadStream()) yield chunk as Buffer;
}

/** UTF-16 and UTF-32 have a mark or zero bytes at once; JSON in UTF-8 has neither. */
function refuseOtherEncodings(chunk: Buffer, source: string): void {
  const [first, second] = chunk;
  const marked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (!marked && !chunk.subarray(0, 4).includes(0)) return;
  throw new Failure({
    what: "not UTF-8 (it looks like UTF-16 or UTF-32)",
    where: `${source === "-" ? "standard input" : source}, byte 0`,
    wayOut: "convert it, for example with iconv -t UTF-8",
  });
}

interface EntryLines {
  push(chunk: Buffer): Entry[];
  end(): Entry[];
}

function createEntryLines(maxLineBytes: number): EntryLines {
  let entries: Entry[] = [];
  const reader = createLineReader(
    {
      onmessage: (message) => entries.push(entryOf(message, reader.line)),
      onerror: (error) => entries.push({ line: error.place?.line ?? 0, problem: problemOf(error) }),
    },
    { maxLineBytes },
  );
  const take = (act: () => void): Entry[] => {
    entries = [];
    act();
    return entries;
  };
  return { push: (chunk) => take(() => reader.push(chunk)), end: () => take(() => reader.end()) };
}

/** The reader speaks of a peer and its stream; here it is a file. */
function problemOf({ code, place, cause }: MessageError): string {
  const reason = cause instanceof Error ? `: ${cause.message.replaceAll(/\s+/g, " ")}` : "";
  switch (code) {
    case "TOO_LARGE":
      return "too long; raise --max-line to read it";
    case "NOT_UTF8":
      return `not UTF-8, from byte ${place?.byte ?? 0} of the file; convert it, for example with iconv -t UTF-8`;
    case "CUT_OFF":
      return `the last line is cut off, or no JSON${reason}`;
    default:
      return `not JSON${reason}`;
  }
}

function entryOf(value: unknown, line: number): Entry {
  const wrapped = typeof value === "object" && value !== null && "message" in value && !("jsonrpc" in value);
  if (!wrapped) return { line, recorded: { message: value } };
  const from = "from" in value ? value.from : undefined;
  if (from === undefined) return { line, recorded: { message: value.message } };
  if (from === "client" || from === "server") return { line, recorded: { from, message: value.message } };
  return { line, problem: `"from" must be "client" or "server", not ${JSON.stringify(from)}` };
}

/** The entries of one JSON document; undefined where the bytes are none, or stand on one line. */
function documentEntries(bytes: Buffer): Entry[] | undefined {
  const text = bytes.toString("utf8").trim();
  if (!text.includes("\n")) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    // The lines have said what is wrong with them already.
    return undefined;
  }
  return (Array.isArray(value) ? value : [value]).map((item) => entryOf(item, 1));
}
