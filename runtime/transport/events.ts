/**
 * Reads a stream of server-sent events: bounded, in time linear in its bytes. WHATWG HTML, server-sent events; requirements
 * HTTP-29, HTTP-54, HTTP-96, SEC-42.
 */

import { createParser, type ParseError } from "eventsource-parser";
import { MessageError } from "../errors.js";

/** Default bytes of one message that comes over HTTP: 64 MiB. */
export const DEFAULT_MAX_MESSAGE_BYTES: number = 64 * 1024 * 1024;

export interface ServerSentEvent {
  readonly id: string | undefined;
  /** The name; absent for ordinary messages. */
  readonly event: string | undefined;
  /** Can be empty: such an event is there for its id. */
  readonly data: string;
}

/** Where a stream goes. Neither function may throw. */
export interface EventSink {
  onevent(event: ServerSentEvent): void;
  /** Milliseconds that the server wants the client to wait before it comes back. */
  onretry(ms: number): void;
}

/**
 * Reads to the end, and resolves there; an event that the end cuts off is dropped. Rejects with whatever the stream fails with.
 *
 * @param maxBytes that one event may have (counted in UTF-16 units).
 * @throws MessageError `TOO_LARGE`; the stream is then cancelled.
 */
export async function readEvents(
  body: ReadableStream<Uint8Array>,
  sink: EventSink,
  maxBytes: number = DEFAULT_MAX_MESSAGE_BYTES,
): Promise<void> {
  let problem: ParseError | undefined;
  const parser = createParser({
    onEvent: ({ id, event, data }) => sink.onevent({ id, event, data }),
    onRetry: (ms) => sink.onretry(ms),
    onError(error) {
      if (error.type === "max-buffer-size-exceeded") problem = error;
    },
    maxBufferSize: maxBytes,
  });
  const plain = createLineEnds();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    parser.feed(plain(decoder.decode(read.value, { stream: true })));
    if (problem === undefined) continue;
    await reader.cancel();
    const text = `An event of the stream has more than ${maxBytes} bytes, which is the limit.`;
    throw new MessageError("TOO_LARGE", text, "Raise `maxMessageBytes`, or have the peer send less at once.");
  }
}

/** Makes every line end a newline: with others, the parser looks ahead again for each line, and waits for what follows the last. */
function createLineEnds(): (text: string) => string {
  let cut = false;
  return (text) => {
    const rest = cut && text.startsWith("\n") ? text.slice(1) : text;
    if (text !== "") cut = text.endsWith("\r");
    return rest.includes("\r") ? rest.replaceAll(/\r\n?/g, "\n") : rest;
  };
}
