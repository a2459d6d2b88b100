/**
 * What every generated guard is made of: checks that answer true or false, and the trace of where one said false.
 *
 * A guard runs in one of two modes. Alone, it stops at the first failure; while it unwinds, each caller adds its key, so the
 * place of the failure is known without a second walk and without an allocation on the good path. Under {@link explainWith}
 * the same code goes on after a failure and collects them all. Values are looked at, never changed.
 */

/** One reason why a value does not fit. */
export interface Failure {
  /** JSON Pointer (RFC 6901) from the root of the value; for a missing member, where it should be. */
  readonly pointer: string;
  /** What would fit there, for example `string` or `"user" or "assistant"`. */
  readonly expected: string;
  /** What is there: its type, for scalars with the value (cut to 40 characters), or `missing`. */
  readonly actual: string;
}

/** An object whose members have not been looked at yet. */
export interface Loose {
  readonly [key: string]: unknown;
}

type Check = (value: unknown) => boolean;

/** What was expected, what was there, and the keys from the failing value outwards. */
type Trace = unknown[];

/** The newest failure while no one collects: one array for all, and how much of it counts. */
const last: Trace = [];
let length = 0;

/** Takes over {@link no} and {@link at}; apart from them, so that a bundle without `explain` does not carry it. */
interface Collector {
  no(expected: string, actual: unknown): false;
  at(key: string | number): true;
}

/** Who collects failures, if anyone does. */
let collector: Collector | undefined;
/** The first failure that still lacks the key of the object being checked. */
let mark = 0;

/** How many failures have been collected; what lies behind them is forgotten. Stays what it was while no one collects. */
export let count = 0;

/** Reports a failure at the value just checked. */
export function no(expected: string, actual: unknown): false {
  if (collector) return collector.no(expected, actual);
  last[0] = expected;
  last[1] = actual;
  length = 2;
  return false;
}

/**
 * Adds a key to what just failed below it, or, with an object, to its member of that key, which is no more than a scalar and not
 * what was expected. True where the check should go on: while failures are collected.
 */
export function at(key: string | number, object?: Loose, expected?: string): boolean {
  if (object) no(expected as string, object[key]);
  if (collector) return collector.at(key);
  last[length++] = key;
  return false;
}

/** A key that the schema does not know, as a reference token of a JSON Pointer; {@link at} takes tokens. */
export function token(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** Ends a check that began at `start` and in which something failed while failures are collected. */
export function fail(start: number): false {
  mark = start;
  return false;
}

/** Between two parts of a conjunction: true where the second should be checked although the first failed. */
export function more(): boolean {
  mark = count;
  return collector !== undefined;
}

/** Between two branches of a union: forgets why the earlier one failed. */
export function or(start: number): true {
  mark = count = start;
  return true;
}

/** Reports a value that threw while it was read: a hostile getter or proxy, which JSON has not. */
export function threw(start: number, value: unknown): false {
  return or(start) && no("JSON", value);
}

export function str(value: unknown): value is string {
  return typeof value === "string" || no("string", value);
}

/** A finite number; `NaN` and the infinities are none in JSON. */
export function num(value: unknown): value is number {
  return finite(value) || no("number", value);
}

export function finite(value: unknown): value is number {
  return typeof value === "number" && value - value === 0;
}

export function int(value: unknown): value is number {
  return Number.isInteger(value) || no("integer", value);
}

export function bool(value: unknown): value is boolean {
  return typeof value === "boolean" || no("boolean", value);
}

export function obj(value: unknown): value is Loose {
  return (!Array.isArray(value) && typeof value === "object" && value !== null) || no("object", value);
}

export function list(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) || no("array", value);
}

/** Something, whatever it is; `null` is something. */
export function has(value: unknown): boolean {
  return value !== undefined || no("any value", value);
}

/** A string within bounds of its length, counted in Unicode code points. */
export function long(value: unknown, least: number, most: number, expected: string): boolean {
  if (!str(value)) return false;
  let length = 0;
  for (const _ of value) length++;
  return (length >= least && length <= most) || no(expected, value);
}

/** An array within bounds of its length. */
export function size(value: unknown, least: number, most: number, expected: string): boolean {
  return list(value) && ((value.length >= least && value.length <= most) || no(expected, value));
}

/** A string that a regular expression finds something in. */
export function match(value: unknown, pattern: RegExp): boolean {
  return str(value) && (pattern.test(value) || no(`string matching ${pattern.source}`, value));
}

/** The members of an object that `known` does not name. */
export function rest(value: Loose, known: readonly string[], check: Check): boolean {
  const start = count;
  for (const key in value) {
    if (!known.includes(key) && !check(value[key]) && !at(token(key))) return false;
  }
  return start === count || fail(start);
}

/** Nothing fits. */
export function never(value: unknown): boolean {
  return no("nothing", value);
}

/** Any JSON value, of any depth. */
export function json(value: unknown, depth: number = 0): boolean {
  if (plain(value)) return true;
  if (typeof value !== "object" || value === null) return no("JSON value", value);
  if (depth > 99) return deepJson(value);
  const start = count;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      if (!json(value[index], depth + 1) && !at(index)) return false;
    }
  } else {
    for (const key in value) {
      if (!json((value as Loose)[key], depth + 1) && !at(token(key))) return false;
    }
  }
  return start === count || fail(start);
}

function plain(value: unknown): boolean {
  return value === null || typeof value === "string" || typeof value === "boolean" || finite(value);
}

/** The rest of a very deep value, without recursion; a cycle is no JSON value. */
function deepJson(root: object): boolean {
  const leave = {};
  const queue: unknown[] = [root];
  const trail: object[] = [];
  const open = new Set<unknown>();
  while (queue.length > 0) {
    const value = queue.pop();
    if (value === leave) open.delete(trail.pop());
    else if (!plain(value)) {
      if (typeof value !== "object" || value === null || open.has(value)) return no("JSON value", value);
      open.add(value);
      trail.push(value);
      queue.push(leave);
      if (Array.isArray(value)) for (let index = 0; index < value.length; index++) queue.push(value[index]);
      else for (const key in value) queue.push((value as Loose)[key]);
    }
  }
  return true;
}

let nesting = 0;

/** A definition that contains itself and more than JSON values: bounded, so that no value can exhaust the stack. */
export function deep(value: unknown, check: Check): boolean {
  if (nesting >= 500) return no("nesting of at most 500 levels", value);
  nesting++;
  try {
    return check(value);
  } finally {
    nesting--;
  }
}

/**
 * Why the guard called last said false: its first failure. Costs nothing until it is asked for.
 *
 * @returns undefined where no guard has said false yet. After a guard that said true, the answer is of no use.
 */
export function lastFailure(): Failure | undefined {
  return length === 0 ? undefined : failureOf(last, length);
}

/** Every failure of a value, in the order the guard meets them; empty where it fits. */
export function explainWith(check: Check, value: unknown): Failure[] {
  const before = [collector, count, mark] as const;
  const found: Trace[] = [];
  collector = collectorInto(found);
  count = mark = 0;
  try {
    check(value);
    found.length = count;
  } finally {
    [collector, count, mark] = before;
  }
  return found.map((trace) => failureOf(trace, trace.length));
}

function collectorInto(found: Trace[]): Collector {
  return {
    no(expected, actual) {
      found[count++] = [expected, actual];
      return false;
    },
    at(key) {
      for (; mark < count; mark++) (found[mark] as Trace).push(key);
      return true;
    },
  };
}

function failureOf(trace: Trace, length: number): Failure {
  let pointer = "";
  for (let index = length - 1; index > 1; index--) pointer += `/${trace[index]}`;
  return { pointer, expected: trace[0] as string, actual: describe(trace[1]) };
}

function describe(value: unknown): string {
  if (typeof value === "string") {
    const shown = value.length > 40 ? `${value.slice(0, 39)}…` : value;
    return `string ${NEEDS_ESCAPE.test(shown) ? JSON.stringify(shown) : `"${shown}"`}`;
  }
  if (value === undefined) return "missing";
  if (typeof value === "object" && value !== null) return describeObject(value);
  if (typeof value === "number" || typeof value === "bigint") return `${typeof value} ${value}`;
  return value === null || typeof value === "boolean" ? String(value) : typeof value;
}

/** A proxy may throw here too; the failure it gave must still be told. */
function describeObject(value: object): string {
  try {
    return Array.isArray(value) ? `array of ${value.length}` : "object";
  } catch {
    return "object";
  }
}

/** Characters that JSON may write in another way. */
const NEEDS_ESCAPE = /[^ !#-[\]-~]/;
