import { describe, expect, it } from "vitest";
import type { Channel } from "../../runtime/jsonrpc/channel.js";
import { createPeer } from "../../runtime/jsonrpc/peer.js";
import { createMemoryPair } from "../../runtime/transport/memory.js";
import { rejection, settle } from "../jsonrpc/wire.js";
import { verifies } from "../verifies.js";

const note = (method: string, params?: unknown) => ({ jsonrpc: "2.0" as const, method, params });

/** Opens a channel and gives what comes out of it. */
function listen(channel: Channel): unknown[] {
  const seen: unknown[] = [];
  channel.open({
    onmessage: (message) => seen.push(message),
    onerror: (error) => seen.push(error),
    onlost: (id, error) => seen.push(["lost", id, error]),
    onend: () => seen.push("end"),
    onclose: (reason) => seen.push(["closed", reason]),
  });
  return seen;
}

describe("a memory pair", () => {
  it(`carries both directions, in order, as copies, and never inside send${verifies("STDIO-43", "STDIO-44", "STDIO-45")}`, async () => {
    const [left, right] = createMemoryPair();
    const atLeft = listen(left);
    const atRight = listen(right);
    const params = { list: [1], gone: undefined };
    left.send(note("a", params));
    left.send(note("b"));
    right.send(note("c"));
    params.list.push(2);
    expect(atRight).toEqual([]);
    await settle();
    expect(atRight).toStrictEqual([
      { jsonrpc: "2.0", method: "a", params: { list: [1] } },
      { jsonrpc: "2.0", method: "b" },
    ]);
    expect(atLeft).toStrictEqual([{ jsonrpc: "2.0", method: "c" }]);
  });

  it("keeps what is sent before the other end opens, and delivers it before the end", async () => {
    const [left, right] = createMemoryPair();
    listen(left);
    left.send(note("early"));
    await left.close();
    const seen = listen(right);
    await settle();
    expect(seen).toStrictEqual([{ jsonrpc: "2.0", method: "early" }, ["closed", undefined]]);
    expect(() => right.send(note("late"))).toThrow("closed");
    await right.close();
    await left.close();
    expect(seen).toHaveLength(2);
  });

  it("must be opened before it is used, and refuses what is no JSON", () => {
    const [left, right] = createMemoryPair();
    expect(() => left.send(note("x"))).toThrow("not open");
    listen(left);
    listen(right);
    expect(() => left.send(note("x", { a: 1n }))).toThrow("cannot be written as JSON");
  });

  it(`bounds its queue, and says when there is room${verifies("SEC-42")}`, async () => {
    const [left, right] = createMemoryPair({ highWater: 2, maxQueued: 3 });
    listen(left);
    expect(left.send(note("1"))).toBeUndefined();
    const room = left.send(note("2"));
    expect(room).toBeInstanceOf(Promise);
    left.send(note("3"));
    expect(() => left.send(note("4"))).toThrow("maxQueued");
    const seen = listen(right);
    await room;
    expect(seen).toHaveLength(3);
    expect(left.send(note("5"))).toBeUndefined();
  });

  it("lets timers run while two peers talk without a pause", async () => {
    const [left, right] = createMemoryPair();
    const client = createPeer(left);
    const server = createPeer(right, { onrequest: (_method, params) => params });
    client.open();
    server.open();
    let stop = false;
    setTimeout(() => {
      stop = true;
    }, 5);
    let calls = 0;
    while (!stop) calls += (await client.request("x", 1)) as number;
    expect(calls).toBeGreaterThan(0);
    const failing = rejection(client.request("x", 1));
    await server.close();
    expect(await failing).toMatchObject({ code: "CLOSED" });
    expect(client.closed).toBe(true);
  });
});
