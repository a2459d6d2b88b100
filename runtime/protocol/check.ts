/**
 * The check of one message against one revision: envelope, method and direction, then payload. Messages are looked at, never
 * changed.
 */

import type { MethodEntry } from "../../generated/method-table.js";
import { explainWith, type Failure } from "../../generated/prelude.js";
import { tables } from "../../generated/revisions.js";
import { type Envelope, failureAt, isObject, readEnvelope } from "./envelope.js";
import { isRevision, knownRevisions, traitsOf } from "./revision.js";
import {
  below,
  type CheckOptions,
  type Fails,
  type RequestId,
  type Side,
  type Verdict,
  type VerdictCode,
} from "./verdict.js";

type Check = (value: unknown) => boolean;

/**
 * Checks one JSON-RPC message as revision `options.revision` has it, sent by `options.from`.
 *
 * @returns `{ ok: true, kind, method? }`, or `{ ok: false, code, failures }` with code −32600 where it is no JSON-RPC message,
 * −32601 where the method does not exist in this revision or direction, −32602 where the payload does not fit.
 * @throws TypeError where the revision is not one of `revisions`, or `from` is no side.
 */
export function checkMessage(message: unknown, options: CheckOptions): Verdict {
  if (!isRevision(options.revision)) {
    throw new TypeError(`unknown revision ${JSON.stringify(options.revision)}; known are ${knownRevisions()}`);
  }
  if (options.from !== "client" && options.from !== "server") {
    throw new TypeError(`"from" must be "client" or "server", not ${JSON.stringify(options.from)}`);
  }
  try {
    if (!Array.isArray(message)) return checkOne(message, options);
    return traitsOf(options.revision).batching
      ? checkBatch(message, options)
      : fails(-32600, [failureAt("", "one JSON-RPC message", message)]);
  } catch (error) {
    // A getter or proxy of the value threw; JSON has neither.
    return fails(-32600, [failureAt("", `readable JSON-RPC message (${String(error)})`, message)]);
  }
}

function checkOne(message: unknown, options: CheckOptions): Verdict {
  const envelope = readEnvelope(message, tables[options.revision].errorIdRequired);
  if (!("kind" in envelope)) return fails(-32600, envelope);
  switch (envelope.kind) {
    case "request":
    case "notification":
      return checkCall(envelope, options);
    case "result":
      return checkResult(envelope, options);
    case "error":
      return checkError(message, envelope, options);
  }
}

/** A batch holds requests and notifications, or responses; `initialize` is in none (requirements BASE-15 to BASE-18). */
function checkBatch(messages: readonly unknown[], options: CheckOptions): Verdict {
  if (messages.length === 0)
    return fails(-32600, [failureAt("", "batch of at least one message", messages)], { kind: "batch" });
  const verdicts = messages.map((message) => checkOne(message, options));
  const answers = verdicts.map(({ kind }) => kind === "result" || kind === "error");
  const failures = verdicts.flatMap((verdict, index) => {
    const place = `/${index}`;
    if (!verdict.ok) return below(place, verdict.failures);
    if (verdict.kind === "request" && verdict.method === "initialize")
      return [failureAt(`${place}/method`, "initialize outside a batch", "initialize")];
    return answers[index] === answers[0]
      ? []
      : [failureAt(place, "requests and notifications, or responses, in one batch", messages[index])];
  });
  const code = verdicts.find((verdict) => !verdict.ok)?.code ?? -32600;
  return failures.length === 0 ? { ok: true, kind: "batch" } : fails(code, failures, { kind: "batch" });
}

function checkCall(envelope: Envelope, options: CheckOptions): Verdict {
  const { kind, method = "", params } = envelope;
  const told = { kind, method };
  const row = rowOf(method, options);
  if (row?.kind !== kind || !row.from.includes(options.from)) {
    const expected = `method of a ${kind} that a ${options.from} may send in ${options.revision}`;
    return fails(-32601, [failureAt("/method", expected, method)], told);
  }
  if (params === undefined && !row.paramsRequired) return { ok: true, kind, method };
  const failures = explain(row.isParams, params);
  return failures.length === 0 ? { ok: true, kind, method } : fails(-32602, below("/params", failures), told);
}

function checkResult(envelope: Envelope, options: CheckOptions): Verdict {
  const { id, kind, result } = envelope;
  const method = answered(id, options);
  const told = { kind, ...(method === undefined ? {} : { method }) };
  if (method === undefined) {
    const failures = below("/result", explain(tables[options.revision].isResult, result));
    return failures.length === 0 ? { ok: true, kind } : fails(-32602, failures, told);
  }
  const row = rowOf(method, options);
  if (row?.kind !== "request" || !row.from.includes(otherSide(options.from))) {
    const expected = `result of a request that a ${otherSide(options.from)} may send in ${options.revision}`;
    return fails(-32601, [failureAt("/result", `${expected}; ${method} is none`, result)], told);
  }
  const failures = below("/result", resultFailures(row, result, options));
  return failures.length === 0 ? { ok: true, kind, method } : fails(-32602, failures, told);
}

/** Reads what selects a result before any guard: an open result type would accept the others (TRAP-26, TRAP-27). */
function resultFailures(row: MethodEntry, result: unknown, options: CheckOptions): Failure[] {
  const alternatives = (row.alternatives ?? []).filter(({ extension }) => isActive(extension, options));
  const resultType = isObject(result) ? result.resultType : undefined;
  const selected = alternatives.find(
    (alternative) => alternative.resultType !== undefined && alternative.resultType === resultType,
  );
  if (selected !== undefined) return explain(selected.isResult, result);
  const failures = explain(row.isResult, result);
  const stands =
    failures.length > 0 && alternatives.some(({ request, isResult }) => request !== undefined && isResult(result));
  return stands ? [] : failures;
}

function checkError(message: unknown, envelope: Envelope, options: CheckOptions): Verdict {
  const { id, kind, error } = envelope;
  const method = id === undefined ? undefined : answered(id, options);
  const told = { kind, ...(method === undefined ? {} : { method }) };
  const code = isObject(error) ? error.code : undefined;
  const row = Object.values(tables[options.revision].errors).find((entry) => entry.code === code);
  const failures = [
    ...(row?.isMessage === undefined ? [] : explain(row.isMessage, message)),
    ...(row?.isError === undefined ? [] : below("/error", explain(row.isError, error))),
  ];
  return failures.length === 0 ? { ok: true, ...told } : fails(-32602, failures, told);
}

function rowOf(method: string, options: CheckOptions): MethodEntry | undefined {
  const { methods } = tables[options.revision];
  const row = Object.hasOwn(methods, method) ? methods[method] : undefined;
  return row !== undefined && isActive(row.extension, options) ? row : undefined;
}

function isActive(extension: string | undefined, options: CheckOptions): boolean {
  return extension === undefined || options.extensions === undefined || options.extensions.includes(extension);
}

function answered(id: RequestId | undefined, { answering }: CheckOptions): string | undefined {
  return typeof answering === "function" ? (id === undefined ? undefined : answering(id)) : answering;
}

export function otherSide(side: Side): Side {
  return side === "client" ? "server" : "client";
}

/** The good path costs the guard alone. */
function explain(check: Check | undefined, value: unknown): Failure[] {
  return check === undefined || check(value) ? [] : explainWith(check, value);
}

function fails(code: VerdictCode, failures: readonly Failure[], told: Pick<Fails, "kind" | "method"> = {}): Fails {
  return { ok: false, code, failures, ...told };
}
