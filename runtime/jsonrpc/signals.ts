/**
 * The two things that the protocols on top of JSON-RPC add for requests that take long: "give it up" and "this is how far I am".
 * JSON-RPC has no words for them, so the words come from above and the peer keeps the books.
 */

import type { RequestId } from "./message.js";

/** How the protocol says that a request is to be given up. */
export interface CancelWords {
  /** Method of the notification. */
  readonly method: string;
  /** Its params. */
  write(id: RequestId, reason: string | undefined): object;
  /** What received params say; `undefined` when they name no request. */
  read(params: unknown): CancelNotice | undefined;
}

/** A cancellation as read from the wire. */
export interface CancelNotice {
  readonly id: RequestId;
  readonly reason?: string | undefined;
}

/** How the protocol says how far a request is. The token of a request is its id. */
export interface ProgressWords {
  /** Method of the notification. */
  readonly method: string;
  /** The params of a request, with the wish for progress under this token; the given params stay as they are. */
  ask(params: unknown, token: RequestId): unknown;
  /** The token under which the sender of these params wants progress, if it does. */
  asked(params: unknown): RequestId | undefined;
  /** The params of the notification. */
  write(token: RequestId, update: object): object;
  /** The token in received params; `undefined` when they name none. */
  read(params: unknown): RequestId | undefined;
}

/** The words a peer is given; without them it neither sends nor understands the signal. */
export interface SignalWords {
  readonly cancel?: CancelWords;
  readonly progress?: ProgressWords;
}
