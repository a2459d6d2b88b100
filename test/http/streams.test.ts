/** The streams of a session: what goes on which, and how a client comes back to one that was cut. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verifies } from "../verifies.js";
import { type Answer, type RawHttp, serve } from "./raw.js";
import { defineScene, type Held } from "./scene.js";

let raw: RawHttp;
let held: Held;

beforeAll(async () => {
  raw = await serve((server) => {
    held = defineScene(server);
  });
});
afterAll(() => raw.server.close());

const call = (name: string, of = name): object => ({ name, arguments: { name: of } });
const methods = (answer: Answer): unknown[] => answer.messages.map(({ method, id }) => method ?? id);
const change = (): void => raw.server.tool("added", {}, () => "").remove();

describe("the stream of a session", () => {
  test(`is opened by GET, and carries what belongs to no request${verifies("HTTP-01", "HTTP-30", "HTTP-32", "HTTP-33", "HTTP-34", "HTTP-35")}`, async () => {
    const session = await raw.open("2025-11-25");
    const stream = await session.get();
    expect([stream.status, stream.headers["content-type"]]).toEqual([200, "text/event-stream"]);
    const answer = await (await session.ask(1, "tools/call", call("chatty"))).whole();
    change();
    await expect.poll(() => methods(stream)).toEqual(["notifications/tools/list_changed"]);
    expect(methods(answer)).toEqual(["notifications/message", 1]);
    expect(stream.messages.some((message) => "result" in message || "error" in message)).toBe(false);
    stream.cut();
  });

  test(`is one of several, and each message goes on exactly one${verifies("HTTP-37", "HTTP-38")}`, async () => {
    const session = await raw.open("2025-11-25");
    const streams = [await session.get(), await session.get()];
    const pending = await session.ask("h", "tools/call", call("held", "one of several"));
    await expect.poll(() => pending.messages.length).toBe(1);
    change();
    held.release("one of several");
    await pending.whole();
    await expect.poll(() => streams.flatMap(methods)).toEqual(["notifications/tools/list_changed"]);
    expect(methods(pending)).toEqual(["notifications/message", "notifications/message", "h"]);
    for (const stream of streams) stream.cut();
  });

  test("keeps what is said while nobody is connected", async () => {
    const session = await raw.open("2025-11-25");
    change();
    await (await session.ask(1, "ping")).whole();
    const stream = await session.get();
    await expect.poll(() => methods(stream)).toEqual(["notifications/tools/list_changed"]);
    stream.cut();
  });

  test(`asks on the stream of the request that asks${verifies("HTTP-21", "HTTP-22", "LIFE-15")}`, async () => {
    const session = await raw.open("2025-11-25", { elicitation: {} });
    const stream = await session.get();
    const pending = await session.ask(1, "tools/call", { name: "greet" });
    await expect.poll(() => methods(pending)).toEqual(["elicitation/create"]);
    const [question] = pending.messages;
    const answer = await session.post({ jsonrpc: "2.0", id: question?.id, result: { action: "decline" } });
    expect(answer.status).toBe(202);
    expect(await pending.last()).toMatchObject({ id: 1, result: { content: [{ text: "they decline" }] } });
    expect(methods(stream)).toEqual([]);
    stream.cut();
  });
});

describe("a stream that was cut", () => {
  test(`does not cancel, and goes on by GET where it ended${verifies("HTTP-26", "HTTP-28", "HTTP-40", "HTTP-43", "HTTP-44", "HTTP-45", "HTTP-35")}`, async () => {
    const session = await raw.open("2025-11-25");
    const first = await session.ask("cut", "tools/call", call("held", "cut"));
    await expect.poll(() => first.messages.length).toBe(1);
    const last = first.events.at(-1)?.id;
    first.cut();
    await first.whole();
    held.release("cut");
    await (await session.ask("ping", "ping")).whole();
    const second = await session.get({ "Last-Event-ID": last });
    expect(await second.last()).toMatchObject({ id: "cut", result: { content: [{ text: "held cut" }] } });
    expect(methods(second)).toEqual(["notifications/message", "cut"]);
    expect(held.aborted).not.toContain("cut");
  });

  test(`gives back its own messages and no others, each under an id of its own${verifies("HTTP-41", "HTTP-42", "HTTP-46", "HTTP-59")}`, async () => {
    const session = await raw.open("2025-11-25");
    const listening = await session.get();
    const calls = ["x", "y", "z"].map((name) => session.ask(name, "tools/call", call("held", `own ${name}`)));
    const streams = await Promise.all(calls);
    for (const stream of streams) await expect.poll(() => stream.messages.length).toBe(1);
    const firsts = streams.map((stream) => stream.events.at(-1)?.id);
    for (const stream of streams) stream.cut();
    change();
    for (const name of ["z", "y", "x"]) held.release(`own ${name}`);
    await (await session.ask("ping", "ping")).whole();
    const again = await Promise.all(firsts.map((id) => session.get({ "Last-Event-ID": id })));
    const names = ["x", "y", "z"];
    for (const [index, stream] of again.entries()) {
      expect(await stream.last()).toMatchObject({ id: names[index] });
      expect(stream.messages).toMatchObject([{ params: { data: `after own ${names[index]}` } }, { id: names[index] }]);
    }
    await expect.poll(() => listening.messages.length).toBe(1);
    const ids = [...streams, ...again, listening].flatMap(({ events }) => events.map(({ id }) => id));
    expect(ids.every((id) => id !== undefined && /^[\x21-\x7e]+$/.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
    listening.cut();
  });

  test(`is no one else's${verifies("SEC-16", "HTTP-46")}`, async () => {
    const [ada, eve] = [await raw.open("2025-11-25"), await raw.open("2025-11-25")];
    const pending = await ada.ask(1, "tools/call", call("held", "ada's"));
    await expect.poll(() => pending.messages.length).toBe(1);
    const id = pending.events.at(-1)?.id;
    for (const last of [id, "made up", "", "."]) {
      const stolen = await (await eve.get({ "Last-Event-ID": last })).whole();
      expect(stolen.status).toBe(400);
      expect(stolen.text).not.toContain("ada's");
    }
    held.release("ada's");
    expect(await pending.last()).toMatchObject({ id: 1 });
  });
});

describe("polling", () => {
  const poll = async (revision: string): Promise<{ answer: Answer; again: (last: string) => Promise<Answer> }> => {
    const session = await raw.open(revision);
    const answer = await session.ask("p", "tools/call", call("polled", revision));
    return { answer, again: (last) => session.get({ "Last-Event-ID": last }) };
  };

  test(`a stream begins with an id and no data, and may end before the answer, saying when to come back${verifies("HTTP-47", "HTTP-48", "HTTP-49", "HTTP-54", "HTTP-56")}`, async () => {
    const { answer, again } = await poll("2025-11-25");
    await answer.whole();
    expect(answer.events[0]).toMatchObject({ id: expect.any(String), data: "", retry: expect.any(Number) });
    expect(answer.events.at(-1)?.retry).toBe(20);
    expect(answer.messages).toEqual([]);
    held.release("2025-11-25");
    const resumed = await again(String(answer.events[0]?.id));
    expect(await resumed.last()).toMatchObject({ id: "p", result: { content: [{ text: "polled 2025-11-25 true" }] } });
  });

  test.each(["2025-03-26", "2025-06-18"])(
    `is nothing for clients of %s, who may not know it${verifies("HTTP-53", "HTTP-23")}`,
    async (revision) => {
      const pending = poll(revision);
      await expect.poll(() => held.started).toContain(revision);
      held.release(revision);
      const { answer } = await pending;
      expect(await answer.last()).toMatchObject({ result: { content: [{ text: `polled ${revision} false` }] } });
      expect(answer.events.filter(({ data }) => data === "")).toEqual([]);
    },
  );

  test(`the stream of a session begins with an id as well${verifies("HTTP-47", "HTTP-52")}`, async () => {
    const session = await raw.open("2025-11-25");
    const stream = await session.get();
    await expect.poll(() => stream.events.length).toBe(1);
    expect(stream.events[0]).toMatchObject({ id: expect.any(String), data: "" });
    stream.cut();
    await stream.whole();
    change();
    await (await session.ask(1, "ping")).whole();
    const again = await session.get({ "Last-Event-ID": stream.events[0]?.id });
    await expect.poll(() => methods(again)).toEqual(["notifications/tools/list_changed"]);
    again.cut();
  });
});
