/**
 * Two channels joined in process: for tests, and for a client and a server in one program.
 *
 * It behaves as a wire does. A message is copied as JSON would carry it, at the time it is sent, so the sides share no object and see
 * no value that JSON has not; delivery is never inside `send`; order is kept; what was sent arrives before the end does.
 */

import { ConnectionError, MessageError } from "../errors.js";
import type { Channel, ChannelEvents } from "../jsonrpc/channel.js";
import type { RpcPayload } from "../jsonrpc/message.js";
import { copyJson } from "./json-copy.js";
import { createRoom, type Room } from "./room.js";

export interface MemoryLimits {
  /** Messages waiting at which `send` begins to return a promise. Default 1 024. */
  readonly highWater?: number;
  /** Messages waiting at which `send` throws. Default 100 000. */
  readonly maxQueued?: number;
}

/** Deliveries in a row after which timers and I/O get their turn. */
const STREAK = 512;

/** Makes both ends. Messages sent before the other end is open wait there. */
export function createMemoryPair(limits: MemoryLimits = {}): [Channel, Channel] {
  const left = new MemoryEnd(limits);
  const right = new MemoryEnd(limits);
  left.join(right);
  right.join(left);
  return [left, right];
}

class MemoryEnd implements Channel {
  readonly #highWater: number;
  readonly #maxQueued: number;
  readonly #room: Room = createRoom();
  readonly #deliver = (): void => this.#deliverAll();
  #other: MemoryEnd = this;
  #events: ChannelEvents | undefined = undefined;
  /** Messages for this end. */
  #queue: unknown[] = [];
  #scheduled = false;
  #streak = 0;
  /** The other end is closed; this one is once its queue is empty. */
  #ending = false;
  #closed = false;

  constructor(limits: MemoryLimits) {
    this.#highWater = limits.highWater ?? 1024;
    this.#maxQueued = limits.maxQueued ?? 100_000;
  }

  join(other: MemoryEnd): void {
    this.#other = other;
  }

  open(events: ChannelEvents): undefined {
    this.#events = events;
    if (this.#queue.length > 0 || this.#ending) this.#schedule();
  }

  send(message: RpcPayload): Promise<void> | undefined {
    if (this.#closed || this.#other.#closed)
      throw new ConnectionError("CLOSED", "The connection is closed.", "Connect again.");
    if (this.#events === undefined) {
      throw new ConnectionError("NOT_OPEN", "The channel is not open.", "Call `open` before sending.");
    }
    return this.#other.#take(message);
  }

  close(): Promise<void> {
    this.#finish();
    if (!this.#other.#closed) {
      this.#other.#ending = true;
      if (this.#other.#events !== undefined) this.#other.#schedule();
    }
    return Promise.resolve();
  }

  #take(message: RpcPayload): Promise<void> | undefined {
    if (this.#queue.length >= this.#maxQueued) {
      throw new ConnectionError(
        "QUEUE_FULL",
        `${this.#queue.length} messages are waiting, which is the limit: the other end does not take them.`,
        "Await the promise of `send` before sending more, or raise `maxQueued`.",
      );
    }
    this.#queue.push(copyMessage(message));
    if (this.#events !== undefined) this.#schedule();
    return this.#queue.length < this.#highWater ? undefined : this.#room.wait();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    if (++this.#streak < STREAK) {
      queueMicrotask(this.#deliver);
    } else {
      this.#streak = 0;
      afterOthers(this.#deliver);
    }
  }

  #deliverAll(): void {
    this.#scheduled = false;
    const messages = this.#queue;
    this.#queue = [];
    for (const message of messages) {
      if (this.#closed) return;
      this.#events?.onmessage(message);
    }
    this.#room.open();
    if (this.#ending && this.#queue.length === 0) this.#finish();
  }

  #finish(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue = [];
    this.#room.open();
    this.#events?.onclose();
  }
}

function copyMessage(message: RpcPayload): unknown {
  try {
    return copyJson(message);
  } catch (cause) {
    const problem = "The message cannot be written as JSON.";
    throw new MessageError("NOT_SERIALIZABLE", problem, "Leave out cycles and values of type bigint.", { cause });
  }
}

/** Runs once after the timers and the I/O that wait now. */
function afterOthers(run: () => void): void {
  if (typeof setImmediate === "function") setImmediate(run);
  else setTimeout(run, 0);
}
