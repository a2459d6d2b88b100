/** What a peer is told and what it offers; the peer itself is in `peer.ts`. */

import type { McpWireError, RpcError } from "../errors.js";
import type { RequestHandler } from "./incoming.js";
import type { RequestId } from "./message.js";
import type { OutgoingSettings } from "./outgoing.js";
import type { RequestOptions } from "./sent-request.js";
import type { SignalWords } from "./signals.js";

/** How long a request waits for an answer where nothing is said. */
export const DEFAULT_TIMEOUT_MS = 60_000;

/** Everything a peer can be told. All of it is optional: a peer without handlers answers every request with -32601. */
export interface PeerOptions {
  readonly onrequest?: RequestHandler;
  /** Gets every notification that is not a signal for a request in flight. Its promise, if any, is watched, not awaited. */
  readonly onnotification?: (method: string, params: unknown, origin: unknown) => unknown;
  /**
   * Told of whatever went wrong and did not end the connection: unreadable and unexpected messages, handlers that threw, and
   * (as {@link RpcError}) errors of the peer that name no request. What it throws itself surfaces as an uncaught exception.
   */
  readonly onerror?: (error: McpWireError) => void;
  /** Called when the other side ended its half of the connection: the time to end what would go on until it says so. */
  readonly onend?: () => void;
  /** Called once, when nothing more will come or go: everything in flight was settled. `reason` is absent after an orderly end. */
  readonly onclose?: (reason: McpWireError | undefined) => void;
  /** The protocol's words for cancellation and progress. */
  readonly words?: SignalWords;
  /** Makes the ids of requests. Default: 1, 2, 3, … */
  readonly createId?: () => RequestId;
  /** Milliseconds a request waits for an answer. Default 60 000. */
  readonly timeoutMs?: number;
  /** Milliseconds beyond which nothing extends a deadline. Default 600 000. */
  readonly maxTotalMs?: number;
  /**
   * Whether deadlines wait while a request of the peer is being worked on here, since the answer may depend on it: a person may be
   * reading a question that the peer asked on the way (LIFE-89). `maxTotalMs` still holds. Default false; clients set it.
   */
  readonly holdWhileWorking?: boolean;
  /** How many requests may wait for answers. Default 10 000. */
  readonly maxInFlight?: number;
  /** How many requests of the peer may be worked on at once; more are refused with -32603. Default 10 000. */
  readonly maxIncoming?: number;
  /** Whether batches are understood and may be sent; asked each time, since it can depend on what was agreed. Default: no. */
  readonly batches?: () => boolean;
  /** How many messages one batch may hold. Default 1 000. */
  readonly maxBatch?: number;
  /**
   * Whether messages without a usable id that are no JSON or no JSON-RPC are answered, with an error that has no id (STDIO-14).
   * Default false: right for clients, whose peer may print what it likes. Servers set it.
   */
  readonly answerMalformed?: boolean;
  /**
   * Whether requests of the other side are answered; asked each time. Where they are not, they are reported and nothing goes back.
   * Default: yes.
   */
  readonly takesRequests?: () => boolean;
  /** Milliseconds that handlers get to answer after the other side ended its half of the connection. Default 1 000. */
  readonly drainMs?: number;
}

/** See {@link createPeer}. */
export interface Peer {
  /** Number of own requests without an answer. */
  readonly inFlight: number;
  /** Number of requests of the other side being worked on. */
  readonly working: number;
  readonly closed: boolean;
  /** Opens the channel. Call it once, before anything is sent. */
  open(): Promise<void> | undefined;
  /**
   * Sends a request.
   * Rejects with {@link RpcError} when the peer answered with an error; with `TimeoutError`, `CancelledError`, `ConnectionError` or
   * `MessageError` when no (usable) answer came. The two kinds share no class but the root.
   */
  request<T = unknown>(method: string, params?: unknown, options?: RequestOptions<T>): Promise<T>;
  /** Sends a notification. The promise, if any, says when there is room for more. @throws ConnectionError as `Channel.send` does. */
  notify(method: string, params?: unknown, about?: RequestId): Promise<void> | undefined;
  /**
   * Sends everything that `fill` sends, synchronously, as one batch (a single message goes alone).
   * @throws McpWireError `INVALID_USE` where batches are not allowed or inside another batch.
   */
  batch(fill: () => void): Promise<void> | undefined;
  /** Closes the channel; requests in flight fail with `ConnectionError` `CLOSED`, and handlers at work see their signal abort. */
  close(): Promise<void>;
}

/** The part of the options that is about requests of this side, with the defaults filled in. */
export function outgoingSettings(options: PeerOptions, words: SignalWords): OutgoingSettings {
  return {
    words,
    createId: options.createId,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    maxTotalMs: options.maxTotalMs ?? 600_000,
    maxInFlight: options.maxInFlight ?? 10_000,
    holdWhileWorking: options.holdWhileWorking ?? false,
  };
}
