/** What the tables say about tasks: whether a revision knows them, in which form, and by which extension. */

import type { MethodEntry } from "../../generated/method-table.js";
import { type Revision, tables } from "../../generated/revisions.js";
import { isObject } from "./envelope.js";
import type { ServerFacts } from "./era.js";
import { methodsFrom } from "./revision.js";

/**
 * How a revision runs a call as a task: because the request asks for it (`augmented`), or because the server chooses to where the request
 * declares an extension, which is then named. `undefined` where it has none.
 */
export function taskFormIn(
  revision: Revision,
): { readonly augmented: true } | { readonly extension: string } | undefined {
  const row = tables[revision].methods["tools/call"];
  if (row?.taskAugmentable === true) return { augmented: true };
  const extension = row?.alternatives?.find(({ resultType }) => resultType === "task")?.extension;
  return extension === undefined ? undefined : { extension };
}

/** Whether a revision has tasks that requests ask for. */
export function isAugmented(revision: Revision): boolean {
  const form = taskFormIn(revision);
  return form !== undefined && "augmented" in form;
}

/** What a revision says of a method that clients send. Methods of extensions are there where the server offers the extension. */
export function offeredRow(revision: Revision, method: string, facts: ServerFacts): MethodEntry | undefined {
  const known = methodsFrom(revision, "client").get(method);
  if (known !== undefined) return known;
  const { methods } = tables[revision];
  const row = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (row?.extension === undefined || !row.from.includes("client")) return undefined;
  return offers(facts, revision, row.extension) ? row : undefined;
}

/** Extensions that servers were found to offer. None is ever taken back, and capabilities are made anew each time that they are asked for. */
const offered = new WeakMap<ServerFacts, Set<string>>();

function offers(facts: ServerFacts, revision: Revision, extension: string): boolean {
  const key = `${revision} ${extension}`;
  let known = offered.get(facts);
  if (known?.has(key) === true) return true;
  if (!hasExtension(facts.capabilities(revision), extension)) return false;
  known ??= new Set();
  offered.set(facts, known.add(key));
  return true;
}

/** Whether capabilities, of either side, name an extension. */
export function hasExtension(capabilities: object | undefined, extension: string): boolean {
  const { extensions } = (capabilities ?? {}) as { readonly extensions?: unknown };
  return isObject(extensions) && isObject(extensions[extension]);
}

/** How a task stands. The last three are final. */
export type TaskStatus = "working" | "input_required" | "completed" | "failed" | "cancelled";

/** Whether nothing can happen to a task any more. */
export function isFinal(status: TaskStatus): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}

/** What the pace of looks at a task follows from; times are milliseconds since 1970. */
interface Paced {
  readonly status: TaskStatus;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The longest pause, in milliseconds. */
  readonly pollMs: number;
}

/** What is told of the youngest tasks. */
const FIRST_POLL_MS = 20;

/**
 * Milliseconds to leave before the next look: what is young may end at any moment, and what has gone on for long seldom ends in the next.
 * So whoever keeps to it hears of the end late by half of the time that the work took, and looks a few times more for it.
 */
export function pollOf({ status, createdAt, updatedAt, pollMs }: Paced): number {
  const age = (isFinal(status) ? updatedAt : Date.now()) - createdAt;
  return Math.min(pollMs, Math.max(FIRST_POLL_MS, Math.floor(age / 2)));
}

/** Times that were written last. */
const texts = new Map<number, string>();
const MAX_TEXTS = 256;

/** A time as ISO 8601 has it. The same few are asked for again and again: many tasks begin in one millisecond. */
export function timeText(time: number): string {
  let text = texts.get(time);
  if (text === undefined) {
    text = new Date(time).toISOString();
    if (texts.size === MAX_TEXTS) texts.clear();
    texts.set(time, text);
  }
  return text;
}
