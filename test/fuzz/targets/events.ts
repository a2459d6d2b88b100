/** Streams of server-sent events as clients read them: the same events as the whole text has for a reader that knows no chunks. */

import fc from "fast-check";
import { MessageError } from "../../../runtime/errors.js";
import { readEvents } from "../../../runtime/transport/events.js";
import { bytesOf, cutAt, cuts, odd, utf8 } from "../bytes.js";
import { defineTarget, same, type Target } from "../target.js";

interface Input {
  readonly bytes: string;
  readonly cuts: readonly number[];
}

const field = fc.constantFrom("data", "data", "id", "event", "retry", "", "Data", "datas", "x");
const line = fc.oneof(
  fc
    .tuple(field, fc.constantFrom(":", ": ", ":  ", "", " :"), fc.oneof(odd, fc.nat(9_999).map(String)))
    .map((parts) => utf8(parts.join(""))),
  fc.constantFrom("", "", ": note", "\xff\xfe", "\xef\xbb\xbf"),
);

const bytes = fc
  .array(fc.tuple(line, fc.constantFrom("\n", "\n", "\r\n", "\r", "\n\n", "\r\r", "\r\n\r\n")), { maxLength: 16 })
  .map((rows) => rows.map((row) => row.join("")).join(""));

export const events: Target = defineTarget<Input>({
  name: "events",
  inputs: fc.record({ bytes, cuts }),
  corpus: [
    { bytes: "data: a\r\ndata: b\r\n\r\nid: 1\rdata\r\r", cuts: [8, 9, 17] },
    { bytes: `data: ${"x".repeat(100_000)}\n\n`, cuts: [5, 3_000] },
    { bytes: "\r".repeat(100_000), cuts: [1, 2, 3] },
    { bytes: `${"data:1\n".repeat(50_000)}\n`, cuts: [4] },
    { bytes: `${":\n".repeat(100_000)}data: 1\n\n`, cuts: [] },
  ],
  async run({ bytes: text, cuts: places }) {
    const whole = bytesOf(text);
    const found = await read(cutAt(whole, places), 16_000_000);
    same(found, naive(whole), "The events");
    // However little may be kept: an end, or one error.
    await read(cutAt(whole, places), 8);
  },
});

async function read(chunks: readonly Buffer[], max: number): Promise<unknown[] | undefined> {
  const left = chunks.filter((chunk) => chunk.length > 0);
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = left.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
  });
  const found: unknown[] = [];
  const sink = {
    onevent: ({ id, event, data }: { id?: string | undefined; event?: string | undefined; data: string }): void =>
      void found.push({ id, event, data }),
    onretry: (ms: number): void => void found.push({ ms }),
  };
  try {
    await readEvents(body, sink, max);
    return found;
  } catch (error) {
    if (error instanceof MessageError && error.code === "TOO_LARGE") return undefined;
    throw error;
  }
}

/** Events by the standard, out of the whole text; an id counts for its own event alone, as the reader gives it. */
function naive(whole: Buffer): unknown[] {
  const text = new TextDecoder().decode(whole);
  const lines = text.split(/\r\n|\r|\n/);
  // What no line end follows is no line.
  lines.pop();
  const found: unknown[] = [];
  let data: string[] = [];
  let event: string | undefined;
  let id: string | undefined;
  for (const line of lines) {
    if (line === "") {
      if (data.length > 0) found.push({ id, event: event === "" ? undefined : event, data: data.join("\n") });
      [data, event, id] = [[], undefined, undefined];
      continue;
    }
    const colon = line.indexOf(":");
    if (colon === 0) continue;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
    if (name === "data") data.push(value);
    else if (name === "event") event = value;
    else if (name === "id" && !value.includes("\0")) id = value;
    else if (name === "retry" && /^\d+$/.test(value)) found.push({ ms: Number.parseInt(value, 10) });
  }
  return found;
}
