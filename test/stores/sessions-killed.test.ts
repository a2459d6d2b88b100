/** Sessions on three servers behind a proxy that takes turns, of which one is killed in the middle of streams and questions. */

import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Client } from "../../runtime/client/client.js";
import { connect } from "../../runtime/client/connect.js";
import type { ServerEvent } from "../../runtime/protocol/era.js";
import { RawHttp, type RawSession, send } from "../http/raw.js";
import { verifies } from "../verifies.js";
import { type NodeProcess, startNode } from "./node-process.js";
import { type RoundRobin, startProxy } from "./proxy.js";
import { hasRedis, type RedisServer, startRedis } from "./redis-server.js";

const PREFIX = "killed:";
const ada = { Authorization: "Bearer ada" };

describe.skipIf(!hasRedis)("three servers that share sessions", { timeout: 120_000 }, () => {
  let redis: RedisServer;
  let proxy: RoundRobin;
  const nodes: NodeProcess[] = [];
  const start = (): Promise<NodeProcess> =>
    startNode("session-node.mjs", { name: "node", url: redis.url, prefix: PREFIX });

  beforeAll(async () => {
    redis = await startRedis();
    nodes.push(...(await Promise.all([start(), start(), start()])));
    proxy = await startProxy(() => nodes.map(({ url }) => url));
  }, 120_000);
  afterAll(async () => {
    await proxy.close();
    await Promise.all(nodes.map((node) => node.kill()));
    await redis.stop();
  });

  const at = (node: number): RawHttp => new RawHttp(undefined as never, nodes[node]?.url ?? "", []);
  const resume = (node: number, session: RawSession, last: string | undefined): ReturnType<RawSession["get"]> =>
    send("GET", nodes[node]?.url ?? "", {
      Accept: "text/event-stream",
      ...session.headers,
      "Last-Event-ID": last,
    });

  test(`a killed one ends its streams in a way that tells, and what it finished is still there${verifies("HTTP-26", "HTTP-43", "HTTP-45", "SEC-16")}`, async () => {
    const session = await at(0).open("2025-11-25", { elicitation: {} }, ada);
    const tool = (name: string, call: string, ms: number): object => ({ name, arguments: { call, ms } });
    const done = await (await session.ask("done", "tools/call", tool("stream", "k-done", 40))).whole();
    const cut = await session.ask("cut", "tools/call", tool("stream", "k-cut", 600_000));
    const asked = await session.ask("ask", "tools/call", tool("ask", "k-ask", 0));
    for (const answer of [cut, asked]) await expect.poll(() => answer.messages.length).toBe(1);
    // One client follows at another node already when it happens; others come back for it later.
    const following = await resume(1, session, cut.events[0]?.id);
    await nodes[0]?.kill();
    const lost = { error: { code: -32603, message: expect.stringContaining("gone") } };
    expect(await following.last()).toMatchObject({ id: "cut", ...lost });
    const late = await (await resume(2, session, asked.events[0]?.id)).whole();
    expect(late.messages.map(({ id }) => id)).toEqual(
      [asked.messages[0]?.id, "ask"].slice(asked.events[0]?.data === "" ? 0 : 1),
    );
    expect(late.messages.at(-1)).toMatchObject({ id: "ask", ...lost });
    const same = await (await resume(1, session, asked.events[0]?.id)).whole();
    expect(same.events).toEqual(late.events);
    const again = await (await resume(2, session, done.events[0]?.id)).whole();
    expect(again.events).toEqual(done.events.slice(1));
    const answer = await send(
      "POST",
      nodes[1]?.url ?? "",
      { Accept: "application/json, text/event-stream", "Content-Type": "application/json", ...session.headers },
      JSON.stringify({ jsonrpc: "2.0", id: asked.messages[0]?.id, result: { action: "decline" } }),
    );
    expect([answer.status, (await answer.last()).error?.message]).toEqual([400, expect.stringContaining("gone")]);
    // Another principal learns nothing of it.
    const eve = { ...session, headers: { ...session.headers, Authorization: "Bearer eve" } };
    expect((await resume(1, eve, asked.events[0]?.id)).status).toBe(404);
    nodes[0] = await start();
    expect((await resume(0, session, done.events[0]?.id)).status).toBe(200);
  });

  test(`clients with sessions lose nothing that was finished, and get nothing twice or of another, while they are killed${verifies("HTTP-43", "SEC-15", "SEC-16")}`, async () => {
    const kills = 3;
    let over = false;
    const faults: string[] = [];
    const finished: string[] = [];
    let broken = 0;
    const lane = async (client: Client, principal: string, number: number): Promise<void> => {
      for (let count = 0; !over; count++) {
        const call = `${principal}-${number}-${count}`;
        const name = count % 2 === 0 ? "stream" : "ask";
        try {
          const { content } = await client.callTool(name, { call, ms: 80 });
          const text = (content[0] as { text: string }).text;
          finished.push(call);
          const wanted = name === "stream" ? `${principal} ${call}` : `${principal} ${call} ${principal}`;
          if (text !== wanted) faults.push(`${call}: ${text}`);
        } catch {
          // Its node was killed: it is not known what came of it, and its effect is counted all the same.
          broken++;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
    };
    const lanes: Promise<void>[] = [];
    const clients: Client[] = [];
    for (const principal of ["ada", "bob", "eve"]) {
      const heard = new Map<string, number>();
      const client = await connect(
        { url: proxy.url, headers: { Authorization: `Bearer ${principal}` } },
        {
          revisions: ["2025-11-25"],
          timeoutMs: 20_000,
          elicit({ message }) {
            if (!message.includes(`for ${principal}-`)) faults.push(`${principal} was asked: ${message}`);
            return { action: "accept", content: { name: principal } };
          },
          onlog({ data }) {
            const line = String(data);
            if (!line.startsWith(`${principal} ${principal}-`)) faults.push(`${principal} heard: ${line}`);
            heard.set(line, (heard.get(line) ?? 0) + 1);
            if ((heard.get(line) ?? 0) > 1) faults.push(`twice: ${line}`);
          },
        },
      );
      clients.push(client);
      for (let number = 0; number < 3; number++) lanes.push(lane(client, principal, number));
    }
    for (let kill = 0; kill < kills; kill++) {
      const before = finished.length;
      await expect.poll(() => finished.length).toBeGreaterThan(before + 10);
      await nodes[kill]?.kill();
      nodes[kill] = await start();
    }
    const before = finished.length;
    await expect.poll(() => finished.length).toBeGreaterThan(before + 10);
    over = true;
    await Promise.all(lanes);
    const counter = await createClient({ url: redis.url }).connect();
    for (const call of finished) {
      const effects = Number(await counter.get(`${PREFIX}effects:${call}`));
      if (effects !== 1) faults.push(`${call}: ${effects} effects`);
    }
    counter.destroy();
    for (const client of clients) await client.close();
    expect({ faults }).toEqual({ faults: [] });
    expect(new Set(finished).size).toBe(finished.length);
    process.stdout.write(`${finished.length} calls finished, ${broken} broke with their node, ${kills} kills\n`);
  });

  test(`who listens at one hears of what happens at others, also when its own was killed${verifies("RES-05", "RES-07", "HTTP-38")}`, async () => {
    const client = await connect({ url: proxy.url, headers: ada }, { revisions: ["2025-11-25"] });
    const events: ServerEvent[] = [];
    await client.subscribe({ uris: ["memo://x"] }, (event) => events.push(event));
    const touched = (): number => events.filter(({ type }) => type === "resourceUpdated").length;
    for (let count = 1; count <= 6; count++) {
      await client.callTool("touch", { uri: "memo://x" });
      await expect.poll(touched).toBe(count);
    }
    for (let node = 0; node < 3; node++) {
      await nodes[node]?.kill();
      nodes[node] = await start();
    }
    events.length = 0;
    await expect
      .poll(async () => {
        await client.callTool("touch", { uri: "memo://x" }).catch(() => undefined);
        return touched();
      })
      .toBeGreaterThan(0);
    await client.close();
  });
});
