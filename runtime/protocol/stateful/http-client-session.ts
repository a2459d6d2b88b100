/** A session as the client of Streamable HTTP keeps it: what ties its requests together. Requirements HTTP-57 to HTTP-66, HTTP-70, HTTP-71. */

import { type McpWireError, MessageError } from "../../errors.js";
import type { RpcFailure } from "../../jsonrpc/message.js";
import { isRevision, traitsOf } from "../revision.js";

/** What a handshake began. */
export interface Session {
  /** Assigned by the server, and nobody else's business: it stands in no message of an error (HTTP-60). */
  id: string | undefined;
  /** What was agreed on, once it was. */
  revision: string | undefined;
  lost: boolean;
  /** Hears what the server says unasked. */
  listener: AbortController | undefined;
}

const VISIBLE = /^[!-~]+$/;

export function newSession(): Session {
  return { id: undefined, revision: undefined, lost: false, listener: undefined };
}

/** The headers by which requests belong to a session (HTTP-61, HTTP-70). */
export function headersOf({ id, revision }: Session): Record<string, string> {
  return {
    ...(id === undefined ? {} : { "Mcp-Session-Id": id }),
    ...(isRevision(revision) && traitsOf(revision).protocolVersionHeader ? { "MCP-Protocol-Version": revision } : {}),
  };
}

/** A 404 for a request with a session says that the session is gone (HTTP-65, HTTP-66), unless the answer says what else is missing. */
export function isSessionLost(status: number, session: Session, answer: RpcFailure | undefined): boolean {
  return status === 404 && session.id !== undefined && answer?.error.code !== -32601;
}

/** The id in the answer to a handshake; one that cannot be sent back is reported and not used (HTTP-59). */
export function readSessionId(response: Response, report: (error: McpWireError) => void): string | undefined {
  const id = response.headers.get("mcp-session-id");
  if (id === null || VISIBLE.test(id)) return id ?? undefined;
  const problem = "The server gave the session an id with characters that it must not have.";
  report(new MessageError("NOT_A_MESSAGE", problem, "The id is not used; the server should mend it."));
  return undefined;
}
