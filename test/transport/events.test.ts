/** The reader of event streams: what counts as an event, and what no stream may cost. */

import { describe, expect, test } from "vitest";
import { readEvents, type ServerSentEvent } from "../../runtime/transport/events.js";
import { verifies } from "../verifies.js";

function streamOf(chunks: readonly (string | Uint8Array)[], oncancel: () => void = () => undefined): ReadableStream {
  const left = chunks.map((chunk) => (typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk));
  return new ReadableStream({
    pull(controller) {
      const chunk = left.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
    cancel: oncancel,
  });
}

async function read(chunks: readonly (string | Uint8Array)[], maxBytes?: number) {
  const events: ServerSentEvent[] = [];
  const retries: number[] = [];
  const sink = {
    onevent: (event: ServerSentEvent) => void events.push(event),
    onretry: (ms: number) => void retries.push(ms),
  };
  await readEvents(streamOf(chunks), sink, maxBytes);
  return { events, retries, data: events.map(({ data }) => data) };
}

describe("a stream of events", () => {
  test.each(["\n", "\r\n", "\r"])(
    `may end its lines with %j, in pieces of any size${verifies("HTTP-29", "HTTP-96")}`,
    async (end) => {
      const lines = [
        ": comment",
        "id: 1",
        "event: message",
        "data: one",
        "data: two",
        "",
        "data:three",
        "",
        "odd: x",
        "nothing",
        "",
      ];
      const bytes = new TextEncoder().encode(lines.join(end) + end);
      for (const size of [1, 2, 3, 7, bytes.length]) {
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
          bytes.subarray(index * size, (index + 1) * size),
        );
        const { events } = await read(chunks);
        expect(events).toEqual([
          { id: "1", event: "message", data: "one\ntwo" },
          { id: undefined, event: undefined, data: "three" },
        ]);
      }
    },
  );

  test("gives its last event as soon as the line end came, whichever it is", async () => {
    const events: ServerSentEvent[] = [];
    let say = (_text: string): void => undefined;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        say = (text) => controller.enqueue(new TextEncoder().encode(text));
      },
    });
    void readEvents(body, { onevent: (event) => void events.push(event), onretry: () => undefined });
    say("data: x\r\r");
    await expect.poll(() => events).toHaveLength(1);
    say("\ndata: y\r\n\r\n");
    await expect.poll(() => events.map(({ data }) => data)).toEqual(["x", "y"]);
  });

  test(`has empty events for their ids, and says when to come back${verifies("HTTP-54", "HTTP-50")}`, async () => {
    const { events, retries } = await read(["id: 7\nretry: 500\ndata:\n\nretry: soon\n\nid: 8\n\n"]);
    expect(events).toEqual([{ id: "7", event: undefined, data: "" }]);
    expect(retries).toEqual([500]);
  });

  test("may begin with a byte order mark and hold characters cut in two", async () => {
    const bytes = new TextEncoder().encode("\ufeffdata: \u4e16\u{1f600}\n\n");
    expect((await read([...bytes].map((byte) => Uint8Array.of(byte)))).data).toEqual(["\u4e16\u{1f600}"]);
  });

  test("that is cut off in an event gives what was whole", async () => {
    expect((await read(["data: a\n\ndata: b\n"])).data).toEqual(["a"]);
  });
});

describe("an event without end", () => {
  test.each([
    ["of one line", "x"],
    ["of many lines", "data: x\n"],
  ])(`%s is refused, and the stream let go${verifies("SEC-42")}`, async (_what, piece) => {
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode("data: ")),
      pull: (controller) => controller.enqueue(new TextEncoder().encode(piece.repeat(1024))),
      cancel() {
        cancelled = true;
      },
    });
    const reading = readEvents(endless, { onevent: () => undefined, onretry: () => undefined }, 100_000);
    await expect(reading).rejects.toMatchObject({ code: "TOO_LARGE", message: expect.stringContaining("100000") });
    expect(cancelled).toBe(true);
  });

  test("costs time in proportion to its bytes, however its lines end", async () => {
    // One carriage return among newlines makes a reader that looks for both look through the rest of the chunk for every line.
    const chunk = `\r${"\n".repeat(4 * 1024 * 1024)}`;
    const began = performance.now();
    await read([chunk, chunk]);
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
