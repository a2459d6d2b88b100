/**
 * Cuts a stream of bytes into JSON messages, one a line, in time linear in the bytes whatever the sizes of lines and chunks.
 * Requirements STDIO-03 to STDIO-06, STDIO-14, SEC-42. Other byte streams (sockets) can use it as it is (STDIO-47).
 */

import { MessageError } from "../errors.js";
import { isUtf8 } from "./encodings.js";
import { createPieces } from "./pieces.js";

/** Default of {@link LineLimits.maxLineBytes}: 64 MiB. */
export const DEFAULT_MAX_LINE_BYTES: number = 64 * 1024 * 1024;

/** A string of V8 can hold no more than this. */
const LONGEST = 0x1fff_ffe8;
const NEWLINE = 10;
const HEAD = 200;
const WAY_OUT_RAISE = "Raise `maxLineBytes`, or have the peer send less at once.";
const WAY_OUT_STDOUT =
  "The line was skipped. The peer must write nothing but messages there; its logs belong on stderr.";

export interface LineLimits {
  /** Bytes that one line may have, its end not counted. Default 64 MiB, at most 512 MiB. */
  readonly maxLineBytes?: number;
}

/** Where the messages of a {@link LineReader} go. Neither function may throw. */
export interface LineSink {
  onmessage(message: unknown): void;
  /** A line that was skipped: `NOT_JSON`, `NOT_UTF8`, `TOO_LARGE`, or `CUT_OFF` by the end of the stream. */
  onerror(error: MessageError): void;
}

export interface LineReader {
  /** Takes the next bytes and delivers every message that they complete. The chunk must not be changed afterwards. */
  push(chunk: Buffer): void;
  /** Delivers nothing more, not even of the current chunk, until `resume`. Meant to be called from inside `onmessage`. */
  pause(): void;
  /** Delivers what was held back. */
  resume(): void;
  /** Inside `onmessage`: the number of the line that the message stands on, from 1. */
  readonly line: number;
  /** Takes the end of the stream: a last line without its newline is still a message if it can be read as one. */
  end(): void;
}

/**
 * A carriage return before the newline, blank lines and a byte order mark are tolerated. A line that cannot be used is reported with
 * its place and its beginning, and the stream is read on.
 */
export function createLineReader(sink: LineSink, limits: LineLimits = {}): LineReader {
  return new Reader(sink, Math.min(limits.maxLineBytes ?? DEFAULT_MAX_LINE_BYTES, LONGEST));
}

class Reader implements LineReader {
  readonly #sink: LineSink;
  readonly #maxBytes: number;
  /** The beginning of a line whose end has not come. */
  readonly #pieces = createPieces();
  /** Whether the rest of the current line is skipped, because the line is too long. */
  #skipping = false;
  /** Number of the current line, from 1. */
  #line = 1;
  /** Offset of the current line's first byte. */
  #byte = 0;
  /** Bytes of the current line that were seen and are not in `#pieces`. */
  #skipped = 0;
  #paused = false;
  /** What came, or was left of a chunk, while paused. */
  #held: Buffer[] = [];

  constructor(sink: LineSink, maxBytes: number) {
    this.#sink = sink;
    this.#maxBytes = maxBytes;
  }

  get line(): number {
    return this.#line;
  }

  push(chunk: Buffer): void {
    if (this.#paused) {
      this.#held.push(chunk);
      return;
    }
    const last = chunk.lastIndexOf(NEWLINE);
    let start = 0;
    if (last >= 0 && (this.#skipping || this.#pieces.size > 0)) {
      start = chunk.indexOf(NEWLINE) + 1;
      this.#finishLine(chunk.subarray(0, start - 1));
    }
    if (start <= last && !this.#paused) start += this.#block(chunk.subarray(start, last + 1));
    if (start === chunk.length) return;
    // Whole lines are left only when a message made the owner pause.
    if (start <= last) this.#held.push(chunk.subarray(start));
    else this.#keep(start === 0 ? chunk : chunk.subarray(start));
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    const held = this.#held;
    this.#held = [];
    for (const chunk of held) this.push(chunk);
  }

  end(): void {
    if (this.#held.length > 0) this.resume();
    if (this.#skipping || this.#pieces.size === 0) return;
    const text = this.#takeText();
    if (text !== undefined) this.#deliver(text, true);
  }

  /** Keeps the beginning of a line, as long as it is not too long. */
  #keep(bytes: Buffer): void {
    if (this.#skipping) {
      this.#skipped += bytes.length;
      return;
    }
    if (this.#pieces.size + bytes.length > this.#maxBytes) {
      this.#refuse(bytes);
      this.#skipping = true;
      return;
    }
    this.#pieces.add(bytes);
  }

  /** The bytes that complete the line begun in earlier chunks. */
  #finishLine(rest: Buffer): void {
    this.#keep(rest);
    if (this.#skipping) {
      this.#skipping = false;
      this.#nextLine(this.#skipped);
      this.#skipped = 0;
      return;
    }
    const bytes = this.#pieces.size;
    const text = this.#takeText();
    if (text !== undefined) this.#deliver(text);
    this.#nextLine(bytes);
  }

  /** Whole lines, decoded at once where nothing speaks against it. Gives how many bytes were used before the owner paused. */
  #block(bytes: Buffer): number {
    if (bytes.length > this.#maxBytes || !isUtf8(bytes)) return this.#oneByOne(bytes);
    const text = bytes.toString("utf8");
    const oneByteEach = text.length === bytes.length;
    const begin = this.#byte;
    let start = 0;
    for (let at = text.indexOf("\n"); at >= 0 && !this.#paused; at = text.indexOf("\n", start)) {
      const line = text.slice(start, at);
      this.#deliver(line);
      this.#nextLine(oneByteEach ? line.length : Buffer.byteLength(line));
      start = at + 1;
    }
    return this.#byte - begin;
  }

  #oneByOne(bytes: Buffer): number {
    let start = 0;
    for (let at = bytes.indexOf(NEWLINE); at >= 0 && !this.#paused; at = bytes.indexOf(NEWLINE, start)) {
      this.#finishLine(bytes.subarray(start, at));
      start = at + 1;
    }
    return start;
  }

  #takeText(): string | undefined {
    const { text, valid } = this.#pieces.take();
    if (valid) return text;
    const wayOut = "The line was skipped. The peer must write UTF-8; on Windows that may have to be set.";
    this.#fail("NOT_UTF8", `${this.#where()} is no UTF-8.`, wayOut, text);
    return undefined;
  }

  #deliver(line: string, cutOff = false): void {
    let message: unknown;
    try {
      message = parse(line);
    } catch (cause) {
      if (line.trim() === "") return;
      if (cutOff) {
        const wayOut = "The peer probably died; look at its stderr and exit code.";
        this.#fail("CUT_OFF", `The stream ended in the middle of a message: ${this.#where()}.`, wayOut, line, cause);
      } else {
        this.#fail("NOT_JSON", `${this.#where()} is no JSON.`, WAY_OUT_STDOUT, line, cause);
      }
      return;
    }
    this.#sink.onmessage(message);
  }

  #refuse(more: Buffer): void {
    this.#skipped = this.#pieces.size + more.length;
    const head = this.#pieces.take().text.slice(0, HEAD) + more.subarray(0, HEAD).toString("utf8");
    const problem = `${this.#where()} has more than ${this.#maxBytes} bytes, which is the limit.`;
    this.#fail("TOO_LARGE", problem, WAY_OUT_RAISE, head);
  }

  #fail(code: MessageError["code"], problem: string, wayOut: string, text: string, cause?: unknown): void {
    const place = { line: this.#line, byte: this.#byte };
    // A copy: a slice would keep the whole text alive for as long as the error.
    const head = Buffer.from(text.slice(0, HEAD)).toString();
    this.#sink.onerror(new MessageError(code, problem, wayOut, { place, head, cause }));
  }

  #where(): string {
    return `Line ${this.#line}, from byte ${this.#byte}`;
  }

  #nextLine(bytes: number): void {
    this.#line++;
    this.#byte += bytes + 1;
  }
}

/** `JSON.parse` that forgives a byte order mark. */
function parse(text: string): unknown {
  return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
}
