/** One request of a client on its way through cache, era and peer. The path of a plain request makes one promise. */

import type { ClientRequests } from "../../generated/neutral/methods.js";
import type { LoggingLevel, ProgressNotificationParams } from "../../generated/neutral/types.js";
import { RpcError } from "../errors.js";
import { isThenable } from "../jsonrpc/incoming.js";
import type { RequestOptions } from "../jsonrpc/sent-request.js";
import type { ClientEra } from "../protocol/era.js";
import { withMeta } from "../protocol/meta.js";
import { hasElicitationIds, requiredPages } from "../protocol/url-required.js";
import type { ResponseCache } from "./cache.js";
import { type Connection, isSessionLost, type Live } from "./connection.js";
import type { ToolOutputs } from "./outputs.js";
import type { TaskHearers } from "./task-hearers.js";
import type { Visits } from "./visits.js";

/** How one request is sent. */
export interface CallOptions {
  /** Gives the request up when it aborts; the server is told. */
  readonly signal?: AbortSignal;
  /** Milliseconds without an answer or progress. Default: the client's. */
  readonly timeoutMs?: number;
  /** Milliseconds beyond which nothing extends the time. */
  readonly maxTotalMs?: number;
  /** Asks for progress and hears of it. */
  readonly onprogress?: (progress: ProgressNotificationParams) => void;
  /** Log entries wanted for this request, in revisions where it can say so. Default: the client's. */
  readonly logLevel?: LoggingLevel;
  /** More for the `_meta` of the request, such as `traceparent`. What the runtime itself puts there wins. */
  readonly meta?: { readonly [key: string]: unknown };
  /** False fetches anew even where a fresh result is kept. Default true. */
  readonly cached?: boolean;
}

/** Params as callers give them: what the runtime fills into `_meta` is not theirs to give. */
export type CallParams<M extends keyof ClientRequests> = Loosened<ClientRequests[M]["params"]>;
type Loosened<T> = { [K in keyof T]: K extends "_meta" ? { readonly [key: string]: unknown } | undefined : T[K] };

export type CallResult<M extends keyof ClientRequests> = ClientRequests[M]["result"];

export interface CallParts {
  readonly connection: Connection;
  readonly cache: ResponseCache | undefined;
  readonly outputs: ToolOutputs | undefined;
  /** Whether tools are run as tasks, by name, as they were listed. */
  readonly taskSupport: Map<string, string>;
  /** The pages that the server sends the person to; absent where nobody opens them. */
  readonly visits: Visits | undefined;
  /** Who hears of the progress of a task, by its id. */
  readonly taskProgress: TaskHearers<(progress: ProgressNotificationParams) => void>;
  /** Who hears how a task stands where the server tells it without being asked, by its id. */
  readonly taskNews: TaskHearers<{ news(params: unknown): void }>;
  logLevel(): LoggingLevel | undefined;
}

/**
 * Sends a request and gives its result. One that is refused until the person has visited pages is sent again when they are done there.
 */
export function callMethod(
  parts: CallParts,
  method: string,
  given: unknown,
  options: CallOptions,
  keepTask = false,
): Promise<unknown> {
  const { visits } = parts;
  if (visits === undefined) return callOnce(parts, method, given, options, keepTask);
  return callVisiting(visits, parts, method, given, options, keepTask);
}

/** What is made for each request on such a way is not made on the plain one. */
function callVisiting(
  visits: Visits,
  parts: CallParts,
  method: string,
  given: unknown,
  options: CallOptions,
  keepTask: boolean,
): Promise<unknown> {
  const { connection } = parts;
  const send = (): Promise<unknown> => callOnce(parts, method, given, options, keepTask);
  return send().catch((error: unknown) => {
    const { revision, serverInfo: server } = connection.current.facts;
    if (requiredPages(error) === undefined || !hasElicitationIds(revision)) throw error;
    return visits.retry(error, { server, signal: options.signal ?? new AbortController().signal }, send);
  });
}

/**
 * Sends a request and gives its result, after as many rounds as the server needs. Where the session that it went to is not known any
 * more, it was not carried out, and goes once more to a new one. A call that became a task is followed to its end, unless `keepTask`.
 */
function callOnce(
  parts: CallParts,
  method: string,
  given: unknown,
  options: CallOptions,
  keepTask: boolean,
): Promise<unknown> {
  const { connection } = parts;
  const params = options.meta === undefined ? given : withMeta(given, options.meta);
  const live = connection.live();
  if (isThenable(live))
    return (live as Promise<Live>).then((opened) => callOn(opened, parts, method, params, options, keepTask));
  const outcome = callOn(live as Live, parts, method, params, options, keepTask);
  if (!connection.renewable) return outcome;
  return outcome.catch((error: unknown) => {
    if (error instanceof RpcError) connection.answered();
    if (!isSessionLost(error)) throw error;
    return connection.reopen(live as Live).then((opened) => callOn(opened, parts, method, params, options, keepTask));
  });
}

function callOn(
  { peer, era, methods }: Live,
  parts: CallParts,
  method: string,
  params: unknown,
  options: CallOptions,
  keepTask: boolean,
): Promise<unknown> {
  const cacheable = parts.cache !== undefined && methods.get(method)?.cacheable === true;
  if (cacheable && options.cached !== false) {
    const kept = parts.cache?.get(method, params);
    if (kept !== undefined) return Promise.resolve(kept);
  }
  const sealing = { logLevel: options.logLevel ?? parts.logLevel() };
  const send = (given: unknown, read?: Read): Promise<unknown> => {
    try {
      return peer.request(method, era.seal(method, given, sealing), peerOptions(method, options, era, read));
    } catch (error) {
      return Promise.reject(error);
    }
  };
  return send(params, (result) => {
    parts.connection.answered();
    const value = era.read(method, params, result, send, options.signal);
    // What took more than one round is nobody's but this request's (BASE-88).
    if (isThenable(value)) return value.then((later) => finish(parts, era, method, params, later, options, keepTask));
    if (cacheable) parts.cache?.put(method, params, value);
    return finish(parts, era, method, params, value, options, keepTask);
  });
}

type Read = ((result: unknown) => unknown) | undefined;

function peerOptions(method: string, options: CallOptions, era: ClientEra, read: Read): RequestOptions<unknown> {
  const { signal, timeoutMs, maxTotalMs, onprogress } = options;
  const how: { -readonly [K in keyof RequestOptions<unknown>]: RequestOptions<unknown>[K] } = {};
  if (read !== undefined) how.read = read;
  if (!era.cancel(method)) how.cancellable = false;
  if (signal !== undefined) how.signal = signal;
  if (timeoutMs !== undefined) how.timeoutMs = timeoutMs;
  if (maxTotalMs !== undefined) how.maxTotalMs = maxTotalMs;
  if (onprogress !== undefined) how.onprogress = onprogress as (params: unknown) => void;
  return how;
}

function finish(
  parts: CallParts,
  era: ClientEra,
  method: string,
  params: unknown,
  result: unknown,
  options: CallOptions,
  keepTask: boolean,
): unknown {
  const { outputs } = parts;
  if (method === "tools/list") {
    const { tools } = result as CallResult<"tools/list">;
    outputs?.learn(tools);
    for (const { name, execution } of tools) parts.taskSupport.set(name, execution?.taskSupport ?? "forbidden");
  }
  if (method !== "tools/call") return result;
  if (era.isTask(params, result)) {
    if (keepTask) return result;
    return import("./tasks.js").then(({ followTask }) =>
      followTask(parts, params as { readonly name: string }, result, options),
    );
  }
  if (outputs === undefined) return result;
  return outputs.check((params as { name: string }).name, result as CallResult<"tools/call">);
}
