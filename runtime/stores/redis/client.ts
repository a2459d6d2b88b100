/**
 * What is used of a client of the package `redis`, version 6. Told by its shape, so that nobody has to install the package for our types,
 * and clients with other modules, scripts or replies fit as well.
 */

import { McpWireError } from "../../errors.js";

export type RedisArgument = string | Buffer;

/** A client made by `createClient` of the package `redis`: of one server, not of a cluster. */
export interface RedisClient {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  connect(): Promise<unknown>;
  destroy(): void;
  duplicate(overrides?: { readonly disableOfflineQueue?: boolean }): RedisClient;
  sendCommand(
    args: readonly RedisArgument[],
    options?: { readonly typeMapping?: Record<never, never> },
  ): Promise<unknown>;
  subscribe(channel: string, listener: (message: string, channel: string) => void): Promise<void>;
  unsubscribe(channel: string, listener?: (message: string, channel: string) => void): Promise<void>;
  on(event: string, listener: (error: unknown) => void): unknown;
  off(event: string, listener: (error: unknown) => void): unknown;
}

/** Milliseconds between attempts to reach a server again: soon at first, and never long. */
const LONGEST_PAUSE_MS = 1_000;
const FIRST_PAUSE_MS = 25;

/** Makes a client that fails at once where its server is away, instead of keeping commands for later: who waits decides how long. */
export async function openClient(url: string): Promise<RedisClient> {
  const { createClient } = await loadPackage();
  const reconnectStrategy = (tries: number): number => Math.min(FIRST_PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS);
  return createClient({ url, disableOfflineQueue: true, socket: { reconnectStrategy } });
}

/** Refuses what only looks like a client in a program without types. */
export function checkClient(client: RedisClient): void {
  const { sendCommand, duplicate, isReady } = client;
  // Clusters and sentinels take a key, or whether a command only reads, before the command.
  const single = typeof sendCommand === "function" && typeof duplicate === "function" && typeof isReady === "boolean";
  if (single && !("masters" in client) && !("slots" in client) && !("acquire" in client)) return;
  const problem = "`redis` is no client of one Redis server.";
  throw new McpWireError("INVALID_USE", problem, "Give what `createClient` of the package redis makes, or an address.");
}

async function loadPackage(): Promise<typeof import("redis")> {
  try {
    return await import("redis");
  } catch (error) {
    const problem = "The package redis could not be loaded.";
    throw new McpWireError("STORE_PACKAGE", problem, "Install it: `npm install redis@6`.", error);
  }
}
