/** A feed of states is read by any number at their own pace, and ends for each of them once. */

import { expect, test } from "vitest";
import { StateFeed } from "../../runtime/tasks/feed.js";

interface State {
  readonly status: string;
  readonly message?: string;
  readonly pollMs?: number;
}

const state = (status: string, message = ""): State => ({ status, message });

function createFeed(): { readonly feed: StateFeed<State>; readonly begun: () => number } {
  let begun = 0;
  const feed = new StateFeed<State>({
    watch() {
      begun++;
    },
  });
  return { feed, begun: () => begun };
}

test("who reads gets the newest value, each later one, and the end, also where several steps are wanted at once", async () => {
  const { feed, begun } = createFeed();
  feed.push(state("old"));
  feed.push(state("working"));
  const reader = feed[Symbol.asyncIterator]();
  expect(begun()).toBe(0);
  const steps = [reader.next(), reader.next(), reader.next()];
  expect(begun()).toBe(1);
  feed.push(state("working"));
  feed.push(state("working", "half"));
  feed.end();
  expect(await Promise.all(steps)).toEqual([
    { done: false, value: state("working") },
    { done: false, value: state("working", "half") },
    { done: true, value: undefined },
  ]);
  expect(await reader.next()).toEqual({ done: true, value: undefined });
});

test("how soon to look again is no news, and known all the same", async () => {
  const { feed } = createFeed();
  const reader = feed[Symbol.asyncIterator]();
  const first = reader.next();
  feed.push({ status: "working", pollMs: 20 });
  feed.push({ status: "working", pollMs: 40 });
  expect(feed.last?.pollMs).toBe(40);
  feed.push({ status: "completed", pollMs: 40 });
  feed.end();
  expect((await first).value).toEqual({ status: "working", pollMs: 20 });
  expect((await reader.next()).value).toEqual({ status: "completed", pollMs: 40 });
  expect(await reader.next()).toEqual({ done: true, value: undefined });
});

test("values that wait are read before what went wrong, which is told once", async () => {
  const { feed } = createFeed();
  feed.push(state("working"));
  const reader = feed[Symbol.asyncIterator]();
  await reader.next();
  feed.push(state("completed"));
  feed.fail(new Error("away"));
  expect(await reader.next()).toEqual({ done: false, value: state("completed") });
  await expect(reader.next()).rejects.toThrow("away");
  expect(await reader.next()).toEqual({ done: true, value: undefined });
});

test("who stops reading ends its own reading alone", async () => {
  const { feed } = createFeed();
  feed.push(state("working"));
  const stays = feed[Symbol.asyncIterator]();
  await stays.next();
  for await (const { status } of feed) if (status === "working") break;
  const leaves = feed[Symbol.asyncIterator]();
  await leaves.next();
  const pending = leaves.next();
  await leaves.return?.();
  expect(await pending).toEqual({ done: true, value: undefined });
  feed.push(state("completed"));
  expect(await leaves.next()).toEqual({ done: true, value: undefined });
  expect(await stays.next()).toEqual({ done: false, value: state("completed") });
});

test("without a beginning nothing ever comes", async () => {
  const steps: State[] = [];
  for await (const step of new StateFeed<State>()) steps.push(step);
  expect(steps).toEqual([]);
});
