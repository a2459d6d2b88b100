/**
 * The contract between a peer and whatever carries its messages. Everything that can move JSON both ways is a channel:
 * custom transports (STDIO-43 to STDIO-48) implement this and get the rest for nothing.
 */

import type { McpWireError } from "../errors.js";
import type { RequestId, RpcPayload } from "./message.js";

/** What a channel tells its owner. None of these may throw; the peer's do not. */
export interface ChannelEvents {
  /**
   * One parsed message (or a batch) came, unchecked. Never called from inside `send`.
   * `origin` is what the transport knows about where it came from (headers, principal); it is handed on to handlers as it is.
   */
  onmessage(message: unknown, origin?: unknown): void;
  /** Something went wrong that the channel survives. */
  onerror(error: McpWireError): void;
  /**
   * No answer will come to this request of the owner: its own exchange failed, or was refused without a message. `error` is an
   * `RpcError` only where the other side said so. The channel goes on.
   */
  onlost(id: RequestId, error: McpWireError): void;
  /** The other side will send nothing more, but may still read. A channel that cannot half-close never calls it. */
  onend(): void;
  /** The channel is gone: called exactly once, whoever closed it. `reason` is absent after an orderly end. */
  onclose(reason?: McpWireError): void;
}

/** One way to one peer. */
export interface Channel {
  /**
   * Begins to deliver; nothing that came earlier is lost. Called once.
   * The promise, where there is one, rejects when the connection could not be made; `onclose` then comes too.
   */
  open(events: ChannelEvents): Promise<void> | undefined;
  /**
   * Takes one message, in order. `about` is the id of the incoming request on whose behalf it goes: a channel with a
   * stream per request routes by it, the others ignore it.
   *
   * Returns nothing while there is room. Over the high-water mark it returns a promise that resolves when there is room
   * again or the channel closed, and never rejects: the message itself is taken either way.
   *
   * @throws ConnectionError `CLOSED`, `NOT_OPEN`, or `QUEUE_FULL` when the bound of the queue is reached: the message was not taken.
   * @throws MessageError `NOT_SERIALIZABLE` when the message is no JSON.
   */
  send(message: RpcPayload, about?: RequestId): Promise<void> | undefined;
  /** No answer will come to this incoming request, since it was cancelled: a channel with a stream per request ends that stream. */
  unanswered?(id: RequestId): void;
  /**
   * The owner gave up its own request. Gives true where ending its exchange tells the other side, so that no message has to.
   * A channel with one stream for everything leaves it out.
   */
  giveUp?(id: RequestId): boolean;
  /** Whether a request of the owner is held up on this side, as by somebody who has to sign in first: its time does not run meanwhile. */
  held?(id: RequestId): boolean;
  /**
   * Ends the stream of an incoming request before its answer, and lets the other side come back for it after `retryMs` milliseconds.
   * Gives false where it cannot.
   */
  detach?(id: RequestId, retryMs: number | undefined): boolean;
  /** Sends what was taken, then ends the connection; resolves when it is gone. Repeated calls give the same end. */
  close(): Promise<void>;
}
