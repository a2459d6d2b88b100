import { describe, expect, it } from "vitest";
import { verifies } from "../verifies.js";
import { createBench, rejection, settle, words } from "./wire.js";

const rpc = { jsonrpc: "2.0" };
const batches = (): boolean => true;

describe("batches in", () => {
  it(`are answered by one array, when the last answer is there${verifies("BASE-16", "BASE-17", "STDIO-06")}`, async () => {
    const notified: string[] = [];
    const { wire } = createBench({
      batches,
      onrequest: (method) => (method === "late" ? Promise.resolve("late") : "now"),
      onnotification: (method) => notified.push(method),
    });
    wire.say([
      { ...rpc, id: 1, method: "late" },
      { ...rpc, method: "note" },
      { ...rpc, id: 2, method: "now" },
    ]);
    expect(wire.sent).toEqual([]);
    await settle();
    expect(notified).toEqual(["note"]);
    expect(wire.sent).toEqual([
      [
        { ...rpc, id: 2, result: "now" },
        { ...rpc, id: 1, result: "late" },
      ],
    ]);
  });

  it(`of notifications and answers have no answer${verifies("BASE-17")}`, async () => {
    const { wire, peer, errors } = createBench({ batches });
    const answer = peer.request("x");
    wire.say([
      { ...rpc, method: "note" },
      { ...rpc, id: 1, result: "here" },
    ]);
    expect(await answer).toBe("here");
    expect(wire.sent).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  it("answer what is broken in them, and keep quiet about what was cancelled", async () => {
    const { wire } = createBench({
      batches,
      words,
      answerMalformed: true,
      onrequest: (method) => (method === "never" ? new Promise(() => undefined) : "ok"),
    });
    wire.say([{ ...rpc, id: 1, method: "never" }, 5, [], { ...rpc, id: 2, method: "x" }]);
    wire.say({ ...rpc, method: "stop", params: { which: 1 } });
    await settle();
    expect(wire.sent).toMatchObject([
      [{ error: { code: -32600 } }, { error: { code: -32600 } }, { id: 2, result: "ok" }],
    ]);
  });

  it("that are cancelled as a whole tell the channel so", () => {
    const { wire } = createBench({ batches, words, onrequest: () => new Promise(() => undefined) });
    wire.say([
      { ...rpc, id: 1, method: "x" },
      { ...rpc, id: 2, method: "x" },
    ]);
    for (const which of [2, 1]) wire.say({ ...rpc, method: "stop", params: { which } });
    expect(wire.sent).toEqual([]);
    expect(wire.dropped).toEqual([1]);
  });

  it("are answered even if something else in them goes wrong", () => {
    const { wire, errors } = createBench({ batches, words, onrequest: () => "ok" });
    wire.say([
      { ...rpc, method: "stop" },
      { ...rpc, id: 1, method: "x" },
    ]);
    expect(errors).toMatchObject([{ code: "CALLBACK_FAILED" }]);
    expect(wire.sent).toEqual([[{ ...rpc, id: 1, result: "ok" }]]);
  });

  it(`are refused where they are not agreed, empty or too long${verifies("BASE-17", "BASE-19", "SEC-42")}`, () => {
    const request = { ...rpc, id: 1, method: "x" };
    for (const [options, message] of [
      [{}, [request]],
      [{ batches: () => false }, [request]],
      [{ batches }, []],
      [{ batches, maxBatch: 2 }, [request, request, request]],
    ] as const) {
      const { wire, errors } = createBench({ ...options, answerMalformed: true, onrequest: () => 1 });
      wire.say(message);
      expect(wire.sent).toMatchObject([{ error: { code: -32600 } }]);
      expect(errors).toMatchObject([{ code: "NOT_A_MESSAGE" }]);
    }
  });
});

describe("batches out", () => {
  it(`hold what was sent inside, and a single message goes alone${verifies("BASE-15", "BASE-20")}`, async () => {
    const { wire, peer } = createBench({ batches });
    const answers: Promise<unknown>[] = [];
    peer.batch(() => {
      answers.push(peer.request("a"), peer.request("b"));
      peer.notify("c");
    });
    peer.batch(() => peer.notify("alone"));
    peer.batch(() => undefined);
    expect(wire.sent).toEqual([
      [
        { ...rpc, id: 1, method: "a" },
        { ...rpc, id: 2, method: "b" },
        { ...rpc, method: "c" },
      ],
      { ...rpc, method: "alone" },
    ]);
    wire.say([
      { ...rpc, id: 2, result: "b" },
      { ...rpc, id: 1, result: "a" },
    ]);
    expect(await Promise.all(answers)).toEqual(["a", "b"]);
  });

  it(`are refused where they are not agreed, and inside each other${verifies("BASE-19")}`, () => {
    expect(() => createBench().peer.batch(() => undefined)).toThrow("not allowed");
    const { peer } = createBench({ batches });
    expect(() => peer.batch(() => peer.batch(() => undefined))).toThrow("cannot hold");
  });

  it("that cannot be sent fail their requests", async () => {
    const { wire, peer } = createBench({ batches });
    const failing: Promise<unknown>[] = [];
    wire.refuse = new Error("broken");
    expect(() =>
      peer.batch(() => {
        failing.push(rejection(peer.request("a")), rejection(peer.request("b")));
      }),
    ).toThrow("broken");
    for (const error of await Promise.all(failing))
      expect(error).toMatchObject({ message: expect.stringContaining("broken") });
    expect(peer.inFlight).toBe(0);
  });
});
