/** Pages that servers send the person to, against servers that do what they like. */

import { expect, test } from "vitest";
import { connect } from "../../runtime/client/connect.js";
import type { ConnectOptions } from "../../runtime/client/options.js";
import { type UrlContext, urlsRequiredBy } from "../../runtime/client/visits.js";
import { RpcError } from "../../runtime/errors.js";
import { verifies } from "../verifies.js";
import { createRawServer, type RawServer, type Sent, stateful } from "./raw.js";

const page = (id: string, url = "https://pages.example/"): object => ({
  mode: "url",
  message: `Go ${id}`,
  url,
  elicitationId: id,
});
const required = (...elicitations: object[]): object => ({
  error: { code: -32042, message: "first", data: { elicitations } },
});
const DONE = { content: [{ type: "text", text: "done" }] };

/** A server that refuses calls until it is told to stop. */
async function scene(
  options: ConnectOptions,
  refusal: object | (() => object) = required(page("1")),
): Promise<{ raw: RawServer; client: Awaited<ReturnType<typeof connect>>; calls(): Sent[]; pass(): void }> {
  let open = false;
  const raw = createRawServer(
    stateful(({ method }) => {
      if (method !== "tools/call") return {};
      return open ? DONE : typeof refusal === "function" ? refusal() : refusal;
    }),
  );
  const client = await connect(raw.channel, { revisions: ["2025-11-25"], ...options });
  const calls = (): Sent[] => raw.seen.filter(({ method }) => method === "tools/call");
  return {
    raw,
    client,
    calls,
    pass: () => {
      open = true;
    },
  };
}

const complete = (raw: RawServer, elicitationId: string): void =>
  raw.say({ method: "notifications/elicitation/complete", params: { elicitationId } });

test(`the request waits for all pages, and goes again under a new id${verifies("ELIC-36", "ELIC-37", "ELIC-42", "ELIC-43")}`, async () => {
  const asked: string[] = [];
  const errors: Error[] = [];
  const { raw, client, calls, pass } = await scene(
    {
      onerror: (error) => errors.push(error),
      elicitUrl({ message }) {
        asked.push(message);
        return { action: "accept" };
      },
    },
    required(page("1"), page("2")),
  );
  const answer = client.callTool("x");
  await expect.poll(() => asked).toEqual(["Go 1", "Go 2"]);
  pass();
  // Unknown, twice the same, and of another kind: nothing of it counts.
  for (const id of ["0", "1", "1", "1", ""]) complete(raw, id);
  await client.ping();
  expect(calls()).toHaveLength(1);
  complete(raw, "2");
  expect(await answer).toMatchObject(DONE);
  complete(raw, "2");
  await client.ping();
  const [first, second] = calls();
  expect(second).toEqual({ ...first, id: expect.any(Number) });
  expect(second?.id).not.toBe(first?.id);
  expect(errors).toEqual([]);
  expect(raw.seen.filter(({ method, result }) => method === undefined || result !== undefined)).toEqual([]);
  await client.close();
});

test(`a completion may come before the callback has answered, and the callback hears of it${verifies("ELIC-37", "ELIC-38")}`, async () => {
  const { raw, client, pass } = await scene({
    async elicitUrl(_page, { completed }) {
      pass();
      complete(raw, "1");
      await completed;
      return { action: "accept" };
    },
  });
  expect(await client.callTool("x")).toMatchObject(DONE);
  await client.close();
});

test(`the person's own word is enough to go on${verifies("ELIC-38")}`, async () => {
  let how: UrlContext | undefined;
  const { client, calls, pass } = await scene({
    elicitUrl(_page, given) {
      how = given;
      return { action: "accept" };
    },
  });
  const answer = client.callTool("x");
  await expect.poll(() => how).toBeDefined();
  pass();
  how?.complete();
  expect(await answer).toMatchObject(DONE);
  expect(calls()).toHaveLength(2);
  await client.close();
});

test(`a server that is never satisfied is not asked for ever${verifies("ELIC-42")}`, async () => {
  let visits = 0;
  const options: ConnectOptions = {
    elicitUrl(_page, { complete: done }) {
      visits++;
      done();
      return { action: "accept" };
    },
  };
  let id = 0;
  const { client, calls } = await scene(options, () => required(page(String(++id))));
  await expect(client.callTool("x")).rejects.toMatchObject({ rpcCode: -32042 });
  expect([visits, calls().length]).toEqual([3, 4]);
  await client.close();
  const other = await scene({ ...options, urlRetries: 0 });
  const error = await other.client.callTool("x").catch((caught: unknown) => caught);
  expect(urlsRequiredBy(error)).toEqual([{ ...page("1"), host: "pages.example" }]);
  expect([visits, other.calls().length]).toEqual([3, 1]);
  await other.client.close();
});

test(`what does not come has an end: time, the caller, the connection${verifies("ELIC-38", "ELIC-45")}`, async () => {
  const accept: ConnectOptions = { elicitUrl: () => ({ action: "accept" }) };
  const slow = await scene({ ...accept, urlWaitMs: 20 });
  await expect(slow.client.callTool("x")).rejects.toMatchObject({ rpcCode: -32042 });
  // The way to try again by hand.
  slow.pass();
  expect(await slow.client.callTool("x")).toMatchObject(DONE);
  await slow.client.close();

  const given = await scene(accept);
  const controller = new AbortController();
  const cancelled = given.client.callTool("x", {}, { signal: controller.signal });
  await expect.poll(() => given.calls()).toHaveLength(1);
  controller.abort(new Error("enough"));
  await expect(cancelled).rejects.toMatchObject({ code: "CANCELLED", cause: { message: "enough" } });
  await given.client.close();

  let asked = false;
  const closed = await scene({
    elicitUrl() {
      asked = true;
      return { action: "accept" };
    },
  });
  const lost = closed.client.callTool("x");
  const outcome = expect(lost).rejects.toMatchObject({ code: "CLOSED" });
  await expect.poll(() => asked).toBe(true);
  await closed.client.close();
  await outcome;
});

test(`completions of pages that are still to be shown count${verifies("ELIC-37", "ELIC-42")}`, async () => {
  const asked: string[] = [];
  const { raw, client, pass } = await scene(
    {
      async elicitUrl({ message }) {
        asked.push(message);
        // One sign-in was enough for both.
        for (const id of ["1", "2"]) complete(raw, id);
        await client.ping();
        pass();
        return { action: "accept" };
      },
      urlWaitMs: 5_000,
    },
    required(page("1"), page("2")),
  );
  expect(await client.callTool("x")).toMatchObject(DONE);
  expect(asked).toEqual(["Go 1"]);
  await client.close();
});

test("a person who does not answer holds nobody who gave up, or whose connection is gone", async () => {
  const signals: AbortSignal[] = [];
  const options: ConnectOptions = {
    elicitUrl(_page, { signal }) {
      signals.push(signal);
      return new Promise(() => undefined);
    },
  };
  const late = new Promise((resolve) => setTimeout(resolve, 5_000, "still waiting"));
  const given = await scene(options);
  const controller = new AbortController();
  const cancelled = given.client.callTool("x", {}, { signal: controller.signal }).catch((error: unknown) => error);
  await expect.poll(() => signals).toHaveLength(1);
  controller.abort(new Error("enough"));
  expect(await Promise.race([cancelled, late])).toMatchObject({ code: "CANCELLED", cause: { message: "enough" } });
  await given.client.close();
  const closed = await scene(options);
  const lost = closed.client.callTool("x").catch((error: unknown) => error);
  await expect.poll(() => signals).toHaveLength(2);
  await closed.client.close();
  expect(await Promise.race([lost, late])).toMatchObject({ code: "CLOSED" });
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
});

test("a callback that throws is the caller's fault, not the server's", async () => {
  const { client, calls } = await scene({
    elicitUrl() {
      throw new Error("no window");
    },
  });
  await expect(client.callTool("x")).rejects.toMatchObject({
    code: "CALLBACK_FAILED",
    cause: { message: "no window" },
  });
  expect(calls()).toHaveLength(1);
  await client.close();
});

test.each([
  "javascript:alert(1)",
  "http://pages.example/",
  "https://bank.com@evil.example/",
  "file:///etc/passwd",
  "%",
])(`the address %s reaches nobody${verifies("ELIC-58", "ELIC-52", "SEC-27", "SEC-30")}`, async (url) => {
  const asked: unknown[] = [];
  const errors: Error[] = [];
  const options: ConnectOptions = {
    onerror: (error) => errors.push(error),
    elicitUrl(given) {
      asked.push(given);
      return { action: "accept" };
    },
  };
  const { raw, client } = await scene(options, required(page("1", url)));
  await expect(client.callTool("x")).rejects.toMatchObject({ rpcCode: -32042 });
  raw.say({ id: "q", method: "elicitation/create", params: page("2", url) });
  await expect.poll(() => raw.seen.find(({ id }) => String(id) === "q")?.result).toEqual({ action: "decline" });
  expect(asked).toEqual([]);
  expect(errors).toMatchObject([{ code: "URL_REFUSED" }, { code: "URL_REFUSED" }]);
  await client.close();
});

test(`the page is given in full, with its host apart, and nothing is fetched${verifies("ELIC-50", "ELIC-51", "ELIC-53", "ELIC-55")}`, async () => {
  const fetched: unknown[] = [];
  const original = globalThis.fetch;
  globalThis.fetch = (...args) => {
    fetched.push(args[0]);
    return original(...args);
  };
  try {
    const seen: object[] = [];
    const long = `https://xn--pple-43d.com/${"x".repeat(10_000)}?a=1#b`;
    const { client } = await scene(
      {
        elicitUrl(given) {
          seen.push(given);
          return { action: "decline" };
        },
      },
      required({ ...page("1", long), extra: { kept: true } }, page("2")),
    );
    await expect(client.callTool("x")).rejects.toMatchObject({ rpcCode: -32042 });
    expect(seen).toEqual([{ ...page("1", long), extra: { kept: true }, host: "xn--pple-43d.com" }]);
    expect(fetched).toEqual([]);
    await client.close();
  } finally {
    globalThis.fetch = original;
  }
});

test.each([
  ["no data", undefined],
  ["no pages", { elicitations: [] }],
  ["a form", { elicitations: [{ mode: "form", message: "m", elicitationId: "1" }] }],
  ["no id", { elicitations: [{ mode: "url", message: "m", url: "https://pages.example/" }] }],
])(`an error for pages with %s is an error like any other${verifies("ELIC-41")}`, async (_what, data) => {
  const options: ConnectOptions = { elicitUrl: () => expect.unreachable() };
  const { client, calls } = await scene(options, { error: { code: -32042, message: "first", data } });
  const error = await client.callTool("x").catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(RpcError);
  expect(urlsRequiredBy(error)).toBeUndefined();
  expect(calls()).toHaveLength(1);
  await client.close();
});

test(`in a revision without the error its code means nothing${verifies("ELIC-44", "BASE-39")}`, async () => {
  const options: ConnectOptions = { revisions: ["2025-06-18"], elicitUrl: () => expect.unreachable() };
  const { client, calls } = await scene(options);
  await expect(client.callTool("x")).rejects.toMatchObject({ rpcCode: -32042 });
  expect(calls()).toHaveLength(1);
  await client.close();
});

test(`a client without pages gets the error, and declares none${verifies("ELIC-03", "ELIC-05")}`, async () => {
  const { raw, client } = await scene({ elicit: () => ({ action: "cancel" }) });
  await expect(client.callTool("x")).rejects.toMatchObject({ rpcCode: -32042 });
  const { capabilities } = raw.seen.find(({ method }) => method === "initialize")?.params ?? {};
  expect(capabilities).toEqual({ elicitation: { form: {} } });
  await client.close();
});
