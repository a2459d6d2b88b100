/** Sessions that several nodes serve, spoken to by bare requests: what one node was told, every other knows, and no one else. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Revision } from "../../generated/revisions.js";
import type { ListenOptions } from "../../runtime/server/serve-http.js";
import { createRedisStores } from "../../runtime/stores/redis/stores.js";
import { hasRedis, type RedisServer, startRedis } from "../stores/redis-server.js";
import { verifies } from "../verifies.js";
import { memoryStores } from "./nodes.js";
import { type Answer, type Headers, type RawHttp, type RawSession, send, serve } from "./raw.js";
import { defineScene, type Held } from "./scene.js";

const REVISIONS: readonly Revision[] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];
const INITIALIZE = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "raw", version: "1" } };

interface Node extends RawHttp {
  readonly held: Held;
}

type Stores = ReturnType<typeof memoryStores>;

const authenticate: NonNullable<ListenOptions["authenticate"]> = (request) => {
  const principal = request.header("authorization");
  return principal === undefined ? undefined : { principal };
};

async function startNode(stores: Stores): Promise<Node> {
  let held: Held | undefined;
  const raw = await serve(
    (server) => {
      held = defineScene(server);
      server.tool("touch", { input: { type: "object", properties: { uri: { type: "string" } } } }, ({ uri = "" }) => {
        server.resourceUpdated(uri);
        return "touched";
      });
      server.tool("think", {}, async (_args, ctx) => {
        const { content } = await ctx.sample({ maxTokens: 1, messages: [] });
        return JSON.stringify(content);
      });
      server.tool("visit", {}, async (_args, ctx) => {
        await ctx.requireUrl([{ message: "Go there", url: "https://pages.example/" }]);
        return "was there";
      });
    },
    {},
    { ...stores, authenticate },
  );
  return Object.assign(raw, { held: held as Held });
}

/** The same session, spoken to at another node. */
function at(node: RawHttp, session: RawSession): Omit<RawSession, "opening"> {
  const post = (message: object, more: Headers = {}): Promise<Answer> =>
    node.post(message, { ...session.headers, ...more });
  return {
    id: session.id,
    headers: session.headers,
    post,
    ask: (id, method, params) => post({ jsonrpc: "2.0", id, method, ...(params === undefined ? {} : { params }) }),
    get: (more = {}) => send("GET", node.url, { Accept: "text/event-stream", ...session.headers, ...more }),
    end: () => send("DELETE", node.url, session.headers),
  };
}

const call = (name: string, of = name): object => ({ name, arguments: { name: of } });
const methods = (answer: Answer): unknown[] => answer.messages.map(({ method, id }) => method ?? id);
const change = ({ server }: RawHttp): void => server.tool("added", {}, () => "").remove();

let redis: RedisServer | undefined;
const closes: (() => Promise<void>)[] = [];
beforeAll(async () => {
  if (hasRedis) redis = await startRedis();
});
afterAll(async () => {
  for (const close of closes) await close();
  await redis?.stop();
});

let prefixes = 0;
function redisStores(prefix: string): Stores {
  const stores = createRedisStores({ redis: redis?.url ?? "", prefix, onerror: () => undefined });
  closes.push(() => stores.close());
  return stores.http;
}

const KINDS: readonly { readonly name: string; readonly stores: () => readonly Stores[] }[] = [
  { name: "in memory", stores: () => Array<Stores>(3).fill(memoryStores()) },
  {
    name: "in Redis",
    stores: () => {
      const prefix = `nodes${++prefixes}:`;
      return [redisStores(prefix), redisStores(prefix), redisStores(prefix)];
    },
  },
];

for (const { name, stores } of KINDS)
  describe.skipIf(name === "in Redis" && !hasRedis)(`nodes that share ${name}`, () => {
    let [a, b, c]: Node[] = [];
    let [here, there, third] = [] as unknown as [Node, Node, Node];
    beforeAll(async () => {
      [a, b, c] = await Promise.all(stores().map(startNode));
      [here, there, third] = [a as Node, b as Node, c as Node];
    });
    afterAll(async () => {
      await Promise.all([here, there, third].map(({ server }) => server.close()));
      expect([here, there, third].flatMap(({ errors }) => errors.map(String))).toEqual([]);
    });

    test.each(REVISIONS)(
      `all know of a session what one was told, in %s${verifies("HTTP-57", "HTTP-59", "HTTP-61", "LOG-03")}`,
      async (revision) => {
        const session = await here.open(revision);
        const elsewhere = at(there, session);
        expect((await (await elsewhere.ask(1, "ping")).last()).result).toEqual({});
        const quiet = await elsewhere.ask(2, "logging/setLevel", { level: "emergency" });
        expect(await quiet.last()).toMatchObject({ id: 2, result: {} });
        for (const node of [here, there, third]) {
          const answer = await (await at(node, session).ask(3, "tools/call", call("chatty"))).whole();
          expect(methods(answer)).toEqual([3]);
        }
        await (await at(third, session).ask(4, "logging/setLevel", { level: "error" })).whole();
        const loud = await (await elsewhere.ask(5, "tools/call", call("chatty"))).whole();
        expect(methods(loud)).toEqual(["notifications/message", 5]);
        const again = await (await elsewhere.ask(6, "initialize", { ...INITIALIZE, protocolVersion: revision })).last();
        expect(again).toMatchObject({ id: 6, error: { code: -32600 } });
      },
    );

    test(`take batches apart${verifies("HTTP-12", "BASE-16")}`, async () => {
      const session = await here.open("2025-03-26", { sampling: {} });
      const pending = await session.ask("t", "tools/call", { name: "think" });
      await expect.poll(() => methods(pending)).toHaveLength(1);
      const [question] = pending.messages;
      const answer = { role: "assistant", model: "m", content: { type: "text", text: "yes" } };
      const batch = [
        { jsonrpc: "2.0", id: question?.id, result: answer },
        { jsonrpc: "2.0", id: "p", method: "ping" },
      ];
      const mixed = await (await at(there, session).post(batch)).whole();
      expect(JSON.parse(mixed.text)).toEqual([{ jsonrpc: "2.0", id: "p", result: {} }]);
      expect(await pending.last()).toMatchObject({ id: "t", result: { content: [{}] } });
    });

    test(`hand answers to the node that asked${verifies("HTTP-14", "HTTP-22", "SEC-16")}`, async () => {
      const session = await here.open("2025-11-25", { elicitation: {} });
      const other = await here.open("2025-11-25", { elicitation: {} });
      const pending = [
        await session.ask(1, "tools/call", { name: "greet" }),
        await at(there, session).ask(2, "tools/call", { name: "greet" }),
      ];
      for (const answer of pending) await expect.poll(() => methods(answer)).toHaveLength(1);
      const ids = pending.map(({ messages }) => messages[0]?.id);
      expect(new Set(ids).size).toBe(2);
      // Nobody else's answer counts, whatever it is called.
      for (const id of ids) {
        const forged = { jsonrpc: "2.0", id, result: { action: "accept", content: {} } };
        expect([202, 400]).toContain((await at(third, other).post(forged)).status);
      }
      for (const id of ids) {
        const answer = await at(third, session).post({ jsonrpc: "2.0", id, result: { action: "decline" } });
        expect([answer.status, (await answer.whole()).text]).toEqual([202, ""]);
      }
      for (const answer of pending)
        expect(await answer.last()).toMatchObject({ result: { content: [{ text: "they decline" }] } });
      for (const error of here.errors.splice(0).concat(there.errors.splice(0)))
        expect(error).toMatchObject({ code: "UNKNOWN_ID" });
      const late = await at(third, session).post({ jsonrpc: "2.0", id: "nobody.1", result: {} });
      expect([late.status, (await late.last()).error?.code]).toEqual([400, -32600]);
    });

    test(`cancel what runs elsewhere, in its own session alone${verifies("BASE-63", "SEC-16")}`, async () => {
      const session = await here.open("2025-11-25");
      const other = await there.open("2025-11-25");
      const name = "cancelled elsewhere";
      const pending = await session.ask("c", "tools/call", call("held", name));
      await expect.poll(() => here.held.started).toContain(name);
      const notice = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: "c" } };
      expect((await at(third, other).post(notice)).status).toBe(202);
      await (await at(here, other).ask(1, "ping")).whole();
      expect(here.held.aborted).not.toContain(name);
      expect((await at(there, session).post(notice)).status).toBe(202);
      await expect.poll(() => here.held.aborted).toContain(name);
      await pending.whole();
    });

    test(`tell one stream what happened at any of them, once${verifies("HTTP-30", "HTTP-37", "HTTP-38", "TOOL-04", "RES-07", "RES-08")}`, async () => {
      const session = await here.open("2025-11-25");
      const elsewhere = at(there, session);
      await (await at(third, session).ask(1, "resources/subscribe", { uri: "memo:x" })).whole();
      // Nobody is connected yet: it waits where the session was opened.
      change(third);
      await (await elsewhere.ask(2, "ping")).whole();
      const stream = await elsewhere.get();
      await expect.poll(() => methods(stream)).toEqual(["notifications/tools/list_changed"]);
      for (const node of [here, there, third]) {
        change(node);
        await (await at(node, session).ask(3, "tools/call", { name: "touch", arguments: { uri: "memo:x" } })).whole();
      }
      await expect.poll(() => methods(stream)).toHaveLength(7);
      expect(methods(stream).filter((method) => method === "notifications/resources/updated")).toHaveLength(3);
      const last = stream.events.at(-1)?.id;
      stream.cut();
      await stream.whole();
      // At one node and then at another, it goes on where it ended.
      const again = await at(third, session).get({ "Last-Event-ID": last });
      change(here);
      await expect.poll(() => methods(again)).toEqual(["notifications/tools/list_changed"]);
      await (await session.ask(4, "resources/unsubscribe", { uri: "memo:x" })).whole();
      const touched = { name: "touch", arguments: { uri: "memo:x" } };
      await (await elsewhere.ask(5, "tools/call", touched)).whole();
      change(there);
      await expect.poll(() => methods(again)).toHaveLength(2);
      expect(new Set(again.events.map(({ id }) => id)).size).toBe(again.events.length);
      again.cut();
    });

    test("tell nothing twice and lose nothing while the stream moves from node to node", async () => {
      const session = await here.open("2025-11-25");
      await (await session.ask(0, "resources/subscribe", { uri: "memo:" })).whole();
      const wanted: string[] = [];
      const got: unknown[] = [];
      let last: string | undefined;
      for (let round = 0; round < 12; round++) {
        const nodes = [here, there, third];
        const stream = await at(nodes[round % 3] as Node, session).get(
          last === undefined ? {} : { "Last-Event-ID": last },
        );
        for (const node of nodes) {
          const uri = `memo:/${round}/${nodes.indexOf(node)}`;
          wanted.push(uri);
          node.server.resourceUpdated(uri);
        }
        await expect.poll(() => got.length + stream.messages.length).toBeGreaterThanOrEqual(wanted.length - 3);
        stream.cut();
        await stream.whole();
        got.push(...stream.messages.map(({ params }) => params?.uri));
        last = stream.events.at(-1)?.id ?? last;
      }
      const stream = await session.get({ "Last-Event-ID": last });
      await expect.poll(() => got.length + stream.messages.length).toBeGreaterThanOrEqual(wanted.length);
      got.push(...stream.messages.map(({ params }) => params?.uri));
      stream.cut();
      expect([...got].sort()).toEqual([...wanted].sort());
    });

    test(`go on with a stream whose request is worked on elsewhere${verifies("HTTP-26", "HTTP-40", "HTTP-43", "HTTP-44", "HTTP-45", "HTTP-46")}`, async () => {
      const session = await here.open("2025-11-25");
      const first = await session.ask("s", "tools/call", call("held", "followed"));
      await expect.poll(() => first.messages.length).toBe(1);
      const start = first.events[0]?.id;
      const last = first.events.at(-1)?.id;
      first.cut();
      await first.whole();
      // It goes to the newest connection, and to no other.
      const left = await at(third, session).get({ "Last-Event-ID": last });
      left.cut();
      await left.whole();
      const second = await at(there, session).get({ "Last-Event-ID": start });
      await expect.poll(() => methods(second)).toEqual(["notifications/message"]);
      here.held.release("followed");
      expect(await second.last()).toMatchObject({ id: "s", result: { content: [{ text: "held followed" }] } });
      expect(methods(second)).toEqual(["notifications/message", "notifications/message", "s"]);
      expect(second.ended).toBe(true);
      // What is finished can be had again, everywhere, as it was.
      for (const node of [here, there, third]) {
        const again = await (await at(node, session).get({ "Last-Event-ID": start })).whole();
        expect(again.events.map(({ id }) => id)).toEqual(second.events.map(({ id }) => id));
        expect(again.messages).toEqual(second.messages);
      }
    });

    test(`tell the client that was sent to a page when the person is done, wherever that is said${verifies("ELIC-34", "ELIC-35")}`, async () => {
      const session = await here.open("2025-11-25", { elicitation: { url: {} } });
      const other = await here.open("2025-11-25", { elicitation: { url: {} } });
      const streams = [await at(third, session).get(), await at(third, other).get()];
      const refused = await (await session.ask(1, "tools/call", { name: "visit" })).last();
      const pages = (refused.error?.data?.elicitations ?? []) as { elicitationId: string }[];
      const { elicitationId = "" } = pages[0] ?? {};
      expect(await there.server.completeElicitation("unknown")).toBe(false);
      expect(await there.server.completeElicitation(elicitationId)).toBe(true);
      expect(await third.server.completeElicitation(elicitationId)).toBe(false);
      await expect.poll(() => streams[0]?.messages).toHaveLength(1);
      expect(streams[0]?.messages[0]).toMatchObject({
        method: "notifications/elicitation/complete",
        params: { elicitationId },
      });
      change(here);
      await expect.poll(() => methods(streams[1] as Answer)).toEqual(["notifications/tools/list_changed"]);
      const again = await (await at(third, session).ask(2, "tools/call", { name: "visit" })).last();
      expect(again.error?.code).toBe(-32042);
      for (const stream of streams) stream.cut();
    });

    test(`let clients come back to any of them for long work${verifies("HTTP-48", "HTTP-49", "HTTP-54")}`, async () => {
      const session = await here.open("2025-11-25");
      const answer = await (await session.ask("p", "tools/call", call("polled", "poll elsewhere"))).whole();
      expect(answer.messages).toEqual([]);
      const resumed = await at(there, session).get({ "Last-Event-ID": answer.events[0]?.id });
      here.held.release("poll elsewhere");
      expect(await resumed.last()).toMatchObject({
        id: "p",
        result: { content: [{ text: "polled poll elsewhere true" }] },
      });
    });

    test(`end a session together${verifies("HTTP-62", "HTTP-63", "HTTP-64", "HTTP-67")}`, async () => {
      const session = await here.open("2025-11-25");
      const stream = await session.get();
      const pending = await at(third, session).ask("e", "tools/call", call("held", "ended elsewhere"));
      await expect.poll(() => pending.messages.length).toBe(1);
      expect((await at(there, session).end()).status).toBe(204);
      await Promise.all([stream.whole(), pending.whole()]);
      await expect.poll(() => third.held.aborted).toContain("ended elsewhere");
      for (const node of [here, there, third]) {
        const spoken = at(node, session);
        const answers = [await spoken.ask(1, "ping"), await spoken.get(), await spoken.end()];
        expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
      }
    });

    test(`keep a session for who opened it${verifies("HTTP-07", "SEC-13", "SEC-14", "SEC-15", "SEC-16", "SEC-42")}`, async () => {
      const ada = await here.open("2025-11-25", { elicitation: {} }, { Authorization: "ada" });
      const pending = await ada.ask("mine", "tools/call", { name: "greet" });
      await expect.poll(() => methods(pending)).toHaveLength(1);
      const asked = pending.messages[0]?.id;
      const event = pending.events.at(-1)?.id;
      for (const node of [here, there, third])
        for (const thief of ["eve", undefined]) {
          const stolen = at(node, { ...ada, headers: { ...ada.headers, Authorization: thief } });
          const answers = [
            await stolen.ask(1, "ping"),
            await stolen.post({ jsonrpc: "2.0", id: asked, result: { action: "accept", content: {} } }),
            await stolen.post({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: "mine" } }),
            await stolen.get(),
            await stolen.get({ "Last-Event-ID": event }),
            await stolen.end(),
          ];
          expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404]);
          for (const answer of answers) expect((await answer.whole()).text).not.toContain("Who?");
        }
      // Of an event, a session of the same principal learns as little as any other.
      const second = await there.open("2025-11-25", {}, { Authorization: "ada" });
      expect((await at(third, second).get({ "Last-Event-ID": event })).status).toBe(400);
      const answer = await at(third, ada).post({ jsonrpc: "2.0", id: asked, result: { action: "decline" } });
      expect(answer.status).toBe(202);
      expect(await pending.last()).toMatchObject({ result: { content: [{ text: "they decline" }] } });
    });

    test(`make the ids of sessions themselves${verifies("HTTP-58", "SEC-14")}`, async () => {
      const mine = "3f2b8c1e-0000-4000-8000-000000000001";
      const opening = { jsonrpc: "2.0", id: 1, method: "initialize", params: INITIALIZE };
      const fixed = await there.post(opening, { "Mcp-Session-Id": mine });
      expect(fixed.status).toBe(404);
      for (const id of [mine, "", "*", "../x", "x".repeat(5_000)]) {
        const guessed = await here.post({ jsonrpc: "2.0", id: 1, method: "ping" }, { "Mcp-Session-Id": id });
        expect([id, guessed.status]).toEqual([id, 404]);
      }
      const opened = await here.post(opening);
      expect(opened.headers["mcp-session-id"]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
      const refused = await here.post({ ...opening, params: { ...INITIALIZE, protocolVersion: 5 } });
      expect(refused.headers["mcp-session-id"]).toBeUndefined();
    });
  });

for (const { name, stores } of KINDS)
  describe.skipIf(name === "in Redis" && !hasRedis)(`a node that leaves others ${name}`, () => {
    test(`leaves its sessions to them, and tells of what it could not finish${verifies("HTTP-26", "HTTP-43")}`, async () => {
      const [leaver, stayer] = (await Promise.all(stores().slice(0, 2).map(startNode))) as [Node, Node];
      const session = await leaver.open("2025-11-25", { elicitation: {} });
      await (await session.ask(0, "resources/subscribe", { uri: "memo:x" })).whole();
      const followed = await session.ask("f", "tools/call", call("held", "left"));
      const asking = await session.ask("q", "tools/call", { name: "greet" });
      for (const answer of [followed, asking]) await expect.poll(() => answer.messages.length).toBe(1);
      const start = followed.events[0]?.id;
      followed.cut();
      await followed.whole();
      const resumed = await at(stayer, session).get({ "Last-Event-ID": start });
      await expect.poll(() => resumed.messages.length).toBe(1);
      await leaver.server.close();
      for (const [answer, id] of [
        [resumed, "f"],
        [asking, "q"],
      ] as const)
        expect(await answer.last()).toMatchObject({ id, error: { code: -32603, message: /gone/ } });
      const again = await at(stayer, session).get({ "Last-Event-ID": start });
      expect((await again.whole()).messages).toEqual(resumed.messages);
      const late = await at(stayer, session).post({ jsonrpc: "2.0", id: asking.messages[0]?.id, result: {} });
      expect(late.status).toBe(400);
      const stream = await at(stayer, session).get();
      // What may have been missed is said to have changed.
      await expect
        .poll(() => methods(stream))
        .toEqual([
          "notifications/tools/list_changed",
          "notifications/prompts/list_changed",
          "notifications/resources/list_changed",
          "notifications/resources/updated",
        ]);
      expect((await (await at(stayer, session).ask(9, "ping")).last()).result).toEqual({});
      stream.cut();
      await stayer.server.close();
    });
  });
