/**
 * The words of MCP inside `_meta`, and those for cancellation and progress that the JSON-RPC peer is given.
 * Base protocol, `_meta`; requirements BASE-29, BASE-49 to BASE-72.
 */

import { isRequestId, type RequestId } from "../jsonrpc/message.js";
import type { SignalWords } from "../jsonrpc/signals.js";
import { isObject } from "./envelope.js";

/** Keys of `_meta` that the protocol reserves. */
export const MetaKey = {
  protocolVersion: "io.modelcontextprotocol/protocolVersion",
  clientInfo: "io.modelcontextprotocol/clientInfo",
  clientCapabilities: "io.modelcontextprotocol/clientCapabilities",
  logLevel: "io.modelcontextprotocol/logLevel",
  subscriptionId: "io.modelcontextprotocol/subscriptionId",
  serverInfo: "io.modelcontextprotocol/serverInfo",
  relatedTask: "io.modelcontextprotocol/related-task",
} as const;

export type Meta = Readonly<Record<string, unknown>>;

/** The `_meta` of params or of a result, where there is one. */
export function metaOf(payload: unknown): Meta | undefined {
  if (typeof payload !== "object" || payload === null) return undefined;
  const meta = (payload as { readonly _meta?: unknown })._meta;
  return typeof meta === "object" && meta !== null ? (meta as Meta) : undefined;
}

/** Params with more in their `_meta`; the given params stay as they are. */
export function withMeta(payload: unknown, meta: Meta): Record<string, unknown> {
  const own = metaOf(payload);
  return { ...(payload as object | undefined), _meta: own === undefined ? meta : { ...own, ...meta } };
}

/** How MCP says "give it up" and "this is how far I am", in every revision. */
export const signalWords: SignalWords = {
  cancel: {
    method: "notifications/cancelled",
    write: (requestId, reason) => (reason === undefined ? { requestId } : { requestId, reason }),
    read(params) {
      if (!isObject(params) || !isRequestId(params.requestId)) return undefined;
      return { id: params.requestId, reason: typeof params.reason === "string" ? params.reason : undefined };
    },
  },
  progress: {
    method: "notifications/progress",
    ask: (params, progressToken) => withMeta(params, { progressToken }),
    asked: (params) => tokenOf(metaOf(params)),
    write: (progressToken, update) => ({ ...update, progressToken }),
    read: tokenOf,
  },
};

function tokenOf(holder: unknown): RequestId | undefined {
  const token = isObject(holder) ? holder.progressToken : undefined;
  return isRequestId(token) ? token : undefined;
}
