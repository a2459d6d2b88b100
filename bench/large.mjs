/** Large messages as stdio brings them, in pieces of 64 KiB: the time until they are read, beside `JSON.parse` of the same text. */

import { Readable } from "node:stream";
import { createStreamChannel } from "../dist/runtime/stdio.js";
import { byTurns, perRound } from "./load/rounds.mjs";
import { summary } from "./stats.mjs";

const MEGABYTES = [1, 5, 20, 50];
const PIECE = 64 * 1024;

/** A result with many items, and one with few long ones. */
const SHAPES = { items: 200, blobs: 500_000 };

function messageOf(bytes, itemLength) {
  const text = "The quick brown fox jumps over the lazy dog. ".repeat(Math.ceil(itemLength / 45)).slice(0, itemLength);
  const content = Array.from({ length: Math.ceil(bytes / (itemLength + 28)) }, () => ({ type: "text", text }));
  return JSON.stringify({ jsonrpc: "2.0", id: 1, result: { content } });
}

const milliseconds = (start) => Number(process.hrtime.bigint() - start) / 1e6;

function parsed(bytes) {
  const text = bytes.toString("utf8");
  const start = process.hrtime.bigint();
  const { result } = JSON.parse(text);
  const time = milliseconds(start);
  if (result.content.length === 0) throw new Error("nothing was parsed");
  return time;
}

/** The bytes come as a pipe gives them: each piece in memory of its own, already there. */
async function read(bytes) {
  const pieces = [];
  for (let at = 0; at < bytes.length; at += PIECE) pieces.push(Buffer.from(bytes.subarray(at, at + PIECE)));
  pieces.push(Buffer.from("\n"));
  const input = new Readable({ read() {} });
  const output = { writableLength: 0, write: () => true, cork() {}, uncork() {}, on() {} };
  const parts = {
    input,
    output,
    limits: {},
    pauseWhenCongested: false,
    halfClose: false,
    release: async () => undefined,
  };
  const channel = createStreamChannel(parts);
  const message = new Promise((resolve, reject) => {
    const events = { onmessage: resolve, onerror: reject, onend() {}, onclose() {} };
    channel.open(events);
  });
  const start = process.hrtime.bigint();
  for (const piece of pieces) input.emit("data", piece);
  const { result } = await message;
  const time = milliseconds(start);
  if (result.content.length === 0) throw new Error("nothing was read");
  await channel.close();
  return time;
}

/** Per shape and size: milliseconds of both, how many times as long reading takes, and how it grows with the size. */
export async function measureLarge({ blocks = 5 } = {}) {
  const figures = {};
  for (const [shape, itemLength] of Object.entries(SHAPES)) {
    const sizes = {};
    for (const megabytes of MEGABYTES) {
      const bytes = Buffer.from(messageOf(megabytes * 1024 * 1024, itemLength));
      const subjects = { "JSON.parse": async () => parsed(bytes), mcpwire: () => read(bytes) };
      const times = await byTurns(subjects, { warmup: 2, blocks });
      sizes[megabytes] = {
        milliseconds: Object.fromEntries(Object.entries(times).map(([name, sample]) => [name, summary(sample)])),
        times: perRound(times.mcpwire, times["JSON.parse"]),
      };
    }
    const [least, most] = [MEGABYTES[0], MEGABYTES.at(-1)];
    const low = (megabytes) => sizes[megabytes].milliseconds.mcpwire.low;
    figures[shape] = { sizes, growth: Math.log(low(most) / low(least)) / Math.log(most / least) };
  }
  return figures;
}
