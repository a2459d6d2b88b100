import { describe, expect, it, vi } from "vitest";
import { CancelledError, ConnectionError } from "../../runtime/errors.js";
import type { IncomingCall } from "../../runtime/jsonrpc/incoming.js";
import { verifies } from "../verifies.js";
import { createBench, rejection, settle, words } from "./wire.js";

const rpc = { jsonrpc: "2.0" };

describe("timeouts", () => {
  it(`give the request up and tell the peer${verifies("LIFE-83", "LIFE-84", "LIFE-85", "LIFE-86", "BASE-59", "BASE-60")}`, async () => {
    const { wire, peer } = createBench({ words, timeoutMs: 60_000 });
    const error = await rejection(peer.request("slow", {}, { timeoutMs: 5, about: "parent" }));
    expect(error).toMatchObject({ code: "TIMEOUT", message: expect.stringContaining("slow (id 1)") });
    expect(wire.sent[1]).toEqual({ ...rpc, method: "stop", params: { which: 1, why: "timeout" } });
    expect(wire.abouts).toEqual(["parent", "parent"]);
    expect(peer.inFlight).toBe(0);
  });

  it("come from the peer's default too", async () => {
    const { peer } = createBench({ timeoutMs: 5 });
    expect(await rejection(peer.request("slow"))).toMatchObject({ code: "TIMEOUT" });
  });

  it(`tell nobody where the protocol forbids it${verifies("BASE-61")}`, async () => {
    const { wire, peer } = createBench({ words });
    await rejection(peer.request("hello", {}, { timeoutMs: 5, cancellable: false }));
    expect(wire.sent).toHaveLength(1);
  });

  it(`end the exchange where the channel has one for each request${verifies("BASE-69", "HTTP-102")}`, async () => {
    const { wire, peer } = createBench({ words });
    const giveUp = vi.fn(() => true);
    Object.assign(wire, { giveUp });
    await rejection(peer.request("slow", {}, { timeoutMs: 5 }));
    await rejection(peer.request("hello", {}, { timeoutMs: 5, cancellable: false }));
    expect(giveUp.mock.calls).toEqual([[1], [2]]);
    expect(wire.sent).toHaveLength(2);
    giveUp.mockReturnValue(false);
    await rejection(peer.request("slow", {}, { timeoutMs: 5 }));
    expect(wire.sent.slice(3)).toMatchObject([{ method: words.cancel?.method }]);
  });

  it("fail the one request whose exchange was lost, and report what belongs to none", async () => {
    const { wire, peer, errors } = createBench({ words });
    const [first, second] = [peer.request("one"), peer.request("two")];
    const lost = new ConnectionError("STREAM_LOST", "The stream broke.", "Ask again.");
    wire.events.onlost(1, lost);
    expect(await rejection(first)).toBe(lost);
    wire.say({ ...rpc, id: 2, result: 5 });
    expect(await second).toBe(5);
    wire.events.onlost(1, lost);
    expect(errors).toEqual([lost]);
  });

  it(`make a late answer no news${verifies("BASE-65", "BASE-66")}`, async () => {
    const { wire, peer, errors } = createBench({ words });
    await rejection(peer.request("slow", {}, { timeoutMs: 5 }));
    wire.say({ ...rpc, id: 1, result: {} });
    expect(errors).toEqual([]);
    wire.say({ ...rpc, id: 1, result: {} });
    expect(errors).toMatchObject([{ code: "UNKNOWN_ID" }]);
  });

  it.each([true, false])(
    `can wait while a request of the peer is worked on (%s)${verifies("LIFE-89")}`,
    async (holdWhileWorking) => {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
      let answer = (_value: unknown): void => undefined;
      const { wire, peer } = createBench({
        words,
        holdWhileWorking,
        onrequest: () =>
          new Promise((resolve) => {
            answer = resolve;
          }),
      });
      const failing = rejection(peer.request("long", {}, { timeoutMs: 100, maxTotalMs: 100_000 }));
      wire.say({ ...rpc, id: 1, method: "ask the user" });
      vi.advanceTimersByTime(5_000);
      expect(peer.inFlight).toBe(holdWhileWorking ? 1 : 0);
      answer("yes");
      await settle();
      vi.advanceTimersByTime(500);
      vi.useRealTimers();
      expect(await failing).toMatchObject({ code: "TIMEOUT" });
    },
  );

  it("report a cancellation that could not be sent", async () => {
    const { wire, peer, errors } = createBench({ words });
    const failing = rejection(peer.request("slow", {}, { timeoutMs: 5 }));
    wire.refuse = new Error("broken");
    expect(await failing).toMatchObject({ code: "TIMEOUT" });
    expect(errors).toMatchObject([{ message: expect.stringContaining("broken") }]);
  });
});

describe("cancelling", () => {
  it(`by the caller's signal${verifies("BASE-59", "BASE-69", "STDIO-22")}`, async () => {
    const { wire, peer } = createBench({ words });
    const controller = new AbortController();
    const failing = rejection(peer.request("x", {}, { signal: controller.signal }));
    controller.abort("the user pressed escape");
    expect(await failing).toMatchObject({ code: "CANCELLED", cause: "the user pressed escape" });
    expect(wire.sent[1]).toEqual({ ...rpc, method: "stop", params: { which: 1, why: "the user pressed escape" } });
    expect(await rejection(peer.request("y", {}, { signal: controller.signal }))).toBeInstanceOf(CancelledError);
    expect(wire.sent).toHaveLength(2);
  });

  it("leaves no listener on a signal after the answer", async () => {
    const { wire, peer } = createBench({ words });
    const { signal } = new AbortController();
    const remove = vi.spyOn(signal, "removeEventListener");
    const answer = peer.request("x", {}, { signal });
    wire.say({ ...rpc, id: 1, result: 1 });
    await answer;
    expect(remove).toHaveBeenCalledOnce();
  });

  it("takes one signal for many requests, with one listener", async () => {
    const { peer, wire } = createBench({ words });
    const controller = new AbortController();
    const add = vi.spyOn(controller.signal, "addEventListener");
    const { signal } = controller;
    const failing = Array.from({ length: 20 }, () => rejection(peer.request("x", {}, { signal })));
    expect(add).toHaveBeenCalledOnce();
    wire.say({ ...rpc, id: 1, error: { code: 1, message: "answered" } });
    controller.abort(new Error("enough"));
    const errors = await Promise.all(failing);
    expect(errors[0]).toMatchObject({ rpcCode: 1 });
    for (const error of errors.slice(1))
      expect(error).toMatchObject({ code: "CANCELLED", cause: { message: "enough" } });
    expect(wire.sent).toHaveLength(20 + 19);
    expect(peer.inFlight).toBe(0);
  });

  it(`by the peer stops the handler and suppresses the answer${verifies("BASE-63", "BASE-72", "STDIO-23", "STDIO-24")}`, async () => {
    let call: IncomingCall | undefined;
    const { wire, peer, errors } = createBench({
      words,
      onrequest: async (_method, _params, given) => {
        call = given;
        await new Promise((resolve) => given.signal.addEventListener("abort", resolve));
        given.progress({ at: 1 });
        given.notify("note");
        throw new Error("stopped");
      },
    });
    wire.say({ ...rpc, id: 3, method: "x", params: { token: 3 } });
    wire.say({ ...rpc, method: "stop", params: { which: 3, why: "changed my mind" } });
    await settle();
    expect(call?.cancelled).toBe(true);
    expect(call?.signal.reason).toMatchObject({
      code: "CANCELLED",
      message: expect.stringContaining("changed my mind"),
    });
    expect(wire.sent).toEqual([]);
    expect(wire.dropped).toEqual([3]);
    expect(errors).toEqual([]);
    expect(peer.working).toBe(0);
  });

  it("is seen by a handler that looks only afterwards", async () => {
    let call: IncomingCall | undefined;
    const { wire } = createBench({
      words,
      onrequest: (_method, _params, given) => {
        call = given;
        return new Promise(() => undefined);
      },
    });
    wire.say({ ...rpc, id: 3, method: "x" });
    wire.say({ ...rpc, method: "stop", params: { which: 3 } });
    expect(call?.signal.aborted).toBe(true);
  });

  it(`of something unknown, done or unreadable is no error; the protocol above may know it${verifies("BASE-64", "BASE-67", "BASE-68")}`, () => {
    const seen: unknown[] = [];
    const { wire, errors } = createBench({
      words,
      onrequest: () => 1,
      onnotification: (method, params) => seen.push([method, params]),
    });
    wire.say({ ...rpc, id: 1, method: "x" });
    wire.say({ ...rpc, method: "stop", params: { which: 1 } });
    wire.say({ ...rpc, method: "stop", params: {} });
    expect(seen).toEqual([
      ["stop", { which: 1 }],
      ["stop", {}],
    ]);
    expect(errors).toEqual([]);
    wire.say({ ...rpc, method: "stop" });
    expect(errors).toMatchObject([{ code: "CALLBACK_FAILED" }]);
    expect(wire.sent).toHaveLength(1);
  });
});

describe("progress", () => {
  it(`is asked for with the id, and reaches its own request only${verifies("BASE-49", "BASE-50", "BASE-53")}`, async () => {
    const seen: unknown[] = [];
    const { wire, peer, errors } = createBench({
      words,
      onnotification: (method, params) => seen.push(["other", method, params]),
    });
    const params = { a: 1 };
    const first = peer.request("x", params, { onprogress: (update) => seen.push(["first", update]) });
    const second = peer.request("y", params);
    expect(wire.sent).toMatchObject([{ params: { a: 1, token: 1 } }, { params: { a: 1 } }]);
    expect(wire.sent[1]).not.toHaveProperty("params.token");
    expect(params).toEqual({ a: 1 });
    wire.say({ ...rpc, method: "far", params: { token: 1, at: 0.5 } });
    wire.say({ ...rpc, method: "far", params: { token: 2, at: 0.5 } });
    wire.say({ ...rpc, id: 1, result: 1 });
    wire.say({ ...rpc, id: 2, result: 2 });
    wire.say({ ...rpc, method: "far", params: { token: 1, at: 1 } });
    await Promise.all([first, second]);
    expect(seen).toEqual([
      ["first", { token: 1, at: 0.5 }],
      ["other", "far", { token: 2, at: 0.5 }],
      ["other", "far", { token: 1, at: 1 }],
    ]);
    expect(errors).toEqual([]);
  });

  it(`moves the deadline, up to the ceiling${verifies("LIFE-87", "LIFE-88")}`, async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const { wire, peer } = createBench({ words });
    let ticks = 0;
    const failing = rejection(peer.request("x", {}, { timeoutMs: 400, maxTotalMs: 1_000, onprogress: () => ticks++ }));
    while (peer.inFlight > 0) {
      vi.advanceTimersByTime(300);
      wire.say({ ...rpc, method: "far", params: { token: 1 } });
    }
    vi.useRealTimers();
    expect(await failing).toMatchObject({ code: "TIMEOUT", message: expect.stringContaining("maxTotalMs") });
    expect(ticks).toBe(3);
  });

  it("listeners that throw are reported, and the request goes on", async () => {
    const { wire, peer, errors } = createBench({ words });
    const answer = peer.request(
      "x",
      {},
      {
        onprogress: () => {
          throw new Error("listener");
        },
      },
    );
    wire.say({ ...rpc, method: "far", params: { token: 1 } });
    wire.say({ ...rpc, id: 1, result: "fine" });
    expect(await answer).toBe("fine");
    expect(errors).toMatchObject([{ code: "CALLBACK_FAILED" }]);
  });

  it(`is sent under the token that was asked for, until the answer${verifies("BASE-51", "BASE-55")}`, async () => {
    let call: IncomingCall | undefined;
    const { wire } = createBench({
      words,
      onrequest: async (_method, _params, given) => {
        call = given;
        given.progress({ at: 1 });
        return "done";
      },
    });
    wire.say({ ...rpc, id: 1, method: "x", params: { token: "t" } });
    await settle();
    call?.progress({ at: 2 });
    wire.say({ ...rpc, id: 2, method: "x", params: {} });
    await settle();
    expect(wire.sent).toEqual([
      { ...rpc, method: "far", params: { token: "t", at: 1 } },
      { ...rpc, id: 1, result: "done" },
      { ...rpc, id: 2, result: "done" },
    ]);
    expect(wire.abouts).toEqual([1, 1, 2]);
  });
});

it("a handler can ask the peer, on behalf of its request", async () => {
  const { wire } = createBench({
    onrequest: async (_method, _params, call) => `hello ${await call.request("name", { polite: true })}`,
  });
  wire.say({ ...rpc, id: "q", method: "greet" });
  expect(wire.sent).toEqual([{ ...rpc, id: 1, method: "name", params: { polite: true } }]);
  wire.say({ ...rpc, id: 1, result: "Ada" });
  await settle();
  expect(wire.sent[1]).toEqual({ ...rpc, id: "q", result: "hello Ada" });
  expect(wire.abouts).toEqual(["q", "q"]);
});
