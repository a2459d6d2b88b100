import { describe, expect, it, vi } from "vitest";
import { ConnectionError, McpWireError, MessageError, RpcError } from "../../runtime/errors.js";
import { verifies } from "../verifies.js";
import { createBench, rejection, settle } from "./wire.js";

const rpc = { jsonrpc: "2.0" };

describe("requests of this side", () => {
  it(`correlates answers in any order, with ids that differ${verifies("BASE-04", "BASE-05", "BASE-07")}`, async () => {
    const { wire, peer, errors } = createBench();
    const answers = ["a", "b", "c"].map((method) => peer.request(method, { method }));
    expect(wire.sent).toEqual(
      [1, 2, 3].map((id, at) => ({ ...rpc, id, method: "abc"[at], params: { method: "abc"[at] } })),
    );
    expect(peer.inFlight).toBe(3);
    for (const id of [2, 3, 1]) wire.say({ ...rpc, id, result: { id } });
    expect(await Promise.all(answers)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
    expect(peer.inFlight).toBe(0);
    expect(errors).toEqual([]);
  });

  it(`keeps the number and the text of an id apart${verifies("BASE-06")}`, async () => {
    const ids = [1, "1"];
    const { wire, peer } = createBench({ createId: () => ids.shift() ?? "" });
    const number = peer.request("number");
    const text = peer.request("text");
    wire.say({ ...rpc, id: "1", result: "text" });
    wire.say({ ...rpc, id: 1, result: "number" });
    expect(await Promise.all([number, text])).toEqual(["number", "text"]);
  });

  it("refuses an id that is in flight", async () => {
    const { peer, wire } = createBench({ createId: () => "same" });
    const first = peer.request("first");
    expect(await rejection(peer.request("second"))).toMatchObject({ code: "DUPLICATE_ID" });
    expect(wire.sent).toHaveLength(1);
    wire.say({ ...rpc, id: "same", result: 1 });
    expect(await first).toBe(1);
  });

  it(`delivers the peer's error as it is, and nothing else in that class${verifies("BASE-09", "BASE-47")}`, async () => {
    const { wire, peer } = createBench();
    const failing = rejection(peer.request("x"));
    wire.say({ ...rpc, id: 1, error: { code: -32001, message: "Request timed out", data: { a: [1] } } });
    const error = await failing;
    expect(error).toBeInstanceOf(RpcError);
    expect(error).toMatchObject({ code: "RPC", rpcCode: -32001, message: "Request timed out", data: { a: [1] } });
    const local = rejection(peer.request("y", {}, { timeoutMs: 5 }));
    expect(await local).toMatchObject({ code: "TIMEOUT", name: "TimeoutError" });
    expect(await local).not.toBeInstanceOf(RpcError);
    expect(await local).not.toHaveProperty("rpcCode");
  });

  it("makes the value with `read`, and rejects with what that throws", async () => {
    const { wire, peer } = createBench();
    const good = peer.request("x", undefined, { read: (result) => `read ${String(result)}` });
    const bad = rejection(
      peer.request("x", undefined, {
        read: () => {
          throw new TypeError("unreadable");
        },
      }),
    );
    wire.say({ ...rpc, id: 1, result: 5 });
    wire.say({ ...rpc, id: 2, result: 5 });
    expect(await good).toBe("read 5");
    expect(await bad).toBeInstanceOf(TypeError);
  });

  it(`reports answers to nothing, and answers twice${verifies("BASE-07")}`, async () => {
    const { wire, peer, errors } = createBench();
    const answer = peer.request("x");
    wire.say({ ...rpc, id: 77, result: {} });
    wire.say({ ...rpc, id: "1", result: {} });
    wire.say({ ...rpc, id: 1, result: "good" });
    wire.say({ ...rpc, id: 1, result: "again" });
    expect(await answer).toBe("good");
    expect(errors.map(({ code }) => code)).toEqual(["UNKNOWN_ID", "UNKNOWN_ID", "UNKNOWN_ID"]);
  });

  it(`delivers errors that name no request${verifies("BASE-10")}`, () => {
    const { wire, errors, peer } = createBench();
    wire.say({ ...rpc, id: null, error: { code: -32700, message: "Parse error" } });
    wire.say({ ...rpc, error: { code: -32600, message: "Invalid" } });
    expect(errors).toMatchObject([
      { rpcCode: -32700, message: "Parse error" },
      { rpcCode: -32600, message: "Invalid" },
    ]);
    expect(peer.closed).toBe(false);
  });

  it(`fails a request whose answer is none, instead of letting it wait${verifies("BASE-08")}`, async () => {
    const { wire, peer, errors } = createBench();
    const failing = [peer.request("x"), peer.request("y"), peer.request("z")].map(rejection);
    wire.say({ ...rpc, id: 1, result: {}, error: { code: 1, message: "both" } });
    wire.say({ ...rpc, id: 2 });
    wire.say({ id: 3, result: {} });
    for (const error of await Promise.all(failing)) expect(error).toMatchObject({ code: "NOT_A_MESSAGE" });
    expect(errors).toHaveLength(3);
    expect(wire.sent).toHaveLength(3);
  });

  it(`bounds what is in flight${verifies("SEC-42")}`, async () => {
    const { wire, peer } = createBench({ maxInFlight: 2 });
    const answers = [peer.request("a"), peer.request("b")];
    expect(await rejection(peer.request("c"))).toMatchObject({ code: "TOO_MANY_REQUESTS", name: "ConnectionError" });
    expect(wire.sent).toHaveLength(2);
    wire.say({ ...rpc, id: 1, result: 1 });
    const third = peer.request("d");
    wire.say({ ...rpc, id: 2, result: 2 });
    wire.say({ ...rpc, id: 3, result: 3 });
    expect(await Promise.all([...answers, third])).toEqual([1, 2, 3]);
  });

  it("rejects, and forgets, what could not be sent", async () => {
    const { wire, peer } = createBench();
    wire.refuse = new ConnectionError("QUEUE_FULL", "full", "wait");
    expect(await rejection(peer.request("x"))).toBe(wire.refuse);
    expect(peer.inFlight).toBe(0);
    expect(() => peer.notify("x")).toThrow("full");
  });
});

describe("requests of the other side", () => {
  it(`answers at once, or later, under the id of the request${verifies("BASE-07", "BASE-13")}`, async () => {
    const { wire, peer } = createBench({
      onrequest: (method, params, call) =>
        method === "now" ? { params, origin: call.origin } : Promise.resolve({ method, id: call.id }),
    });
    wire.say({ ...rpc, id: "a", method: "now", params: { x: 1 } }, "somewhere");
    expect(wire.sent).toEqual([{ ...rpc, id: "a", result: { params: { x: 1 }, origin: "somewhere" } }]);
    wire.say({ ...rpc, id: 9, method: "later" });
    expect(peer.working).toBe(1);
    await settle();
    expect(peer.working).toBe(0);
    expect(wire.sent[1]).toEqual({ ...rpc, id: 9, result: { method: "later", id: 9 } });
    expect(wire.abouts).toEqual(["a", 9]);
  });

  it(`answers what nobody handles with -32601, and no notification at all${verifies("BASE-11", "BASE-12", "BASE-36")}`, () => {
    const { wire } = createBench();
    wire.say({ ...rpc, id: 1, method: "nope" });
    wire.say({ ...rpc, method: "nope" });
    expect(wire.sent).toEqual([{ ...rpc, id: 1, error: { code: -32601, message: "Method not found: nope" } }]);
  });

  it(`sends a thrown RpcError, and of other errors only that there was one${verifies("BASE-09", "BASE-36")}`, async () => {
    const secret = new Error("the password is 1234");
    const { wire, errors } = createBench({
      onrequest: async (method) => {
        throw method === "rpc" ? new RpcError(-32602, "bad", { at: "/x" }) : secret;
      },
    });
    wire.say({ ...rpc, id: 1, method: "rpc" });
    wire.say({ ...rpc, id: 2, method: "other" });
    await settle();
    expect(wire.sent).toEqual([
      { ...rpc, id: 1, error: { code: -32602, message: "bad", data: { at: "/x" } } },
      { ...rpc, id: 2, error: { code: -32603, message: "Internal error" } },
    ]);
    expect(errors).toMatchObject([{ code: "CALLBACK_FAILED", cause: secret }]);
  });

  it("makes null of no result, since JSON has no undefined", () => {
    const { wire } = createBench({ onrequest: () => undefined });
    wire.say({ ...rpc, id: 1, method: "x" });
    expect(wire.sent).toEqual([{ ...rpc, id: 1, result: null }]);
  });

  it(`refuses an id that is still being worked on, without touching the first${verifies("BASE-04", "BASE-05")}`, async () => {
    let release = (_value: unknown): void => undefined;
    const { wire, errors } = createBench({
      onrequest: () =>
        new Promise((resolve) => {
          release = resolve;
        }),
    });
    wire.say({ ...rpc, id: 5, method: "first" });
    wire.say({ ...rpc, id: 5, method: "second" });
    expect(wire.sent).toMatchObject([{ id: 5, error: { code: -32600 } }]);
    expect(errors).toMatchObject([{ code: "DUPLICATE_ID" }]);
    release("done");
    await settle();
    expect(wire.sent[1]).toEqual({ ...rpc, id: 5, result: "done" });
  });

  it(`bounds what is worked on${verifies("SEC-42")}`, () => {
    const { wire, peer } = createBench({ onrequest: () => new Promise(() => undefined), maxIncoming: 2 });
    for (const id of [1, 2, 3]) wire.say({ ...rpc, id, method: "x" });
    expect(peer.working).toBe(2);
    expect(wire.sent).toMatchObject([{ id: 3, error: { code: -32603, message: expect.stringContaining("Too many") } }]);
  });

  it("says that a result is no JSON", () => {
    const unwritable = new MessageError("NOT_SERIALIZABLE", "no JSON", "");
    const { wire, errors, peer } = createBench({ onrequest: () => 1n });
    const send = wire.send.bind(wire);
    wire.send = (message) => {
      if ("result" in message) throw unwritable;
      return send(message);
    };
    wire.say({ ...rpc, id: 1, method: "x" });
    expect(wire.sent).toMatchObject([{ id: 1, error: { code: -32603 } }]);
    expect(errors).toEqual([unwritable]);
    expect(peer.closed).toBe(false);
  });

  it("gives the connection up when there is no room for an answer", async () => {
    const onclose = vi.fn();
    const { wire, peer } = createBench({ onrequest: () => ({}), onclose });
    wire.refuse = new ConnectionError("QUEUE_FULL", "full", "read");
    wire.say({ ...rpc, id: 1, method: "x" });
    await settle();
    expect(peer.closed).toBe(true);
    expect(wire.closes).toBe(1);
    expect(onclose).toHaveBeenCalledExactlyOnceWith(wire.refuse);
  });
});

describe("what is no message", () => {
  it(`answers a broken request under its id${verifies("BASE-36")}`, () => {
    const { wire, errors } = createBench();
    wire.say({ id: 4, method: "x" });
    wire.say({ ...rpc, id: "q", method: 7 });
    expect(wire.sent).toMatchObject([
      { id: 4, error: { code: -32600 } },
      { id: "q", error: { code: -32600 } },
    ]);
    expect(errors).toMatchObject([{ code: "NOT_A_MESSAGE" }, { code: "NOT_A_MESSAGE" }]);
  });

  it(`answers what has no usable id only where told to, and without an id${verifies("STDIO-14", "BASE-03", "BASE-10")}`, () => {
    const garbage = [null, 5, "x", {}, { ...rpc, id: null, method: "x" }, { ...rpc, id: 1.5, method: "x" }];
    const quiet = createBench();
    const loud = createBench({ answerMalformed: true });
    for (const message of garbage) {
      quiet.wire.say(message);
      loud.wire.say(message);
    }
    const unreadable = new MessageError("NOT_JSON", "Line 3 is no JSON.", "");
    quiet.wire.events.onerror(unreadable);
    loud.wire.events.onerror(unreadable);
    expect(quiet.wire.sent).toEqual([]);
    expect(quiet.errors).toHaveLength(garbage.length + 1);
    expect(loud.wire.sent.slice(0, -1)).toMatchObject(garbage.map(() => ({ error: { code: -32600 } })));
    expect(loud.wire.sent.at(-1)).toMatchObject({ error: { code: -32700 } });
    for (const message of loud.wire.sent) expect(message).not.toHaveProperty("id");
  });

  it("two peers that answer garbage do not answer each other's answers", () => {
    const { wire } = createBench({ answerMalformed: true });
    wire.say({ ...rpc, error: { code: -32700, message: "x" } });
    wire.say({ ...rpc, id: null, error: { code: -32600, message: "x" } });
    wire.say({ ...rpc, id: 6, error: "broken" });
    expect(wire.sent).toEqual([]);
  });

  it("settles the request whose answer was too large to read, and answers the request that was", async () => {
    const { wire, peer } = createBench();
    const failing = rejection(peer.request("big"));
    const tooLarge = (head: string): MessageError => new MessageError("TOO_LARGE", "too large.", "Raise it.", { head });
    wire.events.onerror(tooLarge('{"jsonrpc":"2.0","id":1,"result":{"x":"yyy'));
    expect(await failing).toMatchObject({ code: "TOO_LARGE" });
    wire.events.onerror(tooLarge('{"jsonrpc":"2.0","id":8,"method":"x","params":{"x":"yyy'));
    expect(wire.sent[1]).toMatchObject({ id: 8, error: { code: -32600 } });
  });
});

describe("notifications", () => {
  it("go to the listener, and its failures are reported", async () => {
    const seen: unknown[] = [];
    const { wire, errors } = createBench({
      onnotification: (method, params, origin) => {
        seen.push([method, params, origin]);
        if (method === "throws") throw new Error("at once");
        return method === "rejects" ? Promise.reject(new Error("later")) : undefined;
      },
    });
    wire.say({ ...rpc, method: "fine", params: { a: 1 } }, "here");
    wire.say({ ...rpc, method: "throws" });
    wire.say({ ...rpc, method: "rejects" });
    await settle();
    expect(seen).toEqual([
      ["fine", { a: 1 }, "here"],
      ["throws", undefined, undefined],
      ["rejects", undefined, undefined],
    ]);
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringContaining("at once"),
      expect.stringContaining("later"),
    ]);
  });
});

describe("the end", () => {
  it(`fails everything in flight with a local error, and aborts what is worked on${verifies("BASE-47", "STDIO-31")}`, async () => {
    const onclose = vi.fn();
    let signal: AbortSignal | undefined;
    const { wire, peer, errors } = createBench({
      onclose,
      onrequest: (_method, _params, call) => {
        signal = call.signal;
        return new Promise(() => undefined);
      },
    });
    wire.say({ ...rpc, id: 1, method: "x" });
    const failing = [peer.request("a"), peer.request("b")].map(rejection);
    const reason = new ConnectionError("PEER_EXITED", "It exited with code 3.", "Start it again.");
    wire.events.onclose(reason);
    const [first] = await Promise.all(failing);
    expect(first).toMatchObject({ name: "ConnectionError", code: "CLOSED", cause: reason });
    expect(first?.message).toContain("It exited with code 3.");
    expect(first?.message).toContain("a was answered");
    expect(signal?.aborted).toBe(true);
    expect(onclose).toHaveBeenCalledExactlyOnceWith(reason);
    expect(await rejection(peer.request("late"))).toMatchObject({ code: "CLOSED" });
    expect(() => peer.notify("late")).toThrow("closed");
    wire.say({ ...rpc, id: 1, result: {} });
    expect(errors).toEqual([]);
  });

  it("closing it says so to the channel and to the owner once", async () => {
    const onclose = vi.fn();
    const { wire, peer } = createBench({ onclose });
    const failing = rejection(peer.request("a"));
    await peer.close();
    await peer.close();
    expect(await failing).toMatchObject({ code: "CLOSED", message: expect.stringContaining("This side") });
    expect(wire.closes).toBe(2);
    expect(onclose).toHaveBeenCalledExactlyOnceWith(undefined);
  });

  it(`finishes what is worked on when the other side only ended its half${verifies("STDIO-29")}`, async () => {
    let release = (_value: unknown): void => undefined;
    const { wire, peer } = createBench({
      onrequest: () =>
        new Promise((resolve) => {
          release = resolve;
        }),
    });
    wire.say({ ...rpc, id: 1, method: "x" });
    const failing = rejection(peer.request("never answered"));
    wire.events.onend();
    expect(await failing).toMatchObject({ code: "CLOSED" });
    expect(peer.closed).toBe(false);
    release("late but here");
    await settle();
    expect(wire.sent.at(-1)).toEqual({ ...rpc, id: 1, result: "late but here" });
    expect(peer.closed).toBe(true);
    expect(wire.closes).toBe(1);
  });

  it("does not wait longer than it should for that", async () => {
    const { wire, peer } = createBench({ onrequest: () => new Promise(() => undefined), drainMs: 5 });
    wire.say({ ...rpc, id: 1, method: "x" });
    wire.events.onend();
    await vi.waitFor(() => expect(wire.closes).toBe(1), { timeout: 20_000 });
    expect(peer.closed).toBe(true);
    const idle = createBench();
    idle.wire.events.onend();
    expect(idle.peer.closed).toBe(true);
  });
});

it("every error says the way out", async () => {
  const { peer, wire } = createBench({ maxInFlight: 1 });
  expect(await rejection(peer.request("x", {}, { timeoutMs: Number.NaN }))).toMatchObject({ code: "INVALID_USE" });
  const waiting = rejection(peer.request("x"));
  expect((await rejection(peer.request("y"))).message).toMatch(/raise `maxInFlight`/);
  expect(() => peer.batch(() => undefined)).toThrow(McpWireError);
  wire.events.onclose();
  expect((await waiting).message).toMatch(/Connect again/);
});
