/**
 * A channel over any pair of byte streams, one message a line: the common part of both ends of stdio, and all that a custom
 * transport over a socket needs (STDIO-47).
 */

import type { Readable } from "node:stream";
import { ConnectionError, type McpWireError, toWireError } from "../errors.js";
import type { Channel, ChannelEvents } from "../jsonrpc/channel.js";
import type { RpcPayload } from "../jsonrpc/message.js";
import { createLineWriter, type LineOutput, type LineWriter, type WriteLimits } from "./line-writer.js";
import { createLineReader, type LineLimits, type LineReader } from "./lines.js";

/** The limits of both directions. */
export interface StreamLimits extends LineLimits, WriteLimits {}

/** The output side of a {@link StreamChannel}; every `Writable` is one. */
export interface StreamOutput extends LineOutput {
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** How a stream channel behaves where its users differ. */
export interface StreamParts {
  readonly input: Readable;
  readonly output: StreamOutput;
  readonly limits: StreamLimits;
  /**
   * Whether reading stops while the other side does not read what was written, so that a peer that only asks cannot make this side
   * keep its answers for ever. At most one side of a connection may do so, or both could wait for each other: the server does.
   */
  readonly pauseWhenCongested: boolean;
  /** Whether the end of the input leaves the output usable (`onend`), or ends the channel. */
  readonly halfClose: boolean;
  /**
   * Ends the streams and whatever stands behind them. `reason` is absent when this side asked for the end.
   * Gives the reason to be told to the owner.
   */
  release(reason: McpWireError | undefined, writer: LineWriter): Promise<McpWireError | undefined>;
}

export interface StreamChannel extends Channel {
  /** Ends the channel because of something that the streams cannot know. */
  abandon(reason: McpWireError): void;
}

/** Makes a channel of two streams that nobody else reads or writes. */
export function createStreamChannel(parts: StreamParts): StreamChannel {
  return new Streams(parts);
}

class Streams implements StreamChannel {
  readonly #parts: StreamParts;
  readonly #writer: LineWriter;
  #events: ChannelEvents | undefined = undefined;
  #reader: LineReader | undefined = undefined;
  #paused = false;
  #ending: Promise<void> | undefined = undefined;

  constructor(parts: StreamParts) {
    this.#parts = parts;
    this.#writer = createLineWriter(parts.output, parts.limits, (congested) => {
      if (!parts.pauseWhenCongested || this.#ending !== undefined) return;
      if (congested) this.#pause();
      else this.#resume();
    });
  }

  open(events: ChannelEvents): undefined {
    this.#events = events;
    const { input, output, limits, halfClose } = this.#parts;
    const reader = createLineReader(events, limits);
    this.#reader = reader;
    let ended = false;
    input.on("data", (chunk: Buffer) => this.#reading(() => reader.push(chunk)));
    input.on("end", () => {
      ended = true;
      reader.end();
      if (this.#ending !== undefined) return;
      if (halfClose) events.onend();
      else
        this.abandon(
          new ConnectionError("CLOSED", "The peer closed its output.", "Connect again if that was not meant."),
        );
    });
    input.on("close", () => {
      if (!ended)
        this.abandon(new ConnectionError("CLOSED", "The input was closed.", "Connect again if that was not meant."));
    });
    input.on("error", (cause) => {
      this.abandon(
        new ConnectionError("READ_FAILED", `Reading from the peer failed: ${cause.message}.`, "Connect again.", cause),
      );
    });
    // Stays for good: an error after the end would otherwise be uncaught.
    output.on("error", (cause) => {
      const problem = `Writing to the peer failed: ${cause.message}.`;
      this.abandon(new ConnectionError("WRITE_FAILED", problem, "The peer is probably gone; connect again.", cause));
    });
  }

  send(message: RpcPayload): Promise<void> | undefined {
    if (this.#events === undefined) {
      throw new ConnectionError("NOT_OPEN", "The channel is not open.", "Call `open` before sending.");
    }
    return this.#writer.send(message);
  }

  close(): Promise<void> {
    this.#ending ??= this.#end(undefined);
    return this.#ending;
  }

  abandon(reason: McpWireError): void {
    this.#ending ??= this.#end(reason);
  }

  /** What is answered at once goes out in one write, without a further turn. */
  #reading(read: () => void): void {
    this.#writer.hold();
    try {
      read();
    } finally {
      this.#writer.submit();
    }
  }

  #pause(): void {
    this.#paused = true;
    this.#reader?.pause();
    this.#parts.input.pause();
  }

  #resume(): void {
    this.#paused = false;
    // Lines that were held back can congest the output anew.
    this.#reading(() => this.#reader?.resume());
    if (!this.#paused) this.#parts.input.resume();
  }

  async #end(reason: McpWireError | undefined): Promise<void> {
    let told = reason;
    try {
      told = await this.#parts.release(reason, this.#writer);
    } catch (caught) {
      told = toWireError(caught, "Ending the connection");
    }
    this.#writer.stop();
    this.#events?.onclose(told);
  }
}
