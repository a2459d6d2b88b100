/** Requests to authorization servers and for metadata: bounded in size and time, and never redirected to somewhere else. */

import { AuthorizationError, McpWireError } from "../errors.js";
import { createGuardedFetch } from "../outbound/index.js";
import { shownUrl } from "./urls.js";

/** What is needed of a `fetch` for documents and tokens. */
export type OutboundFetch = (url: string, init: OutboundInit) => Promise<Response>;

export interface OutboundInit {
  readonly method: "GET" | "POST";
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal: AbortSignal;
  readonly redirect: "manual";
}

/** The way out for one MCP server. */
export interface Outbound {
  /** Whether URLs to this machine are allowed: only where the MCP server itself is there. */
  readonly allowLoopback: boolean;
  readonly fetch: OutboundFetch;
  /** Ends everything. */
  readonly signal: AbortSignal;
}

/** What came of asking for a document. */
export interface Document {
  /** `json` is the object; `none` stands for whatever is no such document, and `down` for servers that fail. */
  readonly kind: "json" | "none" | "down";
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
}

/**
 * The `fetch` for URLs that an MCP server named: the guarded one, or the platform's where that holds its programs back by rules of its own,
 * as browsers do.
 */
export function defaultFetch(allowLoopback: boolean): OutboundFetch {
  try {
    return createGuardedFetch({ allowLoopback, maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS });
  } catch (error) {
    if (!(error instanceof McpWireError) || error.code !== "INVALID_USE") throw error;
    return (url, init) => globalThis.fetch(url, init);
  }
}

const MAX_BYTES = 1024 * 1024;
const TIMEOUT_MS = 15_000;

/** Sends one request; the answer is whole and bounded. @throws AuthorizationError `UNREACHABLE`, or the reason of the signal. */
export async function exchange(
  url: URL,
  init: Omit<OutboundInit, "redirect" | "signal">,
  outbound: Outbound,
): Promise<Response> {
  const signal = AbortSignal.any([outbound.signal, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    const response = await outbound.fetch(url.href, { ...init, redirect: "manual", signal });
    const text = await readText(response);
    const empty = response.status === 204 || response.status === 205 || response.status === 304;
    return new Response(empty ? null : text, { status: response.status, headers: response.headers });
  } catch (cause) {
    outbound.signal.throwIfAborted();
    // The guarded fetch says in its own words what it refused; that nobody answered is the same with any fetch.
    if (cause instanceof McpWireError && cause.code !== "REQUEST_FAILED") throw cause;
    const why = signal.aborted ? `no answer within ${TIMEOUT_MS / 1_000} s` : wordsOf(cause);
    const problem = `${init.method} ${shownUrl(url)} failed: ${why}.`;
    throw new AuthorizationError("UNREACHABLE", problem, "Look whether that server can be reached; then try again.", {
      cause,
    });
  }
}

/** Asks for a JSON object. @throws AuthorizationError as {@link exchange}. */
export async function getDocument(
  url: URL,
  outbound: Outbound,
  headers: Record<string, string> = {},
): Promise<Document> {
  const response = await exchange(
    url,
    { method: "GET", headers: { accept: "application/json", ...headers } },
    outbound,
  );
  const { status } = response;
  const json = status === 200 ? parseObject(await response.text()) : undefined;
  if (json !== undefined) return { kind: "json", status, json };
  return { kind: status >= 500 ? "down" : "none", status, json: {} };
}

/** A JSON object of a text; `undefined` for anything else. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    // No JSON is no document, which is all that the caller needs to know.
    return undefined;
  }
}

async function readText(response: Response): Promise<string> {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) return text + decoder.decode();
    bytes += value.length;
    if (bytes > MAX_BYTES) {
      await reader?.cancel();
      throw new Error(`the answer has more than ${MAX_BYTES} bytes`);
    }
    text += decoder.decode(value, { stream: true });
  }
}

function wordsOf(cause: unknown): string {
  const inner: unknown = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const { code, message = String(inner) } = inner as { code?: string; message?: string };
  return message === "" ? String(code) : message.replace(/\.$/, "");
}
