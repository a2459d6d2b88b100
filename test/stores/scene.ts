/** What tests of stores share: a Redis for the whole file, and what has to be closed after each test. */

import { afterAll, afterEach, beforeAll } from "vitest";
import type { McpWireError } from "../../runtime/errors.js";
import { hasRedis, type RedisServer, startRedis } from "./redis-server.js";

/** What the stores of the file reported; tests take out what they expect. */
export const errors: McpWireError[] = [];
/** Run after each test. */
export const closes: (() => Promise<void>)[] = [];
/** The Redis of the file; `undefined` where there is none. */
export let redis: RedisServer | undefined;
let prefixes = 0;

export function onerror(error: McpWireError): void {
  errors.push(error);
}

/** A prefix that no other test of the file has. */
export function newPrefix(): string {
  return `p${++prefixes}:`;
}

beforeAll(async () => {
  if (hasRedis) redis = await startRedis();
});
afterEach(async () => {
  for (const close of closes.splice(0)) await close();
});
afterAll(async () => await redis?.stop());
