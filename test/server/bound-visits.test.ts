/** A visit is good for the person who was asked, for one page and for a time, and its id tells nobody who that is. */

import { afterEach, expect, test, vi } from "vitest";
import { createBoundVisits } from "../../runtime/server/bound-visits.js";
import type { Context } from "../../runtime/server/context.js";
import { createServer } from "../../runtime/server/server.js";
import { verifies } from "../verifies.js";

const server = createServer({ name: "s", version: "1" });
const KEY = "k".repeat(32);
/** Of a request, what visits look at. */
const asker = (principal?: string): Context => ({ origin: { principal } }) as unknown as Context;
const REFUSED = expect.objectContaining({ code: "VISIT_REFUSED" });
afterEach(() => void vi.useRealTimers());

test(`only who was asked passes, at the page that it is for${verifies("ELIC-66", "ELIC-67", "ELIC-70")}`, async () => {
  const visits = createBoundVisits(server, { keys: [KEY] });
  const id = visits.issue(asker("alice"), "calendar");
  expect(visits.check(id, { user: "alice", name: "calendar" })).toBeUndefined();
  for (const visitor of [
    { user: "bob", name: "calendar" },
    { user: "alice", name: "payment" },
    { user: "", name: "calendar" },
    { user: 'alice","x', name: "calendar" },
  ]) {
    expect(() => visits.check(id, visitor)).toThrow(REFUSED);
    await expect(visits.complete(id, visitor)).rejects.toEqual(REFUSED);
  }
});

test(`no edit of the id passes${verifies("ELIC-67")}`, () => {
  const visits = createBoundVisits(server, { keys: [KEY] });
  const visitor = { user: "alice", name: "calendar" };
  const id = visits.issue(asker("alice"), "calendar");
  const [nonce = "", until = "", signature = ""] = id.split(".");
  const other = visits.issue(asker("alice"), "calendar").split(".");
  const later = (Date.now() + 10 ** 10).toString(36);
  const edits = [
    `${nonce}.${later}.${signature}`,
    `${other[0]}.${until}.${signature}`,
    `${nonce}.${until}.${other[2]}`,
    `${nonce}.${until}.`,
    `${nonce}.${until}`,
    ` ${id}`,
    `${id}\n`,
    `${id}=`,
    "",
    "x".repeat(100_000),
  ];
  for (let index = 0; index < id.length; index++)
    edits.push(`${id.slice(0, index)}${id[index] === "A" ? "B" : "A"}${id.slice(index + 1)}`);
  for (const edited of edits) expect(() => visits.check(edited, visitor), edited.slice(0, 99)).toThrow(REFUSED);
});

test(`the id holds nothing of the person, and none is like another${verifies("ELIC-62", "ELIC-63")}`, () => {
  const visits = createBoundVisits(server, { keys: [KEY] });
  const ids = Array.from({ length: 1_000 }, () => visits.issue(asker("alice"), "calendar"));
  expect(new Set(ids).size).toBe(1_000);
  expect(ids[0]).toMatch(/^[\w-]{22}\.[0-9a-z]+\.[\w-]{43}$/);
  const readable = Buffer.from((ids[0] ?? "").replaceAll(".", ""), "base64url").toString("latin1");
  expect(`${ids[0]} ${readable}`).not.toMatch(/alice|calendar/);
});

test("a visit has its time", () => {
  vi.useFakeTimers();
  const visits = createBoundVisits(server, { keys: [KEY], ttlMs: 1_000 });
  const id = visits.issue(asker("alice"), "calendar");
  const visitor = { user: "alice", name: "calendar" };
  vi.advanceTimersByTime(999);
  visits.check(id, visitor);
  vi.advanceTimersByTime(1);
  expect(() => visits.check(id, visitor)).toThrow("it is too old");
});

test("keys can be changed, and are not guessed", () => {
  const visitor = { user: "alice", name: "calendar" };
  const id = createBoundVisits(server, { keys: [KEY] }).issue(asker("alice"), "calendar");
  createBoundVisits(server, { keys: ["n".repeat(32), KEY] }).check(id, visitor);
  expect(() => createBoundVisits(server, { keys: ["n".repeat(32)] }).check(id, visitor)).toThrow(REFUSED);
  expect(() => createBoundVisits(server).check(id, visitor)).toThrow(REFUSED);
  expect(() => createBoundVisits(server, { keys: ["short"] })).toThrow(/32/);
  expect(() => createBoundVisits(server, { keys: [] })).toThrow(/empty/);
});

test(`who is not known cannot be sent anywhere, and what clients say of themselves does not count${verifies("ELIC-68", "ELIC-66")}`, () => {
  const visits = createBoundVisits(server, { keys: [KEY] });
  const claimed = { ...asker(), client: { info: { name: "alice" } }, meta: { user: "alice" } } as unknown as Context;
  expect(() => visits.issue(claimed, "calendar")).toThrow(expect.objectContaining({ code: "INVALID_USE" }));
  const named = createBoundVisits(server, { keys: [KEY], userOf: ({ origin }) => `user ${origin?.principal}` });
  named.check(named.issue(asker("7"), "calendar"), { user: "user 7", name: "calendar" });
});
