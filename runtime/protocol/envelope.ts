/** The JSON-RPC envelope of a message (JSON-RPC 2.0, sections 4 and 5; MCP base protocol): what it is, and whether it is well formed. */

import { explainWith, type Failure, no } from "../../generated/prelude.js";
import type { MessageKind, RequestId } from "./verdict.js";

/** A message by its members. Nothing is copied: the parts are the message's own. */
export interface Envelope {
  readonly kind: Exclude<MessageKind, "batch">;
  readonly id: RequestId | undefined;
  readonly method: string | undefined;
  readonly params: unknown;
  readonly result: unknown;
  readonly error: unknown;
}

type Members = Readonly<Record<string, unknown>>;

/** The envelope of a message, or why it has none. `idRequired` tells whether an error must name its request. */
export function readEnvelope(message: unknown, idRequired: boolean): Envelope | readonly Failure[] {
  if (!isObject(message)) return [failureAt("", "JSON-RPC message", message)];
  const failures: Failure[] = [];
  if (message.jsonrpc !== "2.0") failures.push(failureAt("/jsonrpc", '"2.0"', message.jsonrpc));
  const kind = kindOf(message);
  if (kind === undefined) failures.push(failureAt("", "object with method, result or error", message));
  else checkMembers(message, kind, idRequired, failures);
  if (failures.length > 0 || kind === undefined) return failures;
  const { id, method, params, result, error } = message as Omit<Envelope, "kind">;
  return { kind, id, method, params, result, error };
}

function kindOf(message: Members): Envelope["kind"] | undefined {
  if (message.method !== undefined) return message.id === undefined ? "notification" : "request";
  if (message.result !== undefined) return "result";
  return message.error === undefined ? undefined : "error";
}

function checkMembers(message: Members, kind: Envelope["kind"], idRequired: boolean, failures: Failure[]): void {
  const { id, method } = message;
  if (method !== undefined && typeof method !== "string") failures.push(failureAt("/method", "string", method));
  const mayLack = kind === "notification" || (kind === "error" && !idRequired);
  if (!isId(id) && !(mayLack && id === undefined)) failures.push(failureAt("/id", "string or integer", id));
  if (kind === "result" && message.error !== undefined)
    failures.push(failureAt("", "object with one of result and error", message));
  if (kind === "error") failures.push(...errorFailures(message.error));
}

function errorFailures(error: unknown): Failure[] {
  if (!isObject(error)) return [failureAt("/error", "object", error)];
  return [
    ...(Number.isInteger(error.code) ? [] : [failureAt("/error/code", "integer", error.code)]),
    ...(typeof error.message === "string" ? [] : [failureAt("/error/message", "string", error.message)]),
  ];
}

export function isId(id: unknown): id is RequestId {
  return typeof id === "string" || Number.isInteger(id);
}

export function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One failure, described as the guards describe theirs. */
export function failureAt(pointer: string, expected: string, actual: unknown): Failure {
  const [failure] = explainWith((value) => no(expected, value), actual);
  return { ...(failure as Failure), pointer };
}
