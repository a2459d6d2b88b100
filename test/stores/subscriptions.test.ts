/** Channels that are listened to, where the server of Redis does not take the first word: told by a client made of plain functions. */

import { expect, test } from "vitest";
import type { McpWireError } from "../../runtime/errors.js";
import type { RedisClient } from "../../runtime/stores/redis/client.js";
import { RedisConnection } from "../../runtime/stores/redis/connection.js";

interface Faults {
  /** Connections, and requests to listen, that fail before one succeeds. */
  connects: number;
  subscribes: number;
}

/** A client of which nobody is behind; what it is subscribed to can be spoken to. */
function createFake(faults: Faults): { readonly client: RedisClient; say(channel: string, message: string): void } {
  const listeners = new Map<string, (message: string, channel: string) => void>();
  const client: RedisClient = {
    isOpen: true,
    isReady: true,
    async connect() {
      if (faults.connects-- > 0) throw new Error("Nobody is there.");
    },
    destroy: () => undefined,
    duplicate: () => client,
    sendCommand: async () => "OK",
    async subscribe(channel, listener) {
      if (faults.subscribes-- > 0) throw new Error("Socket closed unexpectedly");
      listeners.set(channel, listener);
    },
    async unsubscribe(channel) {
      listeners.delete(channel);
    },
    on: () => undefined,
    off: () => undefined,
  };
  return { client, say: (channel, message) => listeners.get(channel)?.(message, channel) };
}

test.each([
  { connects: 0, subscribes: 2 },
  { connects: 2, subscribes: 0 },
])("a channel is listened to in the end, however often that failed: %o", async (faults) => {
  const errors: McpWireError[] = [];
  const { client, say } = createFake({ ...faults });
  const connection = new RedisConnection({ redis: client, prefix: "p:", onerror: (error) => errors.push(error) });
  const heard: (string | undefined)[] = [];
  const stop = connection.subscribe("news", (message) => heard.push(message));
  await expect.poll(() => heard).toEqual([undefined]);
  say("p:news", "one");
  expect(heard).toEqual([undefined, "one"]);
  expect(errors).toHaveLength(2);
  for (const error of errors) expect(error).toMatchObject({ code: "STORE_FAILED" });
  stop();
  await connection.close();
});

test("a channel that nobody listens to any more is not asked for again", async () => {
  const errors: McpWireError[] = [];
  const faults = { connects: 0, subscribes: 1 };
  const { client } = createFake(faults);
  const connection = new RedisConnection({ redis: client, onerror: (error) => errors.push(error) });
  const heard: (string | undefined)[] = [];
  connection.subscribe("left", (message) => heard.push(message))();
  connection.subscribe("other", (message) => heard.push(message));
  await expect.poll(() => heard).toEqual([undefined]);
  expect(faults.subscribes).toBe(-1);
  await connection.close();
});
