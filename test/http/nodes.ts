/** Several servers in one process that share everything, as nodes behind a proxy that takes turns. */

import { createMemorySessionStore } from "../../runtime/protocol/session-store.js";
import type { ListenOptions } from "../../runtime/server/serve-http.js";
import type { Server } from "../../runtime/server/server.js";
import { createMemoryBus } from "../../runtime/transport/bus.js";
import { createMemoryEventStore } from "../../runtime/transport/event-store.js";
import { startProxy } from "../stores/proxy.js";

export interface Nodes {
  /** Where the proxy is. */
  readonly url: string;
  readonly servers: readonly Server[];
  readonly urls: readonly string[];
  close(): Promise<void>;
}

/** What nodes share, in memory. */
export function memoryStores(): Required<Pick<ListenOptions, "sessions" | "bus" | "events">> {
  return { sessions: createMemorySessionStore(), bus: createMemoryBus(), events: createMemoryEventStore() };
}

export async function createNodes(
  count: number,
  define: (index: number) => Server,
  options: ListenOptions = memoryStores(),
): Promise<Nodes> {
  const servers = Array.from({ length: count }, (_, index) => define(index));
  const listeners = await Promise.all(servers.map((server) => server.serveHttp(options)));
  const urls = listeners.map(({ url }) => url);
  const proxy = await startProxy(() => urls);
  return {
    url: proxy.url,
    servers,
    urls,
    async close() {
      await proxy.close();
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
