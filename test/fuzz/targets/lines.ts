/** Messages on stdio, one a line: whatever bytes come and wherever they are cut, the messages are those of the whole. */

import fc from "fast-check";
import { createLineReader } from "../../../runtime/transport/lines.js";
import { bytesOf, cutAt, cuts, json, odd, utf8 } from "../bytes.js";
import { defineTarget, holds, same, type Target } from "../target.js";

interface Input {
  readonly bytes: string;
  readonly cuts: readonly number[];
  readonly max: number;
  /** Pause after each message so many. */
  readonly pause: number;
}

const line = fc.oneof(
  json.map((value) => utf8(JSON.stringify(value))),
  json.map((value) => utf8(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "x", params: value }))),
  odd.map(utf8),
  fc.string({ unit: "binary", maxLength: 6 }).map((text) => Buffer.from(text, "utf8").subarray(1).toString("latin1")),
  fc.constantFrom("", "\xff", "{", '{"a":1', "[1,", "nul", '"\\u12"', "\xef\xbb\xbf{}", "x".repeat(300)),
);

const bytes = fc
  .array(fc.tuple(line, fc.constantFrom("\n", "\n", "\r\n", "\n\n", "\r", "")), { maxLength: 8 })
  .map((rows) => rows.map((row) => row.join("")).join(""));

export const lines: Target = defineTarget<Input>({
  name: "lines",
  inputs: fc.record({
    bytes,
    cuts,
    max: fc.oneof(fc.constant(1_000_000), fc.integer({ min: 1, max: 60 })),
    pause: fc.nat(3),
  }),
  corpus: [
    { bytes: '{"a":"\xc3\xa4"}\n'.repeat(3), cuts: [7, 8, 20], max: 100, pause: 0 },
    { bytes: `${'{"a":'.repeat(3_000)}1${"}".repeat(3_000)}\n[1]\n`, cuts: [1], max: 1_000_000, pause: 1 },
    { bytes: "\n".repeat(10_000), cuts: [], max: 1, pause: 0 },
    { bytes: `${"[".repeat(300_000)}\n`, cuts: [], max: 1_000_000, pause: 0 },
  ],
  run({ bytes: text, cuts: places, max, pause }) {
    const whole = bytesOf(text);
    const messages: unknown[] = [];
    let problems = 0;
    let held = 0;
    const reader = createLineReader(
      {
        onmessage(message) {
          messages.push(message);
          if (pause > 0 && messages.length % pause === 0) {
            held++;
            reader.pause();
          }
        },
        onerror(error) {
          problems++;
          holds((error.head ?? "").length <= 400, "An error holds more than the beginning of a line");
        },
      },
      { maxLineBytes: max },
    );
    for (const chunk of cutAt(whole, places)) {
      reader.push(Buffer.from(chunk));
      while (held > 0) {
        held--;
        reader.resume();
      }
    }
    reader.end();
    while (held > 0) {
      held--;
      reader.resume();
    }
    const expected = naive(whole, max);
    same(messages, expected.messages, "The messages");
    same(problems, expected.problems, "The problems");
  },
});

/** Line by line of the whole. */
function naive(whole: Buffer, max: number): { messages: unknown[]; problems: number } {
  const messages: unknown[] = [];
  let problems = 0;
  for (let start = 0; start < whole.length; ) {
    const found = whole.indexOf(10, start);
    const bytes = whole.subarray(start, found < 0 ? whole.length : found);
    start += bytes.length + 1;
    if (bytes.length > max) {
      problems++;
      continue;
    }
    try {
      const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
      const plain = text.replace(/^\ufeff/, "");
      if (text.trim() !== "") messages.push(JSON.parse(plain));
    } catch {
      problems++;
    }
  }
  return { messages, problems };
}
