/** Who asks for more than there is: the limits hold, and nobody else is locked out by who leaves things lying about. */

import { describe, expect, onTestFinished, test } from "vitest";
import type { Server } from "../../../runtime/server/server.js";
import { verifies } from "../../verifies.js";
import type { Answer } from "../raw.js";
import { askAlone, call, callAlone, createLatch, initialize, openSession, serve, until, WAYS } from "./http.js";

/** Moves the clock that idle sessions are measured by, and nothing else. */
const later = (ms: number): void => {
  const now = performance.now.bind(performance);
  performance.now = () => now() + ms;
  onTestFinished(() => {
    performance.now = now;
  });
};

describe.each(WAYS)("by %s, where there are as many sessions as there may be", (way) => {
  test(`a new one takes the place of the oldest that was never used${verifies("SEC-42", "SEC-15")}`, async () => {
    const served = await serve(way, undefined, { maxSessions: 3 });
    const used = await openSession(served);
    const left = [await served.post(initialize()), await served.post(initialize())];
    const ids = left.map((answer) => answer.headers.get("mcp-session-id") ?? "");
    const next = await openSession(served);
    expect((await used.ask(1, "ping")).result).toEqual({});
    expect((await next.ask(1, "ping")).result).toEqual({});
    const pings = [];
    for (const id of ids)
      pings.push((await served.post({ jsonrpc: "2.0", id: 2, method: "ping" }, { "mcp-session-id": id })).status);
    expect(pings).toEqual([404, 200]);
  });

  test(`hundreds that were left lying about keep nobody out, and nobody who is there${verifies("SEC-42")}`, async () => {
    const served = await serve(way, undefined, { maxSessions: 5 });
    const used = [await openSession(served), await openSession(served)];
    for (let index = 0; index < 300; index++) expect((await served.post(initialize())).status).toBe(200);
    const next = await openSession(served);
    for (const session of [...used, next]) expect((await session.ask(1, "ping")).result).toEqual({});
  });

  test("a new one takes the place of the one that was not used for longest, if that is a minute", async () => {
    const served = await serve(way, undefined, { maxSessions: 2, sessionIdleMs: Number.POSITIVE_INFINITY });
    const first = await openSession(served);
    const second = await openSession(served);
    await first.ask(1, "ping");
    expect((await served.post(initialize())).status).toBe(503);
    later(61_000);
    const third = await openSession(served);
    expect((await first.ask(2, "ping")).result).toEqual({});
    expect((await third.ask(2, "ping")).result).toEqual({});
    expect((await second.post(call(1, "x"))).status).toBe(404);
  });

  test("who listens or waits for an answer keeps its place", async () => {
    const release = createLatch();
    const begun = createLatch();
    const served = await serve(
      way,
      (server) => {
        server.tool("wait", {}, async () => {
          begun.open();
          await release.opened;
          return "done";
        });
      },
      { maxSessions: 2 },
    );
    const waits = await openSession(served);
    const answer = waits.post(call(1, "wait"));
    await begun.opened;
    const listens = await openSession(served);
    const stop = new AbortController();
    await listens.get({}, { signal: stop.signal });
    later(3_600_000);
    expect((await served.post(initialize())).status).toBe(503);
    release.open();
    expect((await answer).status).toBe(200);
    expect((await listens.ask(1, "ping")).result).toEqual({});
    stop.abort();
  });
});

describe.each(WAYS)("by %s, requests without a session", (way) => {
  test(`are so many at once, subscriptions among them, and more are told when to come back${verifies("SEC-42", "SEC-43")}`, async () => {
    const release = createLatch();
    let begun = 0;
    const define = (server: Server): void => {
      server.tool("wait", {}, async () => {
        begun++;
        await release.opened;
        return "done";
      });
    };
    const served = await serve(way, define, { maxRequests: 3 });
    const stop = new AbortController();
    const params = { notifications: { toolsListChanged: true } };
    const stream = await askAlone(served, "subscriptions/listen", params, { signal: stop.signal });
    expect(stream.status).toBe(200);
    const waiting = [callAlone(served, "wait"), callAlone(served, "wait")];
    await until(() => begun === 2);
    const fourth = await callAlone(served, "wait", {}, { id: 4 });
    expect(fourth.status).toBe(503);
    expect(fourth.headers.get("retry-after")).toMatch(/^\d+$/);
    expect((await fourth.json()) as Answer).toMatchObject({
      id: 4,
      error: { code: -32603, message: expect.stringContaining("limit") },
    });
    release.open();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await callAlone(served, "wait")).status).toBe(200);
    expect(begun).toBe(3);
    stop.abort();
  });
});
