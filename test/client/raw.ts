/** A client with a server made of plain messages, for what no well-behaved server sends. */

import type { Client } from "../../runtime/client/client.js";
import { type ConnectOptions, connect } from "../../runtime/client/connect.js";
import type { Channel } from "../../runtime/jsonrpc/channel.js";
import type { RpcPayload } from "../../runtime/jsonrpc/message.js";
import { createMemoryPair } from "../../runtime/transport/memory.js";

export interface Sent {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly [key: string]: unknown };
  readonly result?: unknown;
  readonly error?: { readonly code: number };
}

/** Answers a request: a result, or `{ error }`; nothing stays silent. */
export type Script = (request: Sent, say: (message: object) => void) => object | undefined;

export interface RawServer {
  readonly channel: Channel;
  /** Everything that the client sent. */
  readonly seen: Sent[];
  say(message: object): void;
}

export function createRawServer(script: Script): RawServer {
  const [near, far] = createMemoryPair();
  const seen: Sent[] = [];
  const say = (message: object): void => void far.send({ jsonrpc: "2.0", ...message } as unknown as RpcPayload);
  far.open({
    onmessage(message) {
      const request = message as Sent;
      seen.push(request);
      if (request.method === undefined || request.id === undefined) return;
      const answer = script(request, say);
      if (answer !== undefined) say({ id: request.id, ...("error" in answer ? answer : { result: answer }) });
    },
    onerror: () => undefined,
    onlost: () => undefined,
    onend: () => undefined,
    onclose: () => undefined,
  });
  return { channel: near, seen, say };
}

export const capabilities = {
  tools: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  extra: { kept: 1 },
};

/** Opens as an older server does, at the revision that the client offers. */
export function stateful(script: Script): Script {
  return (request, say) => {
    if (request.method === "initialize")
      return {
        protocolVersion: request.params?.protocolVersion,
        capabilities,
        serverInfo: { name: "old", version: "1", more: true },
      };
    if (request.method === "server/discover") return { error: { code: -32601, message: "Method not found" } };
    return script(request, say);
  };
}

/** Answers the probe. */
export function stateless(script: Script): Script {
  return (request, say) =>
    request.method === "server/discover"
      ? { resultType: "complete", supportedVersions: ["2026-07-28"], capabilities, ttlMs: 0, cacheScope: "private" }
      : script(request, say);
}

export async function connectRaw(
  script: Script,
  options: ConnectOptions = {},
): Promise<{ client: Client; raw: RawServer }> {
  const raw = createRawServer(script);
  return { client: await connect(raw.channel, { probeTimeoutMs: 10_000, ...options }), raw };
}
