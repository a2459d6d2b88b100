import { describe, expect, it } from "vitest";
import type { MessageError } from "../../runtime/errors.js";
import { createLineReader, type LineReader } from "../../runtime/transport/lines.js";
import { verifies } from "../verifies.js";

interface Seen {
  readonly reader: LineReader;
  readonly messages: unknown[];
  readonly errors: MessageError[];
}

function read(maxLineBytes?: number): Seen {
  const messages: unknown[] = [];
  const errors: MessageError[] = [];
  const reader = createLineReader(
    { onmessage: (message) => messages.push(message), onerror: (error) => errors.push(error) },
    maxLineBytes === undefined ? {} : { maxLineBytes },
  );
  return { reader, messages, errors };
}

/** Pushes the bytes cut into chunks of this size. */
function pushCut(reader: LineReader, bytes: Buffer, size: number): void {
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
}

const samples = [
  { a: 1 },
  { text: "aé日本語😀\u2028" },
  [],
  { nested: { list: [1, "x", null] } },
  { text: "line\nbreak\r\n" },
];
const sampleBytes = Buffer.from(samples.map((sample) => `${JSON.stringify(sample)}\n`).join(""));

describe("createLineReader", () => {
  it.each([1, 2, 3, 5, 7, 16, 64, 10_000])(
    `reads the same from chunks of %i bytes${verifies("STDIO-03", "STDIO-04", "STDIO-05")}`,
    (size) => {
      const { reader, messages, errors } = read();
      pushCut(reader, sampleBytes, size);
      reader.end();
      expect(messages).toEqual(samples);
      expect(errors).toEqual([]);
    },
  );

  it(`tolerates carriage returns, blank lines and a byte order mark${verifies("STDIO-05")}`, () => {
    for (const size of [1, 1_000]) {
      const { reader, messages, errors } = read();
      pushCut(reader, Buffer.from('\uFEFF{"a":1}\r\n\n\r\n  \t\n \uFEFF\n{"a":2}\r\n\uFEFF{"a":3}\n'), size);
      expect(messages).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
      expect(errors).toEqual([]);
    }
  });

  it(`reports what is no JSON with its place, and reads on${verifies("STDIO-14")}`, () => {
    for (const size of [1, 9, 1_000]) {
      const { reader, messages, errors } = read();
      pushCut(reader, Buffer.from('{"é":1}\nServer listening…\n{"a":2}\n{"a":\n{"a":3}\n'), size);
      expect(messages).toEqual([{ é: 1 }, { a: 2 }, { a: 3 }]);
      expect(errors).toMatchObject([
        { code: "NOT_JSON", place: { line: 2, byte: 9 }, head: "Server listening…" },
        { code: "NOT_JSON", place: { line: 4, byte: 37 }, head: '{"a":' },
      ]);
      expect(errors[0]?.message).toMatch(/stderr/);
    }
  });

  it("reports what is no UTF-8 with its place, and loses no other line", () => {
    const bytes = Buffer.concat([
      Buffer.from('{"a":1}\n{"a":"'),
      Buffer.from([0xff, 0xc3]),
      Buffer.from('"}\n{"a":3}\n'),
    ]);
    for (const size of [1, 4, 1_000]) {
      const { reader, messages, errors } = read();
      pushCut(reader, bytes, size);
      expect(messages).toEqual([{ a: 1 }, { a: 3 }]);
      expect(errors).toMatchObject([{ code: "NOT_UTF8", place: { line: 2, byte: 8 } }]);
    }
    const { reader, messages } = read();
    reader.push(Buffer.from('{"a":"\uFFFD"}\n'));
    expect(messages).toEqual([{ a: "\uFFFD" }]);
  });

  it(`skips lines over the limit with a way out, and reads the rest${verifies("STDIO-05", "SEC-42")}`, () => {
    const long = `{"jsonrpc":"2.0","id":7,"result":"${"x".repeat(5_000)}"}`;
    const bytes = Buffer.from(`{"a":1}\n${long}\n{"a":2}\n${long}\n{"a":3}\nno\n`);
    for (const size of [1, 100, 4_096, 100_000]) {
      const { reader, messages, errors } = read(1_000);
      pushCut(reader, bytes, size);
      expect(messages).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
      expect(errors.map(({ code, place }) => [code, place])).toEqual([
        ["TOO_LARGE", { line: 2, byte: 8 }],
        ["TOO_LARGE", { line: 4, byte: 17 + long.length }],
        ["NOT_JSON", { line: 6, byte: 26 + 2 * long.length }],
      ]);
      expect(errors[0]?.head).toMatch(/^\{"jsonrpc":"2.0","id":7,"result":/);
      expect(errors[0]?.message).toMatch(/maxLineBytes/);
    }
  });

  it("takes a line of exactly the limit", () => {
    const line = JSON.stringify({ a: "x".repeat(92) });
    const { reader, messages, errors } = read(line.length);
    pushCut(reader, Buffer.from(`${line}\n${line}x\n`), 7);
    expect(messages).toHaveLength(1);
    expect(errors).toMatchObject([{ code: "TOO_LARGE" }]);
  });

  it("takes a last line without its newline, and reports one that is cut off", () => {
    const whole = read();
    whole.reader.push(Buffer.from('{"a":1}\n{"a":2}'));
    whole.reader.end();
    expect(whole.messages).toEqual([{ a: 1 }, { a: 2 }]);
    const cut = read();
    cut.reader.push(Buffer.from('{"a":1}\n{"a":'));
    cut.reader.end();
    expect(cut.messages).toEqual([{ a: 1 }]);
    expect(cut.errors).toMatchObject([{ code: "CUT_OFF", place: { line: 2, byte: 8 } }]);
    const skipped = read(4);
    skipped.reader.push(Buffer.from("123456"));
    skipped.reader.end();
    expect(skipped.errors).toMatchObject([{ code: "TOO_LARGE" }]);
  });

  it("reads 100 000 small lines of one chunk", () => {
    const count = 100_000;
    const bytes = Buffer.from(Array.from({ length: count }, (_, id) => `{"id":${id},"t":"é"}\n`).join(""));
    const { reader, messages } = read();
    reader.push(bytes);
    expect(messages).toHaveLength(count);
    expect(messages.at(-1)).toEqual({ id: count - 1, t: "é" });
  });

  it("reads a message of 1 MB byte by byte, and of 50 MB in pieces", () => {
    const small = JSON.stringify({ text: "é".repeat(500_000) });
    const large = JSON.stringify({ text: "0123456789".repeat(5_000_000) });
    const { reader, messages, errors } = read();
    pushCut(reader, Buffer.from(`${small}\n`), 1);
    pushCut(reader, Buffer.from(`${large}\n`), 65_536);
    expect(errors).toEqual([]);
    expect(messages.map((message) => (message as { text: string }).text.length)).toEqual([500_000, 50_000_000]);
  });

  it.each([3, 9, 1_000])("holds lines back in the middle of chunks of %i bytes", (size) => {
    const texts = ["a", "é", "no json", "日本", "b", "c"];
    const lines = texts.map((text) => (text === "no json" ? `${text}\n` : `${JSON.stringify({ text })}\n`)).join("");
    const seen: string[] = [];
    const reader = createLineReader({
      onmessage: (message) => {
        seen.push((message as { text: string }).text);
        reader.pause();
      },
      onerror: ({ place }) => seen.push(`line ${place?.line} byte ${place?.byte}`),
    });
    pushCut(reader, Buffer.concat([Buffer.from(lines), Buffer.from('{"text":"d"')]), size);
    expect(seen).toEqual(["a"]);
    reader.resume();
    expect(seen).toEqual(["a", "é"]);
    reader.resume();
    expect(seen).toEqual(["a", "é", "line 3 byte 27", "日本"]);
    reader.resume();
    reader.resume();
    reader.resume();
    reader.push(Buffer.from("}\n"));
    reader.end();
    expect(seen.slice(4)).toEqual(["b", "c", "d"]);
  });

  it("does linear work: every byte of a long message is copied a bounded number of times", () => {
    const { reader, messages } = read();
    const chunk = Buffer.alloc(8_192, 0x20);
    // Quadratic joining of 4 096 chunks would copy 64 GB and never end in time.
    for (let at = 0; at < 4_096; at++) reader.push(chunk);
    reader.push(Buffer.from("{}\n"));
    expect(messages).toEqual([{}]);
  });
});
