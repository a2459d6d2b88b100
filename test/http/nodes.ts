/** Several servers in one process that share everything, as nodes behind a proxy. */

import { createMemorySessionStore } from "../../runtime/protocol/session-store.js";
import type { ListenOptions } from "../../runtime/server/serve-http.js";
import type { Server } from "../../runtime/server/server.js";
import { createMemoryBus } from "../../runtime/transport/bus.js";
import { createMemoryEventStore } from "../../runtime/transport/event-store.js";
import { createProxy, type NodeProxy } from "./proxy.js";

export interface Nodes {
  /** Where the proxy is. */
  readonly url: string;
  readonly proxy: NodeProxy;
  readonly servers: readonly Server[];
  readonly urls: readonly string[];
  close(): Promise<void>;
}

export async function createNodes(
  count: number,
  define: (index: number) => Server,
  options: ListenOptions = {},
): Promise<Nodes> {
  const shared = {
    sessions: createMemorySessionStore(),
    bus: createMemoryBus(),
    events: createMemoryEventStore(),
  };
  const servers = Array.from({ length: count }, (_, index) => define(index));
  const listeners = await Promise.all(servers.map((server) => server.serveHttp({ ...shared, ...options })));
  const urls = listeners.map(({ url }) => url);
  const proxy = await createProxy(urls);
  return {
    url: proxy.url,
    proxy,
    servers,
    urls,
    async close() {
      await proxy.close();
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
