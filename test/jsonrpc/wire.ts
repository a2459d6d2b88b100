/** Test doubles: a channel whose other end is the test itself, and the words of an imaginary protocol. */

import type { McpWireError } from "../../runtime/errors.js";
import type { Channel, ChannelEvents } from "../../runtime/jsonrpc/channel.js";
import type { Peer, PeerOptions } from "../../runtime/jsonrpc/contract.js";
import type { RpcPayload } from "../../runtime/jsonrpc/message.js";
import { createPeer } from "../../runtime/jsonrpc/peer.js";
import type { SignalWords } from "../../runtime/jsonrpc/signals.js";

/** A channel that records what was sent, and lets the test play the other side. */
export class Wire implements Channel {
  readonly sent: RpcPayload[] = [];
  readonly abouts: unknown[] = [];
  readonly dropped: unknown[] = [];
  refuse: Error | undefined = undefined;
  closes = 0;
  #events: ChannelEvents | undefined = undefined;

  get events(): ChannelEvents {
    if (this.#events === undefined) throw new Error("the channel was not opened");
    return this.#events;
  }

  open(events: ChannelEvents): undefined {
    this.#events = events;
  }

  send(message: RpcPayload, about?: unknown): undefined {
    if (this.refuse !== undefined) throw this.refuse;
    this.sent.push(message);
    this.abouts.push(about);
  }

  unanswered(id: unknown): void {
    this.dropped.push(id);
  }

  async close(): Promise<void> {
    this.closes++;
    await Promise.resolve();
    if (this.closes === 1) this.events.onclose();
  }

  /** Says something to the peer. */
  say(message: unknown, origin?: unknown): void {
    this.events.onmessage(message, origin);
  }
}

export interface Bench {
  readonly wire: Wire;
  readonly peer: Peer;
  readonly errors: McpWireError[];
}

/** A peer on a {@link Wire}, open, with its reported errors. */
export function createBench(options: PeerOptions = {}): Bench {
  const wire = new Wire();
  const errors: McpWireError[] = [];
  const peer = createPeer(wire, { onerror: (error) => errors.push(error), ...options });
  peer.open();
  return { wire, peer, errors };
}

/** Words like those of a real protocol, and none of one. */
export const words: SignalWords = {
  cancel: {
    method: "stop",
    write: (id, reason) => ({ which: id, why: reason }),
    read: (params) => {
      const { which, why } = params as { which?: string | number; why?: string };
      return which === undefined ? undefined : { id: which, reason: why };
    },
  },
  progress: {
    method: "far",
    ask: (params, token) => ({ ...(params as object), token }),
    asked: (params) => (params as { token?: string | number } | undefined)?.token,
    write: (token, update) => ({ token, ...update }),
    read: (params) => (params as { token?: string | number }).token,
  },
};

/** Lets promises that are ready run. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** The error a promise rejects with; fails when it does not. */
export async function rejection(promise: Promise<unknown>): Promise<McpWireError> {
  try {
    await promise;
  } catch (error) {
    return error as McpWireError;
  }
  throw new Error("the promise was fulfilled");
}
