import type { ErrorEntry, MethodEntry } from "../../../../codegen/method-table.js";
import {
  isEchoRequestParams,
  isEchoResult,
} from "./guards.js";
import type {
  EchoRequestParams,
  EchoResult,
} from "./types.js";

/** Requests that a client sends, by method. */
export interface ClientRequests {
  echo: { params: EchoRequestParams; result: EchoResult };
}

/** Requests that a server sends, by method. */
export interface ServerRequests {}

/** Notifications that a client sends, by method. */
export interface ClientNotifications {}

/** Notifications that a server sends, by method. */
export interface ServerNotifications {}

/** The name of a method of this revision. */
export type MethodName =
  | "echo";

/** Every method of this revision: who sends it, what it carries, what answers it and what it needs. */
export const methods: Readonly<Record<MethodName, MethodEntry>> = {
  echo: {
    kind: "request",
    from: ["client"],
    definition: "EchoRequest",
    params: "EchoRequestParams",
    isParams: isEchoRequestParams,
    paramsRequired: true,
    result: "EchoResult",
    isResult: isEchoResult,
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
