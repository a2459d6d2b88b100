/** The sessions of an HTTP endpoint: opened by a handshake, found by their id, and ended by DELETE or by time. HTTP-57 to HTTP-74. */

import { randomUUID } from "node:crypto";
import { RpcCode } from "../../jsonrpc/message.js";
import type { HttpExchange } from "../../transport/http-exchange.js";
import { type HttpParts, idOf, notFound, refuse, SESSION_HEADER, VERSION_HEADER } from "../http-parts.js";
import type { Selection } from "../revision.js";
import { HttpSession } from "./http-session.js";

export interface StatefulHttp {
  /** Answers one parsed POST. */
  receive(exchange: HttpExchange, message: unknown): void;
  /** Answers a GET that names a session. */
  listen(exchange: HttpExchange): Promise<void>;
  /** Answers a DELETE. */
  end(exchange: HttpExchange): void;
  close(): Promise<void>;
}

export function createStatefulHttp(parts: HttpParts): StatefulHttp {
  const { settings } = parts;
  const served: Selection = { ...parts.selection, stateless: [] };
  const sessions = new Map<string, HttpSession>();
  const open = (exchange: HttpExchange, message: unknown): void => {
    if (sessions.size >= settings.maxSessions && !makeRoom(sessions)) {
      const text = `${sessions.size} sessions are open, which is the limit. Try again later.`;
      refuse(exchange, 503, RpcCode.InternalError, text, { id: idOf(message), headers: ["Retry-After", "30"] });
      return;
    }
    const session = new HttpSession(randomUUID(), exchange.principal, parts, ({ id }) => sessions.delete(id));
    session.begun = parts.begin(session, served);
    sessions.set(session.id, session);
    parts.patience.wait(session, settings.sessionIdleMs);
    session.receive(exchange, message);
  };
  /** The session that a request names; refuses the request where it may not use one. */
  const find = (exchange: HttpExchange, message?: unknown): HttpSession | undefined => {
    const id = exchange.header(SESSION_HEADER);
    const session = id === undefined ? undefined : sessions.get(id);
    if (session === undefined || session.principal !== exchange.principal) {
      notFound(exchange, "There is no such session (any more). Open one by `initialize`.", idOf(message));
      return undefined;
    }
    const version = exchange.header(VERSION_HEADER)?.trim();
    if (version !== undefined && !served.stateful.some((revision) => revision === version)) {
      const text = `The header MCP-Protocol-Version says ${JSON.stringify(version)}. Sessions speak ${served.stateful.join(", ")}. Name the one agreed on.`;
      refuse(exchange, 400, RpcCode.InvalidRequest, text, { id: idOf(message) });
      return undefined;
    }
    session.usedAt = performance.now();
    session.dueAt = session.usedAt + settings.sessionIdleMs;
    return session;
  };
  return {
    receive(exchange, message) {
      if (exchange.header(SESSION_HEADER) !== undefined) {
        find(exchange, message)?.receive(exchange, message);
        return;
      }
      if ((message as { method?: unknown } | null)?.method === "initialize" && idOf(message) !== undefined) {
        open(exchange, message);
        return;
      }
      const text = "The header Mcp-Session-Id is missing. Open a session by `initialize` first.";
      refuse(exchange, 400, RpcCode.InvalidRequest, text, { id: idOf(message) });
    },
    async listen(exchange) {
      await find(exchange)?.listen(exchange);
    },
    end(exchange) {
      const session = find(exchange);
      if (session === undefined) return;
      // It ends at once for everybody else, whatever its own end still takes (HTTP-64).
      sessions.delete(session.id);
      void session.begun?.close();
      exchange.respond(204, []);
    },
    async close() {
      await Promise.all([...sessions.values()].map((session) => session.begun?.close()));
    },
  };
}

/** A session that was used in this time keeps its place, however many others are wanted. */
const KEPT_MS = 60_000;

/**
 * Ends the session that is missed least, so that who opens sessions and leaves them there cannot lock everybody else out. False where all are
 * in use. Its client opens another (HTTP-66).
 */
function makeRoom(sessions: Map<string, HttpSession>): boolean {
  const idlest = leastMissed(sessions.values());
  if (idlest === undefined) return false;
  sessions.delete(idlest.id);
  void idlest.begun?.close();
  return true;
}

/** Of sessions that are not in use, in the order of their opening: the oldest that was never used, else the one that was used longest ago. */
export function leastMissed(sessions: Iterable<HttpSession>): HttpSession | undefined {
  const latest = performance.now() - KEPT_MS;
  let idlest: HttpSession | undefined;
  for (const session of sessions) {
    if (session.busy || (session.usedAt ?? Number.NEGATIVE_INFINITY) > latest) continue;
    // In the order of their opening: the first that was never used is the oldest.
    if (session.usedAt === undefined) return session;
    if (idlest?.usedAt === undefined || session.usedAt < idlest.usedAt) idlest = session;
  }
  return idlest;
}
