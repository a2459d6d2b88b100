/** A server with a client made of plain messages, for what no well-behaved client sends. */

import type { Channel } from "../../runtime/jsonrpc/channel.js";
import type { RpcPayload } from "../../runtime/jsonrpc/message.js";
import { createServer, type Server, type ServerOptions } from "../../runtime/server/server.js";
import { createMemoryPair } from "../../runtime/transport/memory.js";

export interface Answer {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: { readonly [key: string]: unknown };
  readonly result?: { readonly [key: string]: unknown };
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data?: { readonly [key: string]: unknown };
  };
}

export interface Raw {
  readonly server: Server;
  readonly errors: Error[];
  /** Everything that the server sent. */
  readonly seen: Answer[];
  send(message: object): void;
  /** Sends a request and gives its answer. */
  ask(method: string, params?: object): Promise<Answer>;
  /** The same with the `_meta` of the era without handshake. */
  askModern(method: string, params?: object, capabilities?: object): Promise<Answer>;
  initialize(revision?: string, capabilities?: object): Promise<Answer>;
  close(): Promise<void>;
}

export const meta = (capabilities: object = {}, version = "2026-07-28"): Record<string, unknown> => ({
  "io.modelcontextprotocol/protocolVersion": version,
  "io.modelcontextprotocol/clientCapabilities": capabilities,
});

export async function createRaw(
  define: (server: Server) => void = () => undefined,
  options: Partial<ServerOptions> = {},
): Promise<Raw> {
  const errors: Error[] = [];
  const server = createServer({ name: "raw", version: "1", onerror: (error) => errors.push(error), ...options });
  define(server);
  const [near, far] = createMemoryPair();
  await server.connect(far);
  return attach(near, server, errors);
}

/** Speaks plain messages over a channel whose other end a server has. */
export function attach(channel: Channel, server: Server, errors: Error[]): Raw {
  const seen: Answer[] = [];
  const waiting = new Map<unknown, (answer: Answer) => void>();
  channel.open({
    onmessage(message) {
      for (const one of (Array.isArray(message) ? message : [message]) as Answer[]) {
        seen.push(one);
        if (one.method === undefined) waiting.get(one.id)?.(one);
      }
    },
    onerror: () => undefined,
    onlost: () => undefined,
    onend: () => undefined,
    onclose: () => undefined,
  });
  let lastId = 0;
  const send = (message: object): void => void channel.send(message as RpcPayload);
  const ask = (method: string, params?: object): Promise<Answer> =>
    new Promise((resolve) => {
      const id = ++lastId;
      waiting.set(id, resolve);
      send({ jsonrpc: "2.0", id, method, ...(params === undefined ? {} : { params }) });
    });
  return {
    server,
    errors,
    seen,
    send,
    ask,
    askModern: (method, params, capabilities) => ask(method, { ...params, _meta: meta(capabilities) }),
    async initialize(revision = "2025-11-25", capabilities = {}) {
      const answer = await ask("initialize", {
        protocolVersion: revision,
        capabilities,
        clientInfo: { name: "raw", version: "1" },
      });
      send({ jsonrpc: "2.0", method: "notifications/initialized" });
      return answer;
    },
    close: () => channel.close(),
  };
}
