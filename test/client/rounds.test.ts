/** Rounds of input: what belongs to which request, how they are paced, and how they are given up. */

import { afterEach, describe, expect, test, vi } from "vitest";
import { verifies } from "../verifies.js";
import { connectRaw, type Sent, stateless } from "./raw.js";

const FORM = { type: "object", properties: { n: { type: "integer" } } };
const complete = { resultType: "complete", content: [] };

afterEach(() => {
  vi.restoreAllMocks();
});

const callsOf = (seen: readonly Sent[], name: string): Sent[] =>
  seen.filter(({ method, params }) => method === "tools/call" && params?.name === name);

test(`the state and the answers of one request go with no other${verifies("MRTR-16", "MRTR-17", "MRTR-18")}`, async () => {
  const { client, raw } = await connectRaw(
    stateless(({ params }) =>
      params?.inputResponses === undefined && params?.name !== "plain"
        ? {
            resultType: "input_required",
            requestState: `{"state of":"${params?.name}"}`,
            inputRequests: { [`key of ${params?.name}`]: { method: "roots/list" } },
          }
        : complete,
    ),
    { roots: [{ uri: "file:///w" }] },
  );
  await Promise.all(["one", "two", "plain"].map((name) => client.callTool(name)));
  await client.callTool("plain");
  for (const name of ["one", "two"]) {
    const [first, second, ...more] = callsOf(raw.seen, name).map(({ params }) => params);
    expect(first).not.toHaveProperty("requestState");
    expect(second).toMatchObject({
      requestState: `{"state of":"${name}"}`,
      inputResponses: { [`key of ${name}`]: { roots: [{ uri: "file:///w" }] } },
    });
    expect(Object.keys(second?.inputResponses as object)).toHaveLength(1);
    expect(more).toEqual([]);
  }
  for (const { params } of callsOf(raw.seen, "plain")) {
    expect(params).not.toHaveProperty("requestState");
    expect(params).not.toHaveProperty("inputResponses");
  }
});

test(`who is told to come again waits longer each time, and not as long as everybody else${verifies("BASE-92", "MRTR-13")}`, async () => {
  const waits: number[] = [];
  const real = globalThis.setTimeout;
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((run: () => void, ms = 0) => {
    const isOfThePeer = ms > 5_000;
    if (!isOfThePeer) waits.push(ms);
    return real(run, isOfThePeer ? ms : 0);
  }) as typeof setTimeout);
  const pace = async (random: number): Promise<number[]> => {
    vi.spyOn(Math, "random").mockReturnValue(random);
    let left = 5;
    const { client } = await connectRaw(
      stateless(() => (left-- > 0 ? { resultType: "input_required", requestState: "later" } : complete)),
      { probeTimeoutMs: 10_000 },
    );
    waits.length = 0;
    expect(await client.callTool("busy")).toMatchObject({ content: [] });
    return [...waits];
  };
  const [short, long] = [await pace(0), await pace(0.999)];
  expect(short).toHaveLength(5);
  for (const [index, wait] of short.entries()) {
    expect(wait).toBeGreaterThan(short[index - 1] ?? 0);
    expect(long[index]).toBeGreaterThan(wait);
  }
});

describe("a request that asks a person", () => {
  test("ends when its caller gives it up, although the person says nothing", async () => {
    const { client, raw } = await connectRaw(
      stateless(() => ({ resultType: "input_required", inputRequests: { k: { method: "roots/list" } } })),
      { roots: () => new Promise(() => undefined) },
    );
    const controller = new AbortController();
    const call = client.callTool("x", undefined, { signal: controller.signal });
    await expect.poll(() => raw.seen.length).toBe(2);
    controller.abort(new Error("enough"));
    await expect(call).rejects.toMatchObject({ code: "CANCELLED", cause: { message: "enough" } });
    // The round was answered: there is nothing left to cancel.
    expect(raw.seen).toHaveLength(2);
  });

  test(`is not bound by the time of a request while the person thinks${verifies("MRTR-29", "LIFE-89")}`, async () => {
    let thought = (): void => undefined;
    const { client } = await connectRaw(
      stateless(({ params }) =>
        params?.inputResponses === undefined
          ? { resultType: "input_required", inputRequests: { k: { method: "roots/list" } } }
          : complete,
      ),
      {
        roots: () =>
          new Promise((resolve) => {
            thought = () => resolve([]);
          }),
      },
    );
    const call = client.callTool("x", undefined, { timeoutMs: 30 });
    await new Promise((resolve) => setTimeout(resolve, 120));
    thought();
    expect(await call).toMatchObject({ content: [] });
  });

  test("takes its other questions back when one cannot be answered, and asks none that go with one that nobody can", async () => {
    const signals: AbortSignal[] = [];
    const ask = (requests: object): ReturnType<typeof connectRaw> =>
      connectRaw(
        stateless(() => ({ resultType: "input_required", inputRequests: requests })),
        {
          roots: () => Promise.reject(new Error("no folders")),
          elicit: (_form, { signal }) => {
            signals.push(signal);
            return new Promise(() => undefined);
          },
        },
      );
    const form = { method: "elicitation/create", params: { message: "?", requestedSchema: FORM } };
    const fails = await ask({ form, folders: { method: "roots/list" } });
    await expect(fails.client.callTool("x")).rejects.toMatchObject({ code: "NOT_ANSWERED" });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    const model = { method: "sampling/createMessage", params: { messages: [], maxTokens: 1 } };
    const { client } = await ask({ form, model });
    await expect(client.callTool("x")).rejects.toMatchObject({ code: "NOT_ANSWERED" });
    expect(signals).toHaveLength(1);
  });

  test("ends with the connection, and so does the question", async () => {
    let asked: AbortSignal | undefined;
    const { client } = await connectRaw(
      stateless(() => ({
        resultType: "input_required",
        inputRequests: { form: { method: "elicitation/create", params: { message: "?", requestedSchema: FORM } } },
      })),
      {
        elicit: (_form, { signal }) => {
          asked = signal;
          return new Promise(() => undefined);
        },
      },
    );
    const outcome = client.callTool("x").catch((error: unknown) => error);
    await expect.poll(() => asked).toBeDefined();
    await client.close();
    expect(
      await Promise.race([outcome, new Promise((resolve) => setTimeout(resolve, 5_000, "still waiting"))]),
    ).toMatchObject({ code: "CLOSED" });
    expect(asked?.aborted).toBe(true);
  });
});
