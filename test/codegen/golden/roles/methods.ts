import type { ErrorEntry, MethodEntry } from "../../../../codegen/method-table.js";
import {
  isAskRequestParams,
  isAskResult,
  isEmptyResult,
  isNoteParams,
  isPingParams,
} from "./guards.js";
import type {
  AskRequestParams,
  AskResult,
  EmptyResult,
  NoteParams,
  PingParams,
} from "./types.js";

/** Requests that a client sends, by method. */
export interface ClientRequests {
  ping: { params?: PingParams | undefined; result: EmptyResult };
}

/** Requests that a server sends, by method. */
export interface ServerRequests {
  ask: { params: AskRequestParams; result: AskResult };
  ping: { params?: PingParams | undefined; result: EmptyResult };
}

/** Notifications that a client sends, by method. */
export interface ClientNotifications {}

/** Notifications that a server sends, by method. */
export interface ServerNotifications {
  "notifications/note": { params?: NoteParams | undefined };
}

/** The name of a method of this revision. */
export type MethodName =
  | "ask"
  | "notifications/note"
  | "ping";

/** Every method of this revision: who sends it, what it carries, what answers it and what it needs. */
export const methods: Readonly<Record<MethodName, MethodEntry>> = {
  ask: {
    kind: "request",
    from: ["server"],
    definition: "AskRequest",
    params: "AskRequestParams",
    isParams: isAskRequestParams,
    paramsRequired: true,
    result: "AskResult",
    isResult: isAskResult,
  },
  "notifications/note": {
    kind: "notification",
    from: ["server"],
    definition: "NoteNotification",
    params: "NoteParams",
    isParams: isNoteParams,
    paramsRequired: false,
  },
  ping: {
    kind: "request",
    from: ["client","server"],
    definition: "PingRequest",
    params: "PingParams",
    isParams: isPingParams,
    paramsRequired: false,
    result: "EmptyResult",
    isResult: isEmptyResult,
  },
};

/** The name of an error of this revision. */
export type ErrorName =
  | "InvalidRequestError"
  | "MethodNotFoundError"
  | "InvalidParamsError"
  | "InternalError"
  | "ParseError";

/** Error codes of this revision, and the guard of the error where the schema has one. */
export const errors: Readonly<Record<ErrorName, ErrorEntry>> = {
  InvalidRequestError: { code: -32600 },
  MethodNotFoundError: { code: -32601 },
  InvalidParamsError: { code: -32602 },
  InternalError: { code: -32603 },
  ParseError: { code: -32700 },
};
