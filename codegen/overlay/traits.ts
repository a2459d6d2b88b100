/**
 * Facts about revisions that no schema states, one row each: the first revision that has it and the last. A row without
 * `until` goes on in revisions to come.
 */

import type { Side } from "../model.js";

export interface TraitRow {
  readonly since: string;
  readonly until?: string;
  /** Whether the trait lets the sides in `of` send something, or asks them to; a diff says by this who breaks. */
  readonly effect: "allows" | "demands";
  readonly of: readonly Side[];
  /** Where the specification says so. */
  readonly source: string;
}

export const TRAITS: Readonly<Record<string, TraitRow>> = {
  batching: {
    since: "2025-03-26",
    until: "2025-03-26",
    effect: "allows",
    of: ["client", "server"],
    source: "changelogs 2025-03-26 and 2025-06-18: JSON-RPC batches",
  },
  httpSse: {
    since: "2024-11-05",
    until: "2024-11-05",
    effect: "allows",
    of: ["client"],
    source: "basic/transports: HTTP with SSE",
  },
  streamableHttp: {
    since: "2025-03-26",
    effect: "allows",
    of: ["client"],
    source: "basic/transports: Streamable HTTP",
  },
  httpSessions: {
    since: "2025-03-26",
    until: "2025-11-25",
    effect: "allows",
    of: ["server"],
    source: "basic/transports: Mcp-Session-Id",
  },
  anyRefusalMayBeHttpSse: {
    since: "2025-03-26",
    until: "2025-06-18",
    effect: "allows",
    of: ["client"],
    source: "basic/transports, backwards compatibility: any 4xx may mean HTTP with SSE, later 400, 404 and 405 alone",
  },
  protocolVersionHeader: {
    since: "2025-06-18",
    effect: "demands",
    of: ["client"],
    source: "basic/transports: MCP-Protocol-Version",
  },
  ssePolling: { since: "2025-11-25", until: "2025-11-25", effect: "allows", of: ["server"], source: "SEP-1699" },
  headerMirrors: {
    since: "2026-07-28",
    effect: "demands",
    of: ["client"],
    source: "SEP-2243: Mcp-Method and Mcp-Name",
  },
  resultType: {
    since: "2026-07-28",
    effect: "demands",
    of: ["server"],
    source: "SEP-2322: every result has resultType",
  },
  resourceNotFoundCode: {
    since: "2024-11-05",
    until: "2025-11-25",
    effect: "allows",
    of: ["server"],
    source: "server/resources: -32002 for a missing resource, -32602 from SEP-2164 on",
  },
  argumentErrorsAsResults: {
    since: "2025-11-25",
    effect: "demands",
    of: ["server"],
    source: "SEP-1303: arguments that do not fit are tool errors",
  },
  anyStructuredContent: {
    since: "2026-07-28",
    effect: "allows",
    of: ["server"],
    source: "SEP-2106: structured content of any type, output schemas of any root",
  },
};

/** Errors that schemas leave to their TypeScript source (TRAP-04): JSON-RPC 2.0, section 5.1. */
export const JSON_RPC_ERRORS: Readonly<Record<string, number>> = {
  ParseError: -32700,
  InvalidRequestError: -32600,
  MethodNotFoundError: -32601,
  InvalidParamsError: -32602,
  InternalError: -32603,
};

/**
 * Definitions that go by another name in later revisions (TRAP-47), old name → new name. Used where revisions are compared
 * and merged, never to rename what a revision itself says.
 */
export const RENAMES: Readonly<Record<string, string>> = {
  Annotated: "Annotations",
  JSONRPCError: "JSONRPCErrorResponse",
  ResourceReference: "ResourceTemplateReference",
};
