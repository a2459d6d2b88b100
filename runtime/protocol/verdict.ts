/** What a check of one message answers. */

import type { Failure } from "../../generated/prelude.js";
import type { Revision } from "../../generated/revisions.js";

/** What a message is, by its JSON-RPC members; `batch` is an array of messages (2025-03-26). */
export type MessageKind = "request" | "notification" | "result" | "error" | "batch";

/** JSON-RPC error codes that a check gives: no JSON-RPC message, no such method here, wrong payload. */
export type VerdictCode = -32600 | -32601 | -32602;

/** The message fits. `method` is the request's own, or for a result the method that it answers, if that is known. */
export interface Fits {
  readonly ok: true;
  readonly kind: MessageKind;
  readonly method?: string;
}

/** The message does not fit. `kind` and `method` are there as far as they could be told. */
export interface Fails {
  readonly ok: false;
  readonly code: VerdictCode;
  /** Every reason, with pointers from the root of the message. Never empty. */
  readonly failures: readonly Failure[];
  readonly kind?: MessageKind;
  readonly method?: string;
}

export type Verdict = Fits | Fails;

export type Side = "client" | "server";

/** The JSON-RPC id of a request. */
export type RequestId = string | number;

export interface CheckOptions {
  readonly revision: Revision;
  /** Who sent the message. */
  readonly from: Side;
  /**
   * The method of the request that a response answers; in a batch, a function that tells it by id. Without it, a result is
   * only checked to be one.
   */
  readonly answering?: string | ((id: RequestId) => string | undefined);
  /** Identifiers of the extensions in use. Default: all that the revision's vocabulary knows. */
  readonly extensions?: readonly string[];
}

/** Failures of a part, as failures of the whole. */
export function below(pointer: string, failures: readonly Failure[]): Failure[] {
  return failures.map((failure) => ({ ...failure, pointer: pointer + failure.pointer }));
}
