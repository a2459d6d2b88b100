/** What the HTTP ends of both eras are given, and the refusals they share. */

import type { Channel } from "../jsonrpc/channel.js";
import { DeadlineWheel } from "../jsonrpc/deadlines.js";
import { kindOf, type RequestId, RpcCode, type RpcFailure } from "../jsonrpc/message.js";
import type { Bus } from "../transport/bus.js";
import type { EventStore } from "../transport/event-store.js";
import { type EventSink, type FlatHeaders, type HttpExchange, respondJson } from "../transport/http-exchange.js";
import { EVENT_STREAM_HEADERS, KEEP_ALIVE } from "../transport/sse-format.js";
import type { ServerEvent, ServerFacts, SessionState } from "./era.js";
import type { Selection } from "./revision.js";
import type { SessionStore } from "./session-store.js";

/** The headers by which messages are told apart, as Node names them. */
export const VERSION_HEADER = "mcp-protocol-version";
export const SESSION_HEADER = "mcp-session-id";

/** How a server speaks over HTTP, with every default filled in. */
export interface HttpSettings {
  readonly answers: "auto" | "sse";
  readonly jsonWithinMs: number;
  readonly retryMs: number;
  readonly keepAliveMs: number;
  readonly maxBodyBytes: number;
  readonly maxWaitingBytes: number;
  readonly maxSessions: number;
  readonly maxRequests: number;
  readonly sessionIdleMs: number;
  readonly events: EventStore | undefined;
  /** Absent where every session is this endpoint's own. */
  readonly shared: { readonly sessions: SessionStore; readonly bus: Bus } | undefined;
  readonly httpSse: boolean;
}

/** A conversation that was begun on a channel. */
export interface Begun {
  publish(event: ServerEvent): void;
  restore(state: SessionState): void;
  close(): Promise<void>;
}

export interface HttpParts {
  readonly selection: Selection;
  readonly facts: ServerFacts;
  readonly settings: HttpSettings;
  readonly streams: OpenStreams;
  readonly patience: Patience;
  /** Begins to serve a channel with these revisions. Requests to the client have ids 1, 2, 3, … where nothing makes others. */
  begin(channel: Channel, served: Selection, createId?: () => RequestId): Begun;
}

/** What is said to requests that a closing server cannot answer any more. */
export const CLOSING = "The server is closing. Try again later.";

/** The longest pause that timers can do; for more they would do none. */
const LONGEST_MS = 0x7fff_ffff;

/** Answers that are given with another status than success; the text is an error without a result. */
export function refuse(
  exchange: HttpExchange,
  status: number,
  code: number,
  message: string,
  detail: { readonly id?: RequestId | undefined; readonly data?: unknown; readonly headers?: FlatHeaders } = {},
): void {
  const { id, data, headers } = detail;
  const error = data === undefined ? { code, message } : { code, message, data };
  const failure: RpcFailure = id === undefined ? { jsonrpc: "2.0", error } : { jsonrpc: "2.0", id, error };
  respondJson(exchange, status, JSON.stringify(failure), headers);
}

/** The id under which a message can be refused. */
export function idOf(message: unknown): RequestId | undefined {
  return kindOf(message) === "request" ? (message as { id: RequestId }).id : undefined;
}

export function notFound(exchange: HttpExchange, what: string, id: RequestId | undefined): void {
  refuse(exchange, 404, RpcCode.InvalidRequest, what, { id });
}

/** The error for a request whose node is gone, as the text of a message. */
export function lostText(id: RequestId): string {
  const message = "The node that worked on this request is gone. Send the request again if that is safe.";
  return JSON.stringify({ jsonrpc: "2.0", id, error: { code: RpcCode.InternalError, message } } satisfies RpcFailure);
}

/** The event streams that are open at an endpoint, kept alive together by comments (HTTP-95). */
export interface OpenStreams {
  open(exchange: HttpExchange, headers?: FlatHeaders): EventSink;
  close(): void;
}

export function createOpenStreams(keepAliveMs: number, maxWaitingBytes: number): OpenStreams {
  const sinks = new Set<EventSink>();
  let timer: ReturnType<typeof setInterval> | undefined;
  const beat = (): void => {
    for (const sink of sinks) {
      if (sink.closed) sinks.delete(sink);
      else sink.write(KEEP_ALIVE);
    }
    if (sinks.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  const start = (): void => {
    timer = setInterval(beat, Math.min(keepAliveMs, LONGEST_MS));
    if (typeof timer === "object") timer.unref();
  };
  return {
    open(exchange, headers = []) {
      const sink = exchange.stream([...EVENT_STREAM_HEADERS, ...headers], maxWaitingBytes);
      const end = sink.end.bind(sink);
      sinks.add(sink);
      sink.end = () => {
        sinks.delete(sink);
        end();
      };
      if (timer === undefined) start();
      return sink;
    },
    close() {
      for (const sink of sinks) sink.end();
      clearInterval(timer);
    },
  };
}

/** An answer that takes so long that its stream had better be opened. */
export interface Waiting {
  dueAt: number;
  previous: Waiting | undefined;
  next: Waiting | undefined;
  slot: number;
  /** Called when the time is over. */
  expire(): void;
}

/** Tells what waits when its time is over, with one timer for all; connections keep a process alive, the waiting does not. */
export interface Patience {
  wait(waiting: Waiting, ms: number): void;
  drop(waiting: Waiting): void;
  stop(): void;
}

export function createPatience(): Patience {
  let wheel: DeadlineWheel<Waiting> | undefined;
  return {
    wait(waiting, ms) {
      if (ms === Number.POSITIVE_INFINITY) return;
      waiting.dueAt = performance.now() + ms;
      wheel ??= new DeadlineWheel<Waiting>((one) => one.expire(), false);
      wheel.add(waiting);
    },
    drop: (waiting) => wheel?.drop(waiting),
    stop: () => wheel?.stop(),
  };
}
