/** Records of tasks as they lie in Redis: what is small and changes often in one text, and each part that may be big in one of its own. */

import type { TaskRecord } from "../../tasks/contract.js";
import { PARTS, type Part } from "./task-scripts.js";

/** A record with the version of the task at which each of its parts was written. */
export interface ReadTask {
  readonly record: TaskRecord;
  readonly parts: readonly number[];
  /** Milliseconds that it will be there still; `undefined` for ever. */
  readonly leftMs: number | undefined;
}

/** All of a record but its big parts, as text. */
export function headOf(record: TaskRecord): string {
  const { params: _params, outcome: _outcome, kept: _kept, answers: _answers, ...head } = record;
  return JSON.stringify(head);
}

/** Part of a record as text; empty where there is none. */
export function textOf(record: TaskRecord, part: Part): string {
  return JSON.stringify(record[part]) ?? "";
}

/** What the script gave for a task; parts that were not sent are those of the record that was known. */
export function readTask(reply: unknown, known: ReadTask | undefined): ReadTask | undefined {
  if (reply === null) return undefined;
  const [, head, ...rest] = reply as [string, string, ...unknown[]];
  const leftMs = rest.pop() as number;
  const record = JSON.parse(head) as Record<string, unknown>;
  const parts = PARTS.map((part, index) => {
    const [version, text] = rest[index] as [string, string | null];
    const value = text === null ? known?.record[part] : text === "" ? undefined : (JSON.parse(text) as unknown);
    if (value !== undefined) record[part] = value;
    return Number(version);
  });
  return { record: record as unknown as TaskRecord, parts, leftMs: leftMs < 0 ? undefined : leftMs };
}
