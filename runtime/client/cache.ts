/** Results kept for as long as the server said they stay fresh. Caching; requirements BASE-85 to BASE-99. */

import type { ServerEvent } from "../protocol/era.js";
import { covers } from "../protocol/events.js";

export interface ResponseCache {
  get(method: string, params: unknown): unknown;
  /** Keeps a result if it may be kept. */
  put(method: string, params: unknown, result: unknown): void;
  /** Drops what an event makes stale (BASE-96). */
  hear(event: ServerEvent): void;
  clear(): void;
}

interface Entry {
  readonly method: string;
  readonly uri: unknown;
  readonly result: unknown;
  readonly until: number;
}

const LISTS: Readonly<Record<string, readonly string[]>> = {
  toolsChanged: ["tools/list"],
  promptsChanged: ["prompts/list"],
  resourcesChanged: ["resources/list", "resources/templates/list"],
};

/** @param maxEntries beyond which the oldest are dropped. */
export function createResponseCache(maxEntries: number): ResponseCache {
  const entries = new Map<string, Entry>();
  return {
    get(method, params) {
      if (entries.size === 0) return undefined;
      const key = keyOf(method, params);
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (entry.until > Date.now()) return structuredClone(entry.result);
      entries.delete(key);
      return undefined;
    },
    put(method, params, result) {
      const { ttlMs } = result as { ttlMs?: unknown };
      if (typeof ttlMs !== "number" || !(ttlMs > 0)) return;
      const { uri } = (params ?? {}) as { uri?: unknown };
      entries.set(keyOf(method, params), { method, uri, result: structuredClone(result), until: Date.now() + ttlMs });
      for (const oldest of entries.keys()) {
        if (entries.size <= maxEntries) break;
        entries.delete(oldest);
      }
    },
    hear(event) {
      for (const [key, { method, uri }] of entries) {
        const stale =
          event.type === "resourceUpdated"
            ? method === "resources/read" &&
              typeof uri === "string" &&
              (covers(uri, event.uri) || covers(event.uri, uri))
            : LISTS[event.type]?.includes(method);
        if (stale === true) entries.delete(key);
      }
    },
    clear: () => entries.clear(),
  };
}

/** Everything but `_meta` affects the result (BASE-87). */
function keyOf(method: string, params: unknown): string {
  const { _meta, ...rest } = (params ?? {}) as { _meta?: unknown };
  return `${method} ${JSON.stringify(rest)}`;
}
