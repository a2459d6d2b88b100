/**
 * Every error of the runtime, so that a caller can tell in one place what failed and on which side.
 * What the peer answered is an {@link RpcError}; everything else happened here. JSON-RPC 2.0 section 5.1; requirement BASE-47.
 */

/** Codes of {@link ConnectionError}. */
export type ConnectionErrorCode =
  | "CLOSED"
  | "NOT_OPEN"
  | "SPAWN_FAILED"
  | "PEER_EXITED"
  | "WRITE_FAILED"
  | "READ_FAILED"
  | "QUEUE_FULL"
  | "TOO_MANY_REQUESTS"
  | "REQUEST_FAILED"
  | "STREAM_LOST"
  | "SESSION_LOST";

/** Codes of {@link MessageError}. */
export type MessageErrorCode =
  | "NOT_JSON"
  | "NOT_UTF8"
  | "TOO_LARGE"
  | "CUT_OFF"
  | "NOT_A_MESSAGE"
  | "UNEXPECTED_REQUEST"
  | "UNKNOWN_ID"
  | "DUPLICATE_ID"
  | "NOT_SERIALIZABLE"
  | "INVALID_RESULT"
  | "AHEAD_OF_REVISION";

/** Codes of {@link AuthorizationError}. */
export type AuthorizationErrorCode =
  | "UNSAFE_URL"
  | "UNREACHABLE"
  | "NO_METADATA"
  | "BAD_METADATA"
  | "RESOURCE_MISMATCH"
  | "ISSUER_MISMATCH"
  | "NO_PKCE"
  | "NO_CLIENT"
  | "OTHER_ISSUER"
  | "REGISTRATION_REFUSED"
  | "SIGN_IN_NEEDED"
  | "SIGN_IN_ELSEWHERE"
  | "SIGN_IN_REFUSED"
  | "SIGN_IN_ABORTED"
  | "BAD_REDIRECT"
  | "GRANT_REFUSED"
  | "POLICY_REFUSED"
  | "BAD_TOKEN"
  | "TOKEN_NOT_ACCEPTED"
  | "SCOPE_NOT_GRANTED"
  | "NO_DPOP"
  | "STORE_FAILED"
  | "NOT_REVOKED";

/**
 * The root of the family. `code` is a stable string to branch on; the message says what happened and then the way out;
 * `cause` is what was caught, if anything was.
 *
 * Thrown itself for wrong use of the library (`INVALID_USE`) and for callbacks that threw (`CALLBACK_FAILED`).
 */
export class McpWireError extends Error {
  override readonly name: string = "McpWireError";
  readonly code: string;

  constructor(code: string, problem: string, wayOut: string, cause?: unknown) {
    super(wayOut === "" ? problem : `${problem} ${wayOut}`, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/**
 * A JSON-RPC error object: received from the peer, or thrown by a handler to be sent to it.
 *
 * `rpcCode` is the integer of the wire and exists on no other class; `message` is exactly the text of the wire, and `data` its value (`undefined` when absent).
 */
export class RpcError extends McpWireError {
  override readonly name = "RpcError";
  override readonly code = "RPC";
  readonly rpcCode: number;
  readonly data: unknown;

  constructor(rpcCode: number, message: string, data?: unknown, cause?: unknown) {
    super("RPC", message, "", cause);
    this.rpcCode = rpcCode;
    this.data = data;
  }
}

/** The way to the peer is not there, broke, or has no room. */
export class ConnectionError extends McpWireError {
  override readonly name = "ConnectionError";
  declare readonly code: ConnectionErrorCode;

  constructor(code: ConnectionErrorCode, problem: string, wayOut: string, cause?: unknown) {
    super(code, problem, wayOut, cause);
  }
}

/**
 * An HTTP exchange was answered with a status that is no success, and without a JSON-RPC error that says more.
 *
 * `status` is the status, `headers` those of the answer, `head` the beginning of its body, at most 200 characters.
 */
export class HttpError extends McpWireError {
  override readonly name = "HttpError";
  override readonly code = "HTTP_STATUS";
  readonly status: number;
  readonly headers: Headers;
  readonly head: string;

  constructor(problem: string, wayOut: string, answer: { status: number; headers: Headers; head: string }) {
    super("HTTP_STATUS", problem, wayOut);
    this.status = answer.status;
    this.headers = answer.headers;
    this.head = answer.head;
  }
}

/** No answer came in time. The request was given up here; the peer was asked to stop where the protocol has a way to say so. */
export class TimeoutError extends McpWireError {
  override readonly name = "TimeoutError";
  override readonly code = "TIMEOUT";

  constructor(problem: string, wayOut: string) {
    super("TIMEOUT", problem, wayOut);
  }
}

/** A request was given up because its caller said so; `cause` is the reason of the caller's signal. */
export class CancelledError extends McpWireError {
  override readonly name = "CancelledError";
  override readonly code = "CANCELLED";

  constructor(problem: string, wayOut: string, cause?: unknown) {
    super("CANCELLED", problem, wayOut, cause);
  }
}

/** Where in a stream a message began. */
export interface StreamPlace {
  /** Number of the line, from 1. */
  readonly line: number;
  /** Offset of the line's first byte, from 0. */
  readonly byte: number;
}

/**
 * Something came, or was to be sent, that is no usable message. The connection goes on.
 *
 * `place` is given by byte-stream transports; `head` is the beginning of the text, at most 200 characters, where there is a text.
 */
export class MessageError extends McpWireError {
  override readonly name = "MessageError";
  declare readonly code: MessageErrorCode;
  readonly place: StreamPlace | undefined;
  readonly head: string | undefined;

  constructor(
    code: MessageErrorCode,
    problem: string,
    wayOut: string,
    detail: { place?: StreamPlace; head?: string; cause?: unknown } = {},
  ) {
    super(code, problem, wayOut, detail.cause);
    this.place = detail.place;
    this.head = detail.head;
  }
}

/**
 * A client could not be authorized: nobody to ask, an answer that must not be believed, or a refusal. Messages hold no secrets.
 *
 * `oauthError` is the code by which an authorization server or an identity provider refused, and `oauthDescription` its words, both without
 * control characters; absent where nobody refused.
 */
export class AuthorizationError extends McpWireError {
  override readonly name = "AuthorizationError";
  declare readonly code: AuthorizationErrorCode;
  readonly oauthError: string | undefined;
  readonly oauthDescription: string | undefined;

  constructor(
    code: AuthorizationErrorCode,
    problem: string,
    wayOut: string,
    detail: { oauthError?: string; oauthDescription?: string; cause?: unknown } = {},
  ) {
    super(code, problem, wayOut, detail.cause);
    this.oauthError = detail.oauthError;
    this.oauthDescription = detail.oauthDescription;
  }
}

/** Makes one of the family of whatever was caught; errors of the family pass unchanged. */
export function toWireError(caught: unknown, doing: string): McpWireError {
  if (caught instanceof McpWireError) return caught;
  const text = caught instanceof Error ? caught.message : String(caught);
  return new McpWireError("CALLBACK_FAILED", `${doing} failed: ${text}.`, "See `cause`.", caught);
}

/** Text of peers for a log: what would begin another line, or act on a terminal, is written as its number. */
export function loggable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
}
