/** Pages that handlers send people to, seen from the wire: who hears of their completion, and what the error for them may say. */

import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { RpcError } from "../../runtime/errors.js";
import { createServer, type Server } from "../../runtime/server/server.js";
import { createMemoryPair } from "../../runtime/transport/memory.js";
import { verifies } from "../verifies.js";
import { type Answer, attach, createRaw, type Raw } from "./raw.js";

const URL_MODE = { elicitation: { url: {} } };
const COMPLETE = "notifications/elicitation/complete";

function withPages(server: Server): void {
  server.tool("first", {}, async (_args, ctx) => {
    await ctx.requireUrl([{ message: "Sign in", url: (id) => `https://pages.example/${id}` }]);
    return "in";
  });
  server.tool("ask", {}, async (_args, ctx) => {
    const { action } = await ctx.elicitUrl({
      message: "Pay",
      url: "https://pages.example/pay",
      elicitationId: "pay-1",
    });
    return action;
  });
}

const completions = ({ seen }: Raw): unknown[] =>
  seen.filter(({ method }) => method === COMPLETE).map(({ params }) => params);
const idIn = ({ error }: Answer): string => {
  const [page] = (error?.data?.elicitations ?? []) as { elicitationId: string }[];
  return page?.elicitationId ?? "";
};

/** What is sent meanwhile has arrived. */
const settled = (raw: Raw): Promise<Answer> => raw.ask("ping");

test(`completion is told to the client that was asked, once, and to no other${verifies("ELIC-34", "ELIC-35")}`, async () => {
  const raw = await createRaw(withPages);
  const [near, far] = createMemoryPair();
  await raw.server.connect(far);
  const other = attach(near, raw.server, []);
  await raw.initialize("2025-11-25", URL_MODE);
  await other.initialize("2025-11-25", URL_MODE);
  const id = idIn(await raw.ask("tools/call", { name: "first" }));
  const otherId = idIn(await other.ask("tools/call", { name: "first" }));
  expect(id).not.toBe(otherId);
  expect(await raw.server.completeElicitation(id)).toBe(true);
  expect(await raw.server.completeElicitation(id)).toBe(false);
  expect(await raw.server.completeElicitation("unknown")).toBe(false);
  await settled(raw);
  await settled(other);
  expect(completions(raw)).toEqual([{ elicitationId: id }]);
  expect(completions(other)).toEqual([]);
  expect(await raw.server.completeElicitation(otherId)).toBe(true);
  await settled(other);
  expect(completions(other)).toEqual([{ elicitationId: otherId }]);
  await raw.close();
});

test(`a question by request has its completion too, with the id of the handler${verifies("ELIC-34", "ELIC-12", "ELIC-18")}`, async () => {
  const raw = await createRaw(withPages);
  await raw.initialize("2025-11-25", URL_MODE);
  const answer = raw.ask("tools/call", { name: "ask" });
  await expect.poll(() => raw.seen.find(({ method }) => method === "elicitation/create")).toBeDefined();
  const asked = raw.seen.find(({ method }) => method === "elicitation/create");
  expect(asked?.params).toMatchObject({ mode: "url", elicitationId: "pay-1", message: "Pay" });
  raw.send({ jsonrpc: "2.0", id: asked?.id, result: { action: "accept" } });
  expect((await answer).result).toMatchObject({ content: [{ text: "accept" }] });
  // The page is open, and only later is the person done.
  expect(completions(raw)).toEqual([]);
  expect(await raw.server.completeElicitation("pay-1")).toBe(true);
  await settled(raw);
  expect(completions(raw)).toEqual([{ elicitationId: "pay-1" }]);
  await raw.close();
});

test(`a client that is gone is told nothing, and nobody is bothered${verifies("ELIC-35")}`, async () => {
  const raw = await createRaw(withPages);
  await raw.initialize("2025-11-25", URL_MODE);
  const id = idIn(await raw.ask("tools/call", { name: "first" }));
  await raw.close();
  expect(await raw.server.completeElicitation(id)).toBe(false);
  expect(raw.errors).toEqual([]);
});

test("a client without pages is told so before anything is sent", async () => {
  const raw = await createRaw(withPages);
  await raw.initialize("2025-11-25", { elicitation: {} });
  expect((await raw.ask("tools/call", { name: "first" })).result).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining("did not declare elicitation.url") }],
  });
  await raw.close();
});

const GOOD = { mode: "url", message: "m", url: "https://pages.example/", elicitationId: "1" };

test.each([
  ["without data", undefined],
  ["without pages", { elicitations: [] }],
  ["for a form", { elicitations: [{ message: "m", requestedSchema: { type: "object", properties: {} } }] }],
  ["with a form among pages", { elicitations: [GOOD, { mode: "form", message: "m", elicitationId: "2" }] }],
  ["without ids", { elicitations: [{ mode: "url", message: "m", url: "https://pages.example/" }] }],
  ["for something else", { why: "no luck" }],
])(`the code for pages does not leave %s${verifies("ELIC-40", "ELIC-41")}`, async (_what, data) => {
  const raw = await createRaw((server) => {
    server.tool("late", {}, async () => Promise.reject(new RpcError(-32042, "no", data)));
    server.prompt("now", {}, () => {
      throw new RpcError(-32042, "no", data);
    });
  });
  await raw.initialize("2025-11-25", URL_MODE);
  expect((await raw.ask("tools/call", { name: "late" })).error?.code).toBe(-32603);
  expect((await raw.ask("prompts/get", { name: "now" })).error?.code).toBe(-32603);
  expect(raw.errors).toMatchObject([{ code: "RESERVED_CODE" }, { code: "RESERVED_CODE" }]);
  await raw.close();
});

test(`errors for pages that a handler wrote itself pass, and older revisions know no such code${verifies("ELIC-39", "ELIC-40")}`, async () => {
  const define = (server: Server): void => {
    server.tool("own", {}, async () => Promise.reject(new RpcError(-32042, "go", { elicitations: [GOOD] })));
    server.tool("old", {}, async () => Promise.reject(new RpcError(-32042, "mine")));
  };
  const raw = await createRaw(define);
  await raw.initialize("2025-11-25", URL_MODE);
  expect((await raw.ask("tools/call", { name: "own" })).error).toMatchObject({
    code: -32042,
    data: { elicitations: [GOOD] },
  });
  await raw.close();
  const old = await createRaw(define);
  await old.initialize("2025-06-18", {});
  expect((await old.ask("tools/call", { name: "old" })).error?.code).toBe(-32042);
  expect(old.errors).toEqual([]);
  await old.close();
});

test(`a handler that waits ends with its request${verifies("ELIC-11", "ELIC-46")}`, async () => {
  let ended: unknown;
  const server = createServer({ name: "s", version: "1", onerror: () => undefined });
  server.tool("wait", {}, async (_args, ctx) => {
    try {
      await ctx.requireUrl([{ key: "k", message: "m", url: "https://pages.example/" }], { waitMs: 600_000 });
    } catch (error) {
      ended = error;
    }
    return "";
  });
  const [near, far] = createMemoryPair();
  await server.connect(far);
  const raw = attach(near, server, []);
  const first = await raw.askModern("tools/call", { name: "wait" }, URL_MODE);
  expect(first.result).toMatchObject({
    resultType: "input_required",
    inputRequests: { k: { method: "elicitation/create" } },
  });
  const retry = { name: "wait", inputResponses: { k: { action: "accept" } }, requestState: first.result?.requestState };
  void raw.askModern("tools/call", retry, URL_MODE);
  await wait(20);
  expect(ended).toBeUndefined();
  await raw.close();
  await expect.poll(() => ended).toBeDefined();
  expect(ended).toMatchObject({ code: expect.stringMatching(/CANCELLED|CLOSED/) });
});
