/** Three servers in processes of their own that share their tasks in Redis, of which one is killed in the middle of what it does. */

import { createClient } from "redis";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Revision } from "../../generated/revisions.js";
import type { Client } from "../../runtime/client/client.js";
import { connect } from "../../runtime/client/connect.js";
import type { TaskHandle } from "../../runtime/client/task-contract.js";
import { readEvents } from "../server/http/events.js";
import { DECLARED } from "../tasks/scene.js";
import { verifies } from "../verifies.js";
import { type NodeProcess, startNode } from "./node-process.js";
import { type RoundRobin, startProxy } from "./proxy.js";
import { hasRedis, type RedisServer, startRedis } from "./redis-server.js";

const PREFIX = "nodes:";
/** Longer than a machine that is busy keeps a server from showing signs of life. */
const LEASE_MS = 5_000;

describe.skipIf(!hasRedis)("tasks of three servers", () => {
  let redis: RedisServer;
  let nodes: NodeProcess[];
  let proxy: RoundRobin;
  let counter: Awaited<ReturnType<typeof openCounter>>;
  const clients: Client[] = [];
  const openCounter = async () => await createClient({ url: redis.url }).connect();
  const start = (name: string): Promise<NodeProcess> =>
    startNode("task-node.mjs", { name, url: redis.url, prefix: PREFIX, leaseMs: LEASE_MS });

  beforeAll(async () => {
    redis = await startRedis();
    nodes = await Promise.all(["a", "b", "c"].map(start));
    proxy = await startProxy(() => nodes.map(({ url }) => url));
    counter = await openCounter();
  }, 120_000);
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
  });
  afterAll(async () => {
    counter?.destroy();
    await proxy?.close();
    await Promise.all((nodes ?? []).map((node) => node.kill()));
    await redis?.stop();
  });

  /** A client of one server, or of all of them by turns. */
  const open = async (
    at: NodeProcess | RoundRobin,
    principal = "ada",
    asked: string[] = [],
    revision: Revision = "2026-07-28",
  ): Promise<Client> => {
    const headers = { authorization: `Bearer ${principal}` };
    const elicit = ({ message }: { readonly message: string }) => {
      asked.push(message);
      return { action: "accept" as const, content: { name: principal } };
    };
    const client = await connect({ url: at.url, headers }, { elicit, revisions: [revision] });
    clients.push(client);
    return client;
  };
  const node = (place: number): NodeProcess => nodes[place] as NodeProcess;
  const killed = async (place: number): Promise<void> => {
    await node(place).kill();
    nodes[place] = await start(`again-${place}`);
  };
  const count = async (what: string, attempt: string): Promise<number> =>
    Number(await counter.get(`${PREFIX}${what}:${attempt}`));
  const text = async (task: TaskHandle): Promise<unknown> => {
    const [first] = (await task.result()).content;
    return first?.type === "text" ? first.text : first;
  };

  test("are made at one, looked at through all, and done once", async () => {
    const client = await open(proxy);
    const texts = await Promise.all(
      Array.from(
        { length: 12 },
        async (_, n) => await text(await client.startTool("work", { attempt: `round-${n}`, ms: 400 })),
      ),
    );
    expect(texts).toEqual(Array.from({ length: 12 }, (_, n) => `ada round-${n} 1`));
    for (let n = 0; n < 12; n++) expect(await count("runs", `round-${n}`)).toBe(1);
    expect(nodes.every(({ url }) => (proxy.given.get(url) ?? 0) > 0)).toBe(true);
  });

  test(`go on at another when theirs is killed, and what was done is not done again${verifies("XTASK-18")}`, async () => {
    const { id = "" } = await (await open(node(0))).startTool("held", { attempt: "killed" });
    await expect.poll(async () => await count("effects", "killed")).toBe(1);
    await killed(0);
    const found = await (await open(node(1))).task(id);
    expect(await text(found)).toBe("ada killed 1");
    expect([await count("runs", "killed"), await count("effects", "killed")]).toEqual([2, 1]);
    expect(await text(await (await open(proxy)).task(id))).toBe("ada killed 1");
  });

  test(`that wait for an answer take it through another while theirs is gone${verifies("XTASK-28")}`, async () => {
    const { id = "" } = await (await open(node(0))).startTool("ask", { attempt: "asking" });
    const byHand = await (await open(node(1))).task(id, { answerByHand: true });
    for await (const { status } of byHand.updates) if (status === "input_required") break;
    await killed(0);
    const asked: string[] = [];
    expect(await text(await (await open(proxy, "ada", asked)).task(id))).toBe("ada asking 1 ada");
    expect(asked).toEqual(["Who, for asking?"]);
    expect(await count("effects", "asking")).toBe(1);
  });

  test("hear at their worker what was answered and cancelled elsewhere", async () => {
    const asked: string[] = [];
    const { id = "" } = await (await open(node(0))).startTool("ask", { attempt: "answered" });
    expect(await text(await (await open(node(2), "ada", asked)).task(id))).toBe("ada answered 1 ada");
    expect([asked.length, await count("runs", "answered")]).toEqual([1, 1]);
    const long = await (await open(node(0))).startTool("fragile", { attempt: "cancelled", ms: 60_000 });
    await (await (await open(node(1))).task(long.id ?? "")).cancel();
    await expect(long.result()).rejects.toMatchObject({ code: "CANCELLED" });
  });

  test("fail with a word on why where they may not run again", async () => {
    const { id = "" } = await (await open(node(0))).startTool("fragile", { attempt: "fragile", ms: 60_000 });
    await expect.poll(async () => await count("runs", "fragile")).toBe(1);
    await killed(0);
    const found = await (await open(node(2))).task(id);
    await expect(found.result()).rejects.toMatchObject({ rpcCode: -32603, message: expect.stringMatching(/is gone/) });
    expect(found.state).toMatchObject({ status: "failed", message: expect.stringMatching(/is gone/) });
    expect(await count("runs", "fragile")).toBe(1);
  });

  test("do nothing twice where their server was killed within an effect", async () => {
    const client = await open(node(0));
    const ids = new Map<string, string>();
    for (const attempt of ["careful", "careless"]) {
      ids.set(attempt, (await client.startTool("charge", { attempt })).id ?? "");
      await expect.poll(async () => await count("effects", attempt)).toBe(1);
    }
    await killed(0);
    const other = await open(proxy);
    expect(await text(await other.task(ids.get("careful") ?? ""))).toBe("it was charged 1 times");
    expect(await text(await other.task(ids.get("careless") ?? ""))).toMatch(/"charge".*is not known/);
    expect([await count("effects", "careful"), await count("effects", "careless")]).toEqual([1, 1]);
  });

  test(`are not there for another principal, wherever it asks and whatever it tries${verifies("TASK-57", "XTASK-41")}`, async () => {
    const { id = "" } = await (await open(node(0))).startTool("ask", { attempt: "private" });
    await expect.poll(async () => await count("effects", "private")).toBe(1);
    const spied = async (): Promise<void> => {
      for (const place of nodes) {
        const eve = await open(place, "eve");
        const task = await eve.task(id);
        const unknown = { rpcCode: -32602, message: "Unknown task. It may have expired." };
        await expect(task.result()).rejects.toMatchObject(unknown);
        await expect(task.cancel()).rejects.toMatchObject(unknown);
        await expect(task.answer("who", { action: "accept", content: { name: "eve" } })).rejects.toMatchObject(unknown);
        await expect((await eve.task("made up")).result()).rejects.toMatchObject(unknown);
        const listening = readEvents(await listen(place, "eve", id));
        expect((await listening.message()).params).toMatchObject({ notifications: { taskIds: [] } });
        await listening.leave();
      }
    };
    await spied();
    await killed(0);
    await spied();
    expect(await text(await (await open(proxy)).task(id))).toBe("ada private 1 ada");
  });

  test(`are told of at every server to who listens${verifies("XTASK-38")}`, async () => {
    const { id = "" } = await (await open(node(0))).startTool("work", { attempt: "told", ms: 1_500 });
    const listening = readEvents(await listen(node(1), "ada", id));
    expect((await listening.message()).params).toMatchObject({ notifications: { taskIds: [id] } });
    const told: unknown[] = [];
    while (told.at(-1) !== "completed") told.push((await listening.message()).params?.status);
    expect(told.slice(0, -1).every((status) => status === "working")).toBe(true);
    await listening.leave();
  });

  test(`that are asked for in a session outlive the server that has the session${verifies("TASK-50", "TASK-57")}`, async () => {
    const asked: string[] = [];
    const client = await open(proxy, "ada", asked, "2025-11-25");
    const started = ["work", "ask"].map((tool) => client.startTool(tool, { attempt: `core-${tool}`, ms: 1_000 }));
    const [work = "", ask = ""] = (await Promise.all(started)).map(({ id = "" }) => id);
    await expect.poll(async () => await count("effects", "core-work")).toBe(1);
    await expect.poll(async () => await count("effects", "core-ask")).toBe(1);
    await killed(0);
    expect(await text(await client.task(work))).toBe("ada core-work 1");
    expect(await text(await client.task(ask))).toBe("ada core-ask 1 ada");
    expect(new Set(asked)).toEqual(new Set(["Who, for core-ask?"]));
    const eve = await open(proxy, "eve", [], "2025-11-25");
    for (const id of [work, ask])
      await expect((await eve.task(id)).result()).rejects.toMatchObject({ rpcCode: -32602 });
  });

  test("bring results of megabytes from one to another", async () => {
    const { id = "" } = await (await open(node(0))).startTool("big", { attempt: "big", ms: 3_000_000 });
    expect(await text(await (await open(node(2))).task(id))).toHaveLength(3_000_000);
  });
});

/** Listens to a task at one server, by the request as it stands. */
function listen(at: NodeProcess, principal: string, taskId: string): Promise<Response> {
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "raw", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": DECLARED,
  };
  const params = { notifications: { taskIds: [taskId] }, _meta };
  return fetch(at.url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      authorization: `Bearer ${principal}`,
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "subscriptions/listen",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "subscriptions/listen", params }),
  });
}
