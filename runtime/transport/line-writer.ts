/**
 * Writes messages as lines, everything of one turn of the event loop in one write, and says when the reader does not keep up.
 * Requirements STDIO-03, STDIO-04; SEC-42 for the bound of the queue.
 */

import { ConnectionError } from "../errors.js";
import type { RpcPayload } from "../jsonrpc/message.js";
import { createRoom, type Room } from "./room.js";
import { serialize } from "./serialize.js";

export interface WriteLimits {
  /** Characters waiting at which `send` begins to return a promise. Default 1 MiB. */
  readonly highWater?: number;
  /** Characters waiting at which `send` throws. The message that crosses the bound is still taken. Default 64 MiB. */
  readonly maxQueued?: number;
}

/** What a {@link LineWriter} needs of a `Writable`. */
export interface LineOutput {
  readonly writableLength: number;
  write(text: string, encoding: "utf8", done: () => void): boolean;
  cork(): void;
  uncork(): void;
}

export interface LineWriter {
  /** See `Channel.send`. */
  send(message: RpcPayload): Promise<void> | undefined;
  /** Keeps what is taken from here on until `submit`, which the caller promises to call in this turn. */
  hold(): void;
  /** Hands everything taken to the stream, without waiting for the end of the turn. */
  submit(): void;
  /** Resolves when everything taken was handed to the operating system, or cannot be any more. */
  flush(): Promise<void>;
  /** Takes nothing more, and lets whoever waits for room go. */
  stop(): void;
}

/** Told when the queue passes the high-water mark, and when it is empty again. */
export type CongestionListener = (congested: boolean) => void;

/** From this size on a text is not joined with its neighbours: copying it would cost more than a write. */
const LARGE = 64 * 1024;

/** Errors of the stream are the owner's to handle; after one, the owner calls `stop`. */
export function createLineWriter(
  stream: LineOutput,
  limits: WriteLimits = {},
  oncongestion?: CongestionListener,
): LineWriter {
  return new Writer(stream, limits, oncongestion);
}

class Writer implements LineWriter {
  readonly #stream: LineOutput;
  readonly #highWater: number;
  readonly #maxQueued: number;
  readonly #oncongestion: CongestionListener | undefined;
  readonly #room: Room = createRoom();
  readonly #write = (): void => this.#writePending();
  readonly #wrote = (): void => {
    if (--this.#writing === 0) this.#makeRoom();
  };
  #pending = "";
  /** Writes that the stream has not finished. */
  #writing = 0;
  #scheduled = false;
  #stopped = false;

  constructor(stream: LineOutput, limits: WriteLimits, oncongestion: CongestionListener | undefined) {
    this.#stream = stream;
    this.#highWater = limits.highWater ?? 1024 * 1024;
    this.#maxQueued = limits.maxQueued ?? 64 * 1024 * 1024;
    this.#oncongestion = oncongestion;
  }

  send(message: RpcPayload): Promise<void> | undefined {
    if (this.#stopped) throw new ConnectionError("CLOSED", "The connection is closed.", "Connect again.");
    const queued = this.#queued();
    if (queued >= this.#maxQueued) {
      throw new ConnectionError(
        "QUEUE_FULL",
        `${queued} characters are waiting to be written, which is the limit: the peer does not read.`,
        "Await the promise of `send` before sending more, or raise `maxQueued`.",
      );
    }
    const text = serialize(message);
    if (text.length >= LARGE) {
      this.#writePending();
      this.#stream.cork();
      this.#writeNow(text);
      this.#writeNow("\n");
      this.#stream.uncork();
    } else {
      this.#pending += `${text}\n`;
      if (!this.#scheduled) {
        this.#scheduled = true;
        // `queueMicrotask` costs several times as much in Node.
        Promise.resolve().then(this.#write);
      }
    }
    return queued + text.length < this.#highWater ? undefined : this.#waitForRoom();
  }

  hold(): void {
    this.#scheduled = true;
  }

  submit(): void {
    this.#writePending();
  }

  async flush(): Promise<void> {
    this.submit();
    if (this.#stopped || this.#writing === 0) return;
    await this.#waitForRoom();
  }

  stop(): void {
    this.#stopped = true;
    this.#pending = "";
    this.#makeRoom();
  }

  #queued(): number {
    return this.#pending.length + this.#stream.writableLength;
  }

  #writePending(): void {
    this.#scheduled = false;
    const text = this.#pending;
    if (text === "" || this.#stopped) return;
    this.#pending = "";
    this.#writeNow(text);
  }

  #writeNow(text: string): void {
    this.#writing++;
    this.#stream.write(text, "utf8", this.#wrote);
  }

  #waitForRoom(): Promise<void> {
    const first = !this.#room.awaited;
    const promise = this.#room.wait();
    if (first) {
      // The stream says when it is through, so everything must be in it.
      this.#writePending();
      this.#oncongestion?.(true);
    }
    return promise;
  }

  #makeRoom(): void {
    if (!this.#room.awaited) return;
    this.#room.open();
    if (!this.#stopped) this.#oncongestion?.(false);
  }
}
