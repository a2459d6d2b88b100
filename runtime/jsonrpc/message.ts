/**
 * The messages of JSON-RPC 2.0 and the cheapest way to tell them apart.
 * Requirements BASE-01 to BASE-11: unknown members are never touched; `null` is tolerated as the id of an error and nowhere else.
 */

import { MessageError, RpcError } from "../errors.js";

/** `1` and `"1"` are different ids (BASE-06); a `Map` keyed by the value keeps them apart. */
export type RequestId = string | number;

export interface RpcRequest {
  readonly jsonrpc: "2.0";
  readonly id: RequestId;
  readonly method: string;
  readonly params?: unknown;
}

export interface RpcNotification {
  readonly jsonrpc: "2.0";
  readonly method: string;
  readonly params?: unknown;
}

export interface RpcResult {
  readonly jsonrpc: "2.0";
  readonly id: RequestId;
  readonly result: unknown;
}

/** The error object of a response. */
export interface RpcErrorObject {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** `id` is absent (or `null`, from plain JSON-RPC peers) where the id of the failing request could not be read. */
export interface RpcFailure {
  readonly jsonrpc: "2.0";
  readonly id?: RequestId | null;
  readonly error: RpcErrorObject;
}

export type RpcMessage = RpcRequest | RpcNotification | RpcResult | RpcFailure;

/** What a channel carries at once: one message, or a batch where the protocol above allows it. */
export type RpcPayload = RpcMessage | readonly RpcMessage[];

/** The error codes that JSON-RPC 2.0 section 5.1 assigns. */
export const RpcCode = {
  ParseError: -32700,
  InvalidRequest: -32600,
  MethodNotFound: -32601,
  InvalidParams: -32602,
  InternalError: -32603,
} as const;

/** The verdict of {@link kindOf}. */
export type MessageKind = "request" | "notification" | "result" | "failure" | "invalid";

/** Members of a message as they may come from a peer. */
export interface LooseMessage {
  readonly jsonrpc?: unknown;
  readonly id?: unknown;
  readonly method?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** Whether a value can be the id of a request: a string or an integer (BASE-02). */
export function isRequestId(value: unknown): value is RequestId {
  return typeof value === "string" || (typeof value === "number" && Number.isInteger(value));
}

/**
 * Tells what one parsed message is, looking at no more than its five members.
 *
 * A response with both members is what the one that is not `null` says, since some peers write the other as `null`.
 * `params` is left to the validators of the protocol above.
 */
export function kindOf(message: unknown): MessageKind {
  if (typeof message !== "object" || message === null) return "invalid";
  const { jsonrpc, id, method, result, error } = message as LooseMessage;
  if (jsonrpc !== "2.0") return "invalid";
  if (typeof method === "string") {
    if (id === undefined) return "notification";
    return isRequestId(id) ? "request" : "invalid";
  }
  if (method !== undefined) return "invalid";
  if (error === undefined || error === null) return result !== undefined && isRequestId(id) ? "result" : "invalid";
  if (result !== undefined && result !== null) return "invalid";
  if (id !== undefined && id !== null && !isRequestId(id)) return "invalid";
  return isErrorObject(error) ? "failure" : "invalid";
}

/** Whether a value has the two members every error object must have (BASE-09). */
function isErrorObject(value: unknown): value is RpcErrorObject {
  if (typeof value !== "object" || value === null) return false;
  const { code, message } = value as { code?: unknown; message?: unknown };
  return Number.isInteger(code) && typeof message === "string";
}

/** The wire form of an error that answers a request. */
export function failureOf(id: RequestId | undefined, error: RpcError): RpcFailure {
  const object: RpcErrorObject =
    error.data === undefined
      ? { code: error.rpcCode, message: error.message }
      : { code: error.rpcCode, message: error.message, data: error.data };
  return id === undefined ? { jsonrpc: "2.0", error: object } : { jsonrpc: "2.0", id, error: object };
}

/** The error that a received failure stands for. */
export function errorOf(failure: RpcFailure): RpcError {
  return new RpcError(failure.error.code, failure.error.message, failure.error.data);
}

/** The ids of the requests in a message, or in a batch. */
export function requestIds(payload: unknown): RequestId[] {
  const messages: readonly unknown[] = Array.isArray(payload) ? payload : [payload];
  return messages.filter((one) => kindOf(one) === "request").map((one) => (one as RpcRequest).id);
}

/** The error for something that {@link kindOf} calls invalid. */
export function notAMessage(message: unknown): MessageError {
  return new MessageError(
    "NOT_A_MESSAGE",
    "The message is no JSON-RPC 2.0 request, notification or response.",
    "It needs `jsonrpc`, and `id`, `method`, `result` or `error` as the standard says.",
    { head: headOf(message) },
  );
}

/** The error for a request where none are taken. */
export function unexpectedRequest({ id, method }: RpcRequest): MessageError {
  return new MessageError(
    "UNEXPECTED_REQUEST",
    `The peer sent the request ${method.slice(0, 200)} (id ${JSON.stringify(id)}), and it may send none.`,
    "It was not answered.",
  );
}

/** The beginning of a message, without writing all of a large one. */
function headOf(message: unknown): string {
  if (typeof message !== "object" || message === null) return String(message).slice(0, 200);
  return `{ ${Object.keys(message).slice(0, 10).join(", ")} }`.slice(0, 200);
}
