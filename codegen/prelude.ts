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
  /** What would fit there, for example `string` or `one of "user", "assistant"`. */
  readonly expected: string;
  /** What is there: its type, for scalars with the value (cut to 40 characters), or `missing`. */
  readonly actual: string;
}

/** An object whose members have not been looked at yet. */
export interface Loose {
  readonly [key: string]: unknown;
}

type Scalar = string | number | boolean | null;
type Expectation = string | readonly Scalar[];
type Check = (value: unknown) => boolean;

interface Trace {
  readonly expected: Expectation;
  readonly actual: unknown;
  /** Keys from the failing value outwards. */
  readonly path: (string | number)[];
}

let lastExpected: Expectation = "";
let lastActual: unknown;
let lastDepth = -1;
const lastPath: (string | number)[] = [];

/** The failures collected so far, or undefined while no one collects. */
let found: Trace[] | undefined;
/** The first failure that still lacks the key of the object being checked. */
let mark = 0;

/** How many failures have been collected. Stays what it was while no one collects. */
export let count = 0;

/** Reports a failure at the value just checked. */
export function no(expected: Expectation, actual: unknown): false {
  if (found === undefined) {
    lastExpected = expected;
    lastActual = actual;
    lastDepth = 0;
  } else {
    count = found.push({ expected, actual, path: [] });
  }
  return false;
}

/** Adds a key to what just failed below it. True where the check should go on: while failures are collected. */
export function at(key: string | number): boolean {
  if (found === undefined) {
    lastPath[lastDepth++] = key;
    return false;
  }
  for (; mark < count; mark++) found[mark]?.path.push(key);
  return true;
}

/** Ends a check that began at `start`: true where nothing failed since. */
export function end(start: number): boolean {
  if (start === count) return true;
  mark = start;
  return false;
}

/** Between two parts of a conjunction: true where the second should be checked although the first failed. */
export function more(): boolean {
  mark = count;
  return found !== undefined;
}

/** Between two branches of a union: forgets why the earlier one failed. */
export function or(start: number): true {
  if (found !== undefined) mark = count = found.length = start;
  return true;
}

/** Reports the member of a union that selects its branch. */
export function wrong(actual: unknown, expected: Expectation, key: string): false {
  const start = count;
  no(expected, actual);
  at(key);
  end(start);
  return false;
}

/** Reports a value that threw while it was read: a hostile getter or proxy. */
export function threw(start: number, value: unknown): false {
  or(start);
  return no("a readable value", value);
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
  return (typeof value === "object" && value !== null && !Array.isArray(value)) || no("object", value);
}

export function list(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) || no("array", value);
}

/** A member that must be there, whatever it is; `null` is there. */
export function has(value: unknown): boolean {
  return value !== undefined || no("any value", value);
}

export function is(value: unknown, constant: Scalar): boolean {
  return value === constant || no([constant], value);
}

/** A number within bounds, both inclusive. */
export function within(value: unknown, least: number, most: number): boolean {
  return (typeof value === "number" && value >= least && value <= most) || no(bounds("number", least, most), value);
}

/** A string within bounds of its length, counted in Unicode code points. */
export function long(value: unknown, least: number, most: number): boolean {
  if (!str(value)) return false;
  let length = 0;
  for (const _ of value) length++;
  return (length >= least && length <= most) || no(bounds("length", least, most), value);
}

/** An array within bounds of its length. */
export function size(value: unknown, least: number, most: number): boolean {
  if (!list(value)) return false;
  return (value.length >= least && value.length <= most) || no(bounds("number of items", least, most), value);
}

/** A string that a regular expression finds something in. */
export function match(value: unknown, pattern: RegExp): boolean {
  return str(value) && (pattern.test(value) || no(`string matching ${pattern.source}`, value));
}

export function arr(value: unknown, check: Check): boolean {
  if (!list(value)) return false;
  const start = count;
  for (let index = 0; index < value.length; index++) {
    if (!check(value[index]) && !at(index)) return false;
  }
  return end(start);
}

export function map(value: unknown, check: Check): boolean {
  return rest(value, [], check);
}

/** The members of an object that `known` does not name. */
export function rest(value: unknown, known: readonly string[], check: Check): boolean {
  if (!obj(value)) return false;
  const start = count;
  for (const key in value) {
    if (!known.includes(key) && !check(value[key]) && !at(key)) return false;
  }
  return end(start);
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
      if (!json((value as Loose)[key], depth + 1) && !at(key)) return false;
    }
  }
  return end(start);
}

function plain(value: unknown): boolean {
  return value === null || typeof value === "string" || typeof value === "boolean" || finite(value);
}

/** The rest of a very deep value, without recursion; a cycle is no JSON value. */
function deepJson(root: object): boolean {
  const leave = {};
  const todo: unknown[] = [root];
  const trail: object[] = [];
  const open = new Set<unknown>();
  while (todo.length > 0) {
    const value = todo.pop();
    if (value === leave) open.delete(trail.pop());
    else if (!plain(value)) {
      if (typeof value !== "object" || value === null || open.has(value)) return no("JSON value", value);
      open.add(value);
      trail.push(value);
      todo.push(leave);
      if (Array.isArray(value)) for (let index = 0; index < value.length; index++) todo.push(value[index]);
      else for (const key in value) todo.push((value as Loose)[key]);
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
  if (lastDepth < 0) return undefined;
  return failureOf({ expected: lastExpected, actual: lastActual, path: lastPath.slice(0, lastDepth) });
}

/** Every failure of a value, in the order the guard meets them; empty where it fits. */
export function explainWith(check: Check, value: unknown): Failure[] {
  const [foundBefore, countBefore, markBefore] = [found, count, mark];
  const own: Trace[] = [];
  found = own;
  count = mark = 0;
  try {
    check(value);
  } finally {
    found = foundBefore;
    count = countBefore;
    mark = markBefore;
  }
  return own.map(failureOf);
}

function failureOf(trace: Trace): Failure {
  const keys = trace.path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`);
  return { pointer: keys.reverse().join(""), expected: expectationOf(trace.expected), actual: describe(trace.actual) };
}

function expectationOf(expected: Expectation): string {
  if (typeof expected === "string") return expected;
  const literals = expected.map((value) => JSON.stringify(value)).join(", ");
  return expected.length > 1 ? `one of ${literals}` : literals;
}

function describe(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `array of ${value.length}`;
  if (typeof value === "number" || typeof value === "bigint") return `${typeof value} ${value}`;
  if (typeof value !== "string") return typeof value;
  return `string ${JSON.stringify(value.length > 40 ? `${value.slice(0, 39)}…` : value)}`;
}

function bounds(what: string, least: number, most: number): string {
  if (most === Number.POSITIVE_INFINITY) return `${what} of at least ${least}`;
  return least === Number.NEGATIVE_INFINITY ? `${what} of at most ${most}` : `${what} from ${least} to ${most}`;
}
