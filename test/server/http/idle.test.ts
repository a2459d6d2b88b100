/** What happens at an endpoint by the passing of time alone, under a clock that the tests turn. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { verifies } from "../../verifies.js";
import type { Answer } from "../raw.js";
import { readEvents } from "./events.js";
import { askAlone, call, callAlone, createLatch, openSession, request, serve } from "./http.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const waiting = (release: { readonly opened: Promise<void> }): Parameters<typeof serve>[1] => {
  return (server) => {
    server.tool("wait", {}, async () => {
      await release.opened;
      return "done";
    });
  };
};

describe("a session", () => {
  test(`ends when nobody used it for its time${verifies("HTTP-63", "SEC-15")}`, async () => {
    const served = await serve("web", undefined, { sessionIdleMs: 60_000 });
    const session = await openSession(served);
    const ping = async (): Promise<number> => (await session.post(request(1, "ping"))).status;
    await vi.advanceTimersByTimeAsync(59_000);
    expect(await ping()).toBe(200);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(await ping()).toBe(200);
    await vi.advanceTimersByTimeAsync(61_000);
    expect(await ping()).toBe(404);
  });

  test("lives while something is under way, or its client listens", async () => {
    const release = createLatch();
    const served = await serve("web", waiting(release), {
      sessionIdleMs: 1_000,
      jsonWithinMs: Number.POSITIVE_INFINITY,
      keepAliveMs: Number.POSITIVE_INFINITY,
    });
    const busy = await openSession(served);
    const answer = busy.post(call(1, "wait"));
    const listening = await openSession(served);
    const events = readEvents(await listening.get());
    const idle = await openSession(served);
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await idle.post(request(2, "ping"))).status).toBe(404);
    expect((await listening.post(request(2, "ping"))).status).toBe(200);
    release.open();
    expect(((await (await answer).json()) as Answer).result).toMatchObject({ content: [{ text: "done" }] });
    expect((await busy.post(request(2, "ping"))).status).toBe(200);
    await events.leave();
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await listening.post(request(3, "ping"))).status).toBe(404);
    expect((await busy.post(request(3, "ping"))).status).toBe(404);
  });
});

describe("an answer that takes long", () => {
  test("becomes a stream after its time, kept alive by comments", async () => {
    const release = createLatch();
    const served = await serve("web", waiting(release), { jsonWithinMs: 2_000, keepAliveMs: 5_000 });
    const session = await openSession(served);
    const ways = [session.post(call(1, "wait")), callAlone(served, "wait")];
    const streams: Response[] = [];
    for (const way of ways) way.then((response) => streams.push(response));
    await vi.advanceTimersByTimeAsync(1_900);
    expect(streams).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(streams.length).toBe(2);
    await vi.advanceTimersByTimeAsync(11_000);
    release.open();
    for (const stream of streams) {
      const events = readEvents(stream);
      expect((await events.message()).result).toMatchObject({ content: [{ text: "done" }] });
      expect(events.comments).toBe(2);
      expect(await events.rest()).toEqual([]);
    }
  });

  test(`stays JSON for ever where that is wanted, and what comes in time is JSON${verifies("HTTP-86")}`, async () => {
    const release = createLatch();
    const served = await serve("web", waiting(release), { jsonWithinMs: Number.POSITIVE_INFINITY });
    const answer = callAlone(served, "wait");
    await vi.advanceTimersByTimeAsync(3_600_000);
    release.open();
    expect((await answer).headers.get("content-type")).toBe("application/json");
  });
});

test(`a subscription is kept alive for as long as it takes${verifies("HTTP-95", "SUB-11")}`, async () => {
  const served = await serve("web", (server) => server.tool("t", {}, () => ""), { keepAliveMs: 15_000 });
  const events = readEvents(
    await askAlone(served, "subscriptions/listen", { notifications: { toolsListChanged: true } }),
  );
  await events.message();
  for (let minute = 0; minute < 60; minute++) await vi.advanceTimersByTimeAsync(60_000);
  served.server.tool("u", {}, () => "");
  expect((await events.message()).method).toBe("notifications/tools/list_changed");
  expect(events.comments).toBe(240);
});

test("signs of life cost no timer when the last stream is gone", async () => {
  const served = await serve("web", undefined, { sessionIdleMs: Number.POSITIVE_INFINITY });
  const session = await openSession(served);
  const before = vi.getTimerCount();
  const streams = [readEvents(await session.get()), readEvents(await session.get())];
  expect(vi.getTimerCount()).toBe(before + 1);
  for (const stream of streams) await stream.leave();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(vi.getTimerCount()).toBe(before);
});
