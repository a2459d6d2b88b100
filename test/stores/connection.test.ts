/** The way to Redis: what comes back when a connection breaks, what is said when it stays away, and whose it is to close. */

import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { McpWireError } from "../../runtime/errors.js";
import { RedisConnection } from "../../runtime/stores/redis/connection.js";
import { createScript } from "../../runtime/stores/redis/script.js";
import { hasRedis, type RedisServer, startRedis } from "./redis-server.js";

const SET = createScript('redis.call("SET", KEYS[1], ARGV[1]) return {ARGV[1], false, 7}');

describe.skipIf(!hasRedis)("a connection to Redis", () => {
  let redis: RedisServer;
  const errors: McpWireError[] = [];
  const onerror = (error: McpWireError): void => void errors.push(error);
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(async () => await redis.stop());

  test("runs scripts that the server does not know yet, and again when it has forgotten them", async () => {
    const connection = new RedisConnection({ redis: redis.url, onerror });
    expect(connection.prefix).toBe("mcpwire:");
    expect(await connection.run(SET, ["a"], ["ä"])).toEqual(["ä", null, 7]);
    await connection.command(["SCRIPT", "FLUSH"]);
    expect(await connection.run(SET, ["a"], ["b"])).toEqual(["b", null, 7]);
    expect(await connection.command(["GET", "a"])).toBe("b");
    await connection.close();
    await expect(connection.command(["PING"])).rejects.toMatchObject({ code: "STORE_CLOSED" });
  });

  test("says what Redis refuses, without trying again", async () => {
    const connection = new RedisConnection({ redis: redis.url, onerror });
    const wrong = connection.command(["NO-SUCH"]);
    await expect(wrong).rejects.toMatchObject({ code: "STORE_REFUSED", message: expect.stringMatching(/NO-SUCH/) });
    await connection.close();
  });

  test("outlives a connection that is killed, on both of its ways", async () => {
    const connection = new RedisConnection({ redis: redis.url, onerror });
    const heard: (string | undefined)[] = [];
    const stop = connection.subscribe("news", (message) => heard.push(message));
    await expect.poll(() => heard).toEqual([undefined]);
    const publish = async (text: string): Promise<unknown> =>
      await connection.command(["PUBLISH", "mcpwire:news", text]);
    await publish("one");
    await expect.poll(() => heard).toEqual([undefined, "one"]);
    const admin = await createClient({ url: redis.url }).connect();
    for (const type of ["pubsub", "normal"]) await admin.sendCommand(["CLIENT", "KILL", "TYPE", type, "SKIPME", "yes"]);
    expect(await connection.command(["PING"])).toBe("PONG");
    // It listens again, and says so, since something may have been missed.
    await expect.poll(() => heard).toEqual([undefined, "one", undefined]);
    await publish("two");
    await expect.poll(() => heard.at(-1)).toBe("two");
    stop();
    await expect.poll(async () => await admin.sendCommand(["PUBSUB", "CHANNELS"])).toEqual([]);
    expect(errors.length).toBeGreaterThan(0);
    admin.destroy();
    await connection.close();
  });

  test("waits for a server that starts again, and fails clearly where it does not come", async () => {
    const own = await startRedis();
    const connection = new RedisConnection({ redis: own.url, onerror, patienceMs: 20_000 });
    const hasty = new RedisConnection({ redis: own.url, onerror, patienceMs: 100 });
    expect(await connection.command(["PING"])).toBe("PONG");
    await own.kill();
    await expect(hasty.command(["PING"])).rejects.toMatchObject({ code: "STORE_UNREACHABLE" });
    const waiting = connection.command(["PING"]);
    await own.start();
    expect(await waiting).toBe("PONG");
    await Promise.all([connection.close(), hasty.close()]);
    await own.stop();
  });

  test("uses a client that was given, and leaves it open", async () => {
    const client = createClient({ url: redis.url });
    client.on("error", onerror);
    await client.connect();
    const connection = new RedisConnection({ redis: client, prefix: "own:", onerror });
    let listens = false;
    connection.subscribe("news", () => {
      listens = true;
    });
    await expect.poll(() => listens).toBe(true);
    expect(await client.sendCommand(["PUBSUB", "CHANNELS"])).toEqual(["own:news"]);
    await connection.close();
    expect(await client.ping()).toBe("PONG");
    await expect.poll(async () => await client.sendCommand(["PUBSUB", "CHANNELS"])).toEqual([]);
    client.destroy();
    const late = new RedisConnection({ redis: client, onerror });
    await expect(late.command(["PING"])).rejects.toMatchObject({ code: "STORE_UNREACHABLE" });
    await late.close();
  });
});

test("what is no client of one server is refused", () => {
  for (const redis of [{}, { sendCommand() {}, duplicate() {}, isReady: true, masters: [] }])
    expect(() => new RedisConnection({ redis: redis as never })).toThrow(/no client of one Redis server/);
});
