import { PassThrough, Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { createLineWriter } from "../../runtime/transport/line-writer.js";
import { settle } from "../jsonrpc/wire.js";
import { verifies } from "../verifies.js";

const note = (method: string, params?: unknown) => ({ jsonrpc: "2.0" as const, method, params });

describe("createLineWriter", () => {
  it(`writes what one turn sends at once, one message a line${verifies("STDIO-04")}`, async () => {
    const writes: string[] = [];
    const stream = new Writable({
      decodeStrings: false,
      write: (chunk, _encoding, done) => {
        writes.push(String(chunk));
        done();
      },
    });
    const writer = createLineWriter(stream);
    for (const method of ["a", "b\n", "c"]) expect(writer.send(note(method))).toBeUndefined();
    expect(writes).toEqual([]);
    await settle();
    expect(writes).toEqual([
      '{"jsonrpc":"2.0","method":"a"}\n{"jsonrpc":"2.0","method":"b\\n"}\n{"jsonrpc":"2.0","method":"c"}\n',
    ]);
    writer.hold();
    writer.send(note("d"));
    await settle();
    expect(writes).toHaveLength(1);
    writer.submit();
    expect(writes).toHaveLength(2);
  });

  it("keeps the order of small and large messages", async () => {
    const stream = new PassThrough();
    let text = "";
    stream.on("data", (chunk) => {
      text += String(chunk);
    });
    const writer = createLineWriter(stream);
    const large = "x".repeat(100_000);
    for (const text of ["a", large, "b", large]) writer.send(note(text));
    await writer.flush();
    await settle();
    const lines = text.trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { method: string }).method)).toEqual(["a", large, "b", large]);
  });

  it(`says when it is congested and when it no longer is, and refuses over the bound${verifies("SEC-42")}`, async () => {
    const waiting: (() => void)[] = [];
    const stream = new Writable({
      decodeStrings: false,
      highWaterMark: 10,
      write: (_chunk, _encoding, done) => waiting.push(done),
    });
    const states: boolean[] = [];
    const writer = createLineWriter(stream, { highWater: 100, maxQueued: 200 }, (congested) => states.push(congested));
    expect(writer.send(note("small"))).toBeUndefined();
    const room = writer.send(note("x".repeat(100)));
    expect(room).toBeInstanceOf(Promise);
    expect(writer.send(note("y".repeat(100)))).toBe(room);
    expect(() => writer.send(note("z"))).toThrow(/does not read.*maxQueued/);
    expect(states).toEqual([true]);
    while (waiting.length > 0) {
      waiting.shift()?.();
      await settle();
    }
    await room;
    expect(states).toEqual([true, false]);
    expect(writer.send(note("again"))).toBeUndefined();
    const flushed = writer.flush();
    waiting.shift()?.();
    await flushed;
    await writer.flush();
  });

  it("lets go whoever waits when it is stopped, and takes nothing more", async () => {
    const stream = new Writable({ write: () => undefined });
    const writer = createLineWriter(stream, { highWater: 1 });
    const room = writer.send(note("x"));
    writer.stop();
    await room;
    expect(() => writer.send(note("y"))).toThrow("closed");
  });

  it("refuses what is no JSON", () => {
    const writer = createLineWriter(new PassThrough());
    expect(() => writer.send(note("x", 1n))).toThrow("cannot be written as JSON");
  });
});
