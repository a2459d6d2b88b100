/**
 * The server end of stdio: this process's own stdin and stdout. Requirements STDIO-01 to STDIO-07, STDIO-29.
 *
 * The end of stdin does not cut off answers under way: the peer above finishes (bounded by its `drainMs`) and closes. Reading pauses
 * while the client does not read its answers.
 */

import { ConnectionError, McpWireError } from "../errors.js";
import type { Channel, ChannelEvents } from "../jsonrpc/channel.js";
import { within } from "./patience.js";
import { guardStdout, type StdoutGuard } from "./stdout-guard.js";
import { createStreamChannel, type StreamChannel, type StreamLimits } from "./streams.js";

export interface SelfOptions extends StreamLimits {
  /**
   * Whether stray output of this process (`console.log`) is sent to stderr instead of between the messages; the first is reported
   * as `STRAY_OUTPUT`. Default true.
   */
  readonly guardStdout?: boolean;
  /** Milliseconds that closing waits for a client to read what was sent. Default 1 000. */
  readonly flushMs?: number;
}

/** Makes the channel; there is one stdin, so make one. Closing it leaves the process to end by itself. */
export function createSelfChannel(options: SelfOptions = {}): Channel {
  let channel: StreamChannel | undefined;
  const opened = (): StreamChannel => {
    if (channel === undefined)
      throw new ConnectionError("NOT_OPEN", "The channel is not open.", "Call `open` before sending.");
    return channel;
  };
  return {
    open(events) {
      channel = openSelf(events, options);
      return channel.open(events);
    },
    send: (message) => opened().send(message),
    close: () => channel?.close() ?? Promise.resolve(),
  };
}

function openSelf(events: ChannelEvents, options: SelfOptions): StreamChannel {
  const guard: StdoutGuard | undefined =
    options.guardStdout === false
      ? undefined
      : guardStdout(() => {
          const problem = "Something other than a message was written to stdout; it went to stderr instead.";
          events.onerror(new McpWireError("STRAY_OUTPUT", problem, "Log with `console.error`."));
        });
  return createStreamChannel({
    input: process.stdin,
    output: guard?.output ?? process.stdout,
    limits: options,
    pauseWhenCongested: true,
    halfClose: true,
    async release(reason, writer) {
      if (reason === undefined) await within(options.flushMs ?? 1_000, writer.flush());
      guard?.lift();
      process.stdin.pause();
      return reason;
    },
  });
}
