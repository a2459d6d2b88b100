/** The options of an HTTP endpoint, and what holds where they say nothing. */

import { McpWireError } from "../errors.js";
import type { Bus } from "../transport/bus.js";
import { createMemoryEventStore, type EventStore } from "../transport/event-store.js";
import type { GuardOptions } from "../transport/http-guard.js";
import type { Authenticate, Authenticator } from "./http-access.js";
import type { HttpSettings } from "./http-parts.js";
import { type Selection, traitsOf } from "./revision.js";
import type { SessionStore } from "./session-store.js";

/** How a server speaks over HTTP. */
export interface HttpOptions extends GuardOptions {
  /**
   * Looks at every request before its body is read: who calls, or why not. Default: everybody may, and nobody is told apart, but what names
   * scopes is refused; `false` lets everybody do that too.
   */
  readonly authenticate?: Authenticate | Authenticator | false;
  /**
   * How requests are answered: as JSON where nothing is said before the answer (`"auto"`), or always by an event stream. Default `"auto"`.
   */
  readonly answers?: "auto" | "sse";
  /** Milliseconds after which an answer that takes longer becomes an event stream, kept alive and resumable. Default 1 000. */
  readonly jsonWithinMs?: number;
  /** Milliseconds that clients are told to wait before they come back for a stream. Default 1 000. */
  readonly retryMs?: number;
  /** Milliseconds between signs of life on event streams. Default 15 000. */
  readonly keepAliveMs?: number;
  /** Bytes that a body may have. Default 4 MiB. */
  readonly maxBodyBytes?: number;
  /** Bytes that may wait for a client that does not read; it is cut off beyond it. Default 16 MiB. */
  readonly maxWaitingBytes?: number;
  /**
   * Sessions that may be open at once. A new one takes the place of one that nobody uses: first of those that were opened and never used,
   * then of those that were not used for a minute. Where there is none, it is refused with 503. Default 10 000.
   */
  readonly maxSessions?: number;
  /** Requests without a session that may be under way at once, subscriptions among them; more are refused with 503. Default 10 000. */
  readonly maxRequests?: number;
  /** Milliseconds after which a session that nobody uses ends. Default 1 800 000. */
  readonly sessionIdleMs?: number;
  /** Where events wait for clients that come back for them; `false` for nowhere. Default: in memory, at most 16 Mi characters. */
  readonly events?: EventStore | false;
  /** Where sessions are kept that several nodes serve; needs `bus`, and `events` that all nodes share. Default: in this endpoint alone. */
  readonly sessions?: SessionStore;
  /** How this server hears of what happens at other nodes. Default: there are none. */
  readonly bus?: Bus;
  /** Whether the deprecated transport of the oldest revision is served at the same address. Default: where that revision is. */
  readonly httpSse?: boolean;
}

/** The options with every default filled in. Throws as {@link sharedIn} does. */
export function settingsOf(selection: Selection, options: HttpOptions): HttpSettings {
  const { answers = "auto", events } = options;
  return {
    answers,
    jsonWithinMs: options.jsonWithinMs ?? 1_000,
    retryMs: options.retryMs ?? 1_000,
    keepAliveMs: options.keepAliveMs ?? 15_000,
    maxBodyBytes: options.maxBodyBytes ?? 4 * 1024 * 1024,
    maxWaitingBytes: options.maxWaitingBytes ?? 16 * 1024 * 1024,
    maxSessions: options.maxSessions ?? 10_000,
    maxRequests: options.maxRequests ?? 10_000,
    sessionIdleMs: options.sessionIdleMs ?? 1_800_000,
    events: events === false ? undefined : (events ?? createMemoryEventStore()),
    shared: sharedIn(options),
    httpSse: options.httpSse ?? selection.stateful.some((revision) => traitsOf(revision).httpSse),
  };
}

/** @throws McpWireError `INVALID_USE` where sessions are shared and what belongs to them is not. */
function sharedIn({ sessions, bus, events }: HttpOptions): HttpSettings["shared"] {
  if (sessions === undefined) return undefined;
  if (bus !== undefined && events !== undefined) return { sessions, bus };
  const problem = `\`sessions\` are shared with other nodes, and \`${bus === undefined ? "bus" : "events"}\` is missing.`;
  throw new McpWireError("INVALID_USE", problem, "Give what all nodes share; `events` may be `false`.");
}
