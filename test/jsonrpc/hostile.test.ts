import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { verifies } from "../verifies.js";
import { createBench, settle, words } from "./wire.js";

const unhandled: unknown[] = [];
const remember = (reason: unknown): void => {
  unhandled.push(reason);
};

beforeEach(() => {
  unhandled.length = 0;
  process.on("unhandledRejection", remember);
});
afterEach(() => {
  process.off("unhandledRejection", remember);
});

const id = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom("1", "x", null, 1.5, {}, []));
const method = fc.oneof(fc.constantFrom("now", "later", "throws", "rejects", "asks", "stop", "far"), fc.jsonValue());
const params = fc.oneof(
  fc.record({ which: id, token: id, why: fc.jsonValue() }, { requiredKeys: [] }),
  fc.jsonValue({ maxDepth: 2 }),
);
const error = fc.oneof(fc.record({ code: fc.integer(), message: fc.string() }, { requiredKeys: [] }), fc.jsonValue());
const message = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ jsonrpc: fc.constant("2.0"), id, method, params }, { requiredKeys: ["jsonrpc"] }),
  },
  {
    weight: 3,
    arbitrary: fc.record(
      { jsonrpc: fc.constant("2.0"), id, result: params, error },
      { requiredKeys: ["jsonrpc", "id"] },
    ),
  },
  { weight: 1, arbitrary: fc.jsonValue() },
);
const payload = fc.oneof(
  { weight: 4, arbitrary: message },
  { weight: 1, arbitrary: fc.array(message, { maxLength: 4 }) },
);

it(`nothing a peer says throws, or leaves a rejection to nobody${verifies("SEC-42", "BASE-12")}`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(payload, { maxLength: 20 }), fc.boolean(), async (messages, batches) => {
      const { wire, peer } = createBench({
        words,
        batches: () => batches,
        answerMalformed: true,
        onrequest: (name, _params, call) => {
          call.progress({ at: 1 });
          if (name === "throws") throw new Error("at once");
          if (name === "rejects") return Promise.reject(new Error("later"));
          if (name === "later") return Promise.resolve("later");
          if (name === "asks") return call.request("question");
          return call.signal.aborted;
        },
        onnotification: () => Promise.reject(new Error("listener")),
      });
      const own = [peer.request("a", {}, { onprogress: () => undefined }), peer.request("b")];
      const outcomes = Promise.allSettled(own);
      for (const one of messages) wire.say(one);
      await settle();
      // What went out is itself always well formed, and answers nothing twice.
      for (const one of wire.sent.flat()) expect(one).toMatchObject({ jsonrpc: "2.0" });
      wire.events.onclose();
      await outcomes;
      expect([peer.inFlight, peer.working]).toEqual([0, 0]);
    }),
    { numRuns: 500 },
  );
  await settle();
  expect(unhandled).toEqual([]);
});

it("a flood of answers to nothing costs no memory", () => {
  const { wire, peer, errors } = createBench();
  for (let at = 0; at < 10_000; at++) wire.say({ jsonrpc: "2.0", id: at, result: {} });
  expect(errors).toHaveLength(10_000);
  expect(peer.inFlight).toBe(0);
});

it("a very deep message is a message", () => {
  const { wire } = createBench({ onrequest: () => "fine" });
  const deep: unknown = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
  wire.say({ jsonrpc: "2.0", id: 1, method: "x", params: deep });
  wire.say({ jsonrpc: "2.0", oops: deep });
  expect(wire.sent).toEqual([{ jsonrpc: "2.0", id: 1, result: "fine" }]);
});
