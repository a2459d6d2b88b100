/**
 * Validation of messages where they enter, through the generated table by (revision, method, direction). Payloads are looked at,
 * never changed. Requirements BASE-12, BASE-34, BASE-89.
 */

import type { MethodEntry } from "../../generated/method-table.js";
import { explainWith, type Failure } from "../../generated/prelude.js";
import { RpcError } from "../errors.js";
import { RpcCode } from "../jsonrpc/message.js";
import { isObject } from "./envelope.js";
import { below } from "./verdict.js";

/** How many failures an error carries: enough to mend the message, and bounded whatever the peer sent (SEC-42). */
const MAX_FAILURES = 20;

/** The error for a method that is not offered. */
export function unknownMethod(method: string): RpcError {
  return new RpcError(RpcCode.MethodNotFound, `Method not found: ${method}`);
}

/** The error for params that do not fit, with a JSON pointer for every reason. */
export function unfit(message: string, failures: readonly Failure[]): RpcError {
  const shown = failures.slice(0, MAX_FAILURES);
  return new RpcError(RpcCode.InvalidParams, `${message}: ${describe(failures)}`, { failures: shown });
}

/** @throws RpcError −32601 where the revision has no such request, −32602 where its params do not fit. */
export function checkRequest(row: MethodEntry | undefined, method: string, params: unknown): void {
  if (row?.kind !== "request") throw unknownMethod(method);
  if (params === undefined ? !row.paramsRequired : (row.isParams?.(params) ?? true)) return;
  const failures = row.isParams === undefined ? [] : explainWith(row.isParams, params);
  throw unfit(`Invalid params of ${method}`, below("/params", failures));
}

/** Whether a notification is one that may come, with params that fit. Others are ignored (BASE-12). */
export function fitsNotification(row: MethodEntry | undefined, params: unknown): boolean {
  if (row?.kind !== "notification") return false;
  return params === undefined ? !row.paramsRequired : (row.isParams?.(params) ?? true);
}

/** Why a result does not fit its method; empty where it does. */
export function resultFailures(row: MethodEntry, result: unknown): readonly Failure[] {
  return row.isResult === undefined || row.isResult(result) ? [] : explainWith(row.isResult, result);
}

/** One line on what is wrong. */
export function describe(failures: readonly Failure[]): string {
  const [first] = failures;
  if (first === undefined) return "it does not fit";
  const more = failures.length === 1 ? "" : ` (and ${failures.length - 1} more)`;
  return `${first.pointer === "" ? "the value" : first.pointer} should be ${first.expected}, is ${first.actual}${more}`;
}

/** A list without the items that do not fit, or nothing where something else is wrong. Its other members are the peer's own. */
export function withoutMalformed(result: unknown, failures: readonly Failure[]): object | undefined {
  if (!isObject(result)) return undefined;
  const dropped = new Map<string, Set<number>>();
  for (const { pointer } of failures) {
    const match = /^\/(\w+)\/(\d+)(?:\/|$)/.exec(pointer);
    if (match === null) return undefined;
    const [, key = "", index = ""] = match;
    if (!Array.isArray(result[key])) return undefined;
    const indexes = dropped.get(key) ?? new Set<number>();
    dropped.set(key, indexes.add(Number(index)));
  }
  const lists = [...dropped].map(([key, indexes]) => [
    key,
    (result[key] as readonly unknown[]).filter((_, index) => !indexes.has(index)),
  ]);
  return { ...result, ...Object.fromEntries(lists) };
}
