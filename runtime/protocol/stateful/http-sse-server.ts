/**
 * The deprecated transport of 2024-11-05: one event stream for everything that the server says, and a second address, told on the
 * stream, for everything that the client says. Requirements SSE-01 to SSE-17.
 */

import { randomUUID } from "node:crypto";
import { ConnectionError } from "../../errors.js";
import type { Channel, ChannelEvents } from "../../jsonrpc/channel.js";
import { RpcCode, type RpcPayload } from "../../jsonrpc/message.js";
import { type EventSink, type HttpExchange, originOf } from "../../transport/http-exchange.js";
import { serialize } from "../../transport/serialize.js";
import { formatEvent } from "../../transport/sse-format.js";
import { type Begun, type HttpParts, notFound, refuse } from "../http-parts.js";
import type { Selection } from "../revision.js";

/** The member of the query that ties a POST to its stream. */
const SESSION_PARAM = "sessionId";

export interface HttpSse {
  /** The stream that the target of a POST names; `undefined` where it names none. */
  sessionIn(target: string): string | undefined;
  /** Answers a GET by the stream. */
  listen(exchange: HttpExchange): void;
  /** Answers one parsed POST for a stream. */
  receive(exchange: HttpExchange, session: string, message: unknown): void;
  close(): Promise<void>;
}

export function createHttpSse(parts: HttpParts): HttpSse {
  const served: Selection = { ...parts.selection, stateless: [] };
  const channels = new Map<string, SseChannel>();
  return {
    sessionIn(target) {
      const query = target.indexOf("?");
      return query < 0 ? undefined : (new URLSearchParams(target.slice(query + 1)).get(SESSION_PARAM) ?? undefined);
    },
    listen(exchange) {
      if (channels.size >= parts.settings.maxSessions) {
        const text = `${channels.size} streams are open, which is the limit. Try again later.`;
        refuse(exchange, 503, RpcCode.InternalError, text, { headers: ["Retry-After", "30"] });
        return;
      }
      const id = randomUUID();
      const channel = new SseChannel(exchange.principal, parts.streams.open(exchange), () => channels.delete(id));
      channels.set(id, channel);
      exchange.onclose = () => channel.gone();
      channel.begun = parts.begin(channel, served);
      const [path = "/"] = exchange.target.split("?");
      channel.event(`${path}?${SESSION_PARAM}=${id}`, "endpoint");
    },
    receive(exchange, session, message) {
      const channel = channels.get(session);
      if (channel === undefined || channel.principal !== exchange.principal) {
        notFound(exchange, "There is no such stream (any more). Open one by GET.", undefined);
        return;
      }
      // The answer goes to the stream; the POST only learns that its body arrived (SSE-06).
      exchange.respond(202, []);
      channel.deliver(message, exchange);
    },
    async close() {
      await Promise.all([...channels.values()].map((channel) => channel.begun?.close()));
    },
  };
}

class SseChannel implements Channel {
  begun: Begun | undefined = undefined;
  readonly principal: string | undefined;
  readonly #sink: EventSink;
  readonly #onclosed: () => void;
  #events: ChannelEvents | undefined = undefined;
  #closed = false;

  constructor(principal: string | undefined, sink: EventSink, onclosed: () => void) {
    this.principal = principal;
    this.#sink = sink;
    this.#onclosed = onclosed;
  }

  open(events: ChannelEvents): undefined {
    this.#events = events;
  }

  deliver(message: unknown, exchange: HttpExchange): void {
    this.#events?.onmessage(message, originOf(exchange));
  }

  event(data: string, name: string): Promise<void> | undefined {
    return this.#sink.write(formatEvent(data, undefined, name));
  }

  send(message: RpcPayload): Promise<void> | undefined {
    if (this.#closed) throw new ConnectionError("CLOSED", "The stream is closed.", "Open a new one.");
    return this.event(serialize(message), "message");
  }

  /** Losing the stream ends the session (SSE-08). */
  gone(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onclosed();
    this.#events?.onclose();
  }

  close(): Promise<void> {
    this.#sink.end();
    this.gone();
    return Promise.resolve();
  }
}
