/**
 * Schemas that cannot hang whoever checks a value by them. Patterns that plainly need little time are left to the platform, others are run by
 * programs of bounded steps (`pattern-run.ts`); in schemas of peers, every look at a keyword counts too, since references and choices
 * multiply. Loaded with the validator. Requirement SEC-42.
 */

import { McpWireError } from "../errors.js";
import { programOf } from "./pattern-program.js";
import { type Effort, EffortSpent, findsMatch } from "./pattern-run.js";
import { isRecord } from "./plain.js";

export { EffortSpent };

/** What one check of a value may take; well under a second. */
const STEPS = 5_000_000;

export interface GuardedSchema {
  /** For the validator. */
  readonly schema: object | boolean;
  /** Checks one value. @throws EffortSpent where it would take too long. */
  within<T>(value: unknown, check: () => T): T;
}

/** Keywords that hold schemas under names of the user's choice. */
const MAPS: ReadonlySet<string> = new Set(
  "$defs definitions dependencies dependentSchemas patternProperties properties".split(" "),
);
/** Keywords that hold data, in which `pattern` is a member like any other. */
const DATA: ReadonlySet<string> = new Set(["const", "default", "enum", "examples"]);
const REFERENCES: ReadonlySet<string> = new Set(["$ref", "$dynamicRef", "$recursiveRef"]);
/** Keywords whose check takes time in proportion to a text. */
const TEXTUAL: ReadonlySet<string> = new Set(["format", "maxLength", "minLength"]);

/**
 * A copy of the schema whose checks end.
 * @param foreign whether a peer wrote it.
 * @throws McpWireError `BAD_SCHEMA` where a pattern cannot be checked in bounded time.
 */
export function guardSchema(given: object | boolean, foreign: boolean): GuardedSchema {
  const guard = new Guard(foreign);
  const schema = guard.schema(given, "") as object | boolean;
  return { schema, within: (value, check) => guard.within(value, check) };
}

class Guard {
  readonly #foreign: boolean;
  readonly #effort: Effort = { left: STEPS };
  /** Keywords of the whole schema: what looking for the end of a reference may take. */
  #size = 0;
  /** The patterns of names, and how the costliest grows with the length of a name. */
  #names = 0;
  #power = 0;
  /** Length of the longest text in the value. */
  #longest = 0;

  constructor(foreign: boolean) {
    this.#foreign = foreign;
  }

  within<T>(value: unknown, check: () => T): T {
    this.#effort.left = STEPS;
    if (this.#foreign || this.#names > 0) this.#weigh(value);
    return check();
  }

  /** Whatever a reference could lead to is treated as a schema, be its keyword known or not. */
  schema(given: unknown, pointer: string): unknown {
    if (Array.isArray(given)) return given.map((inner, index) => this.schema(inner, `${pointer}/${index}`));
    if (!isRecord(given)) return given;
    const copy = {};
    for (const [key, value] of Object.entries(given)) {
      this.#size++;
      const below = `${pointer}/${key}`;
      if (key === "patternProperties" && isRecord(value)) this.#readNames(value, below);
      this.#define(copy, key, this.#member(key, value, below));
    }
    return copy;
  }

  #member(key: string, value: unknown, pointer: string): unknown {
    if (key === "pattern" && typeof value === "string") return this.#pattern(value, pointer);
    if (DATA.has(key)) {
      if (this.#foreign && holdsPattern(value)) throw unbounded(pointer, "a pattern hides in data");
      return value;
    }
    if (!MAPS.has(key) || !isRecord(value)) return this.schema(value, pointer);
    const copy = {};
    for (const [name, inner] of Object.entries(value)) own(copy, name, this.schema(inner, `${pointer}/${name}`));
    return copy;
  }

  #pattern(source: string, pointer: string): unknown {
    if (isQuick(source)) return source;
    const program = programOf(source);
    if (program === undefined) throw unbounded(pointer, "it looks behind, refers back, or is too large");
    return new BoundedPattern(source, (text) => findsMatch(program, text, this.#effort));
  }

  /** Names are matched by the platform; what that takes is reckoned before, from their lengths. */
  #readNames(patterns: Readonly<Record<string, unknown>>, pointer: string): void {
    for (const source of Object.keys(patterns)) {
      const plain = plainOf(source);
      if (repeatsGroup(plain) || looksAround(source))
        throw unbounded(pointer, `${JSON.stringify(source)} repeats a group, looks around or refers back`);
      this.#names++;
      this.#power = Math.max(this.#power, quantifiersIn(plain) + (plain.startsWith("^") ? 0 : 1));
    }
  }

  /** In a schema of a peer, a keyword is a getter that counts: however a check goes about it, it has to look. */
  #define(copy: object, key: string, value: unknown): void {
    if (!this.#foreign) {
      own(copy, key, value);
      return;
    }
    const weight = DATA.has(key)
      ? sizeOf(value)
      : Array.isArray(value) || isRecord(value)
        ? Object.keys(value).length
        : 1;
    Object.defineProperty(copy, key, {
      enumerable: true,
      get: () => {
        const more = REFERENCES.has(key) ? this.#size : TEXTUAL.has(key) ? this.#longest / 16 : 0;
        this.#spend(weight + more);
        return value;
      },
    });
  }

  #weigh(value: unknown): void {
    this.#longest = 0;
    const open = [value];
    while (open.length > 0) {
      const one = open.pop();
      if (typeof one === "string") this.#longest = Math.max(this.#longest, one.length);
      else if (Array.isArray(one)) for (const inner of one) open.push(inner);
      else if (isRecord(one))
        for (const [name, inner] of Object.entries(one)) {
          this.#spend(this.#names * name.length ** this.#power);
          open.push(inner);
        }
    }
  }

  #spend(steps: number): void {
    this.#effort.left -= steps;
    if (this.#effort.left < 0) throw new EffortSpent("The check takes too many steps");
  }
}

/** A pattern as the validator wants it, that is matched by its program. */
class BoundedPattern extends RegExp {
  readonly #finds: (text: string) => boolean;

  constructor(source: string, finds: (text: string) => boolean) {
    super(source, "u");
    this.#finds = finds;
  }

  override test(text: string): boolean {
    return this.#finds(text);
  }
}

/** Plain assignment would set a prototype. */
function own(copy: object, key: string, value: unknown): void {
  Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true });
}

/** The pattern with one letter for each escape and each class. */
function plainOf(source: string): string {
  return source.replace(/\\./gsu, "e").replace(/\[[^\]]*\]/g, "c");
}

/** From its beginning, and with one choice of length at most: whatever the text is, little is tried. */
function isQuick(source: string): boolean {
  const plain = plainOf(source);
  return (
    plain.startsWith("^") &&
    !plain.includes("(") &&
    !plain.includes("|") &&
    quantifiersIn(plain) <= 1 &&
    !looksAround(source)
  );
}

function repeatsGroup(plain: string): boolean {
  return /\)[*+?{]/.test(plain);
}

function looksAround(source: string): boolean {
  return /\(\?<?[=!]|\\[1-9k]/.test(source.replace(/\\[^1-9k]/gsu, ""));
}

/** Places where a match can be shorter or longer. */
function quantifiersIn(plain: string): number {
  return plain.replace(/\(\?(?::|<[^>]*>)?/g, "(").match(/[*+?]|\{\d+,/g)?.length ?? 0;
}

function holdsPattern(value: unknown): boolean {
  const open = [value];
  while (open.length > 0) {
    const one = open.pop();
    if (isRecord(one) && (Object.hasOwn(one, "pattern") || Object.hasOwn(one, "patternProperties"))) return true;
    if (typeof one === "object" && one !== null) for (const inner of Object.values(one)) open.push(inner);
  }
  return false;
}

function sizeOf(value: unknown): number {
  let size = 0;
  const open = [value];
  while (open.length > 0) {
    const one = open.pop();
    size++;
    if (typeof one === "object" && one !== null) for (const inner of Object.values(one)) open.push(inner);
  }
  return size;
}

function unbounded(pointer: string, why: string): McpWireError {
  const problem = `The JSON Schema has a pattern that cannot be checked in bounded time, at ${pointer}: ${why}.`;
  return new McpWireError(
    "BAD_SCHEMA",
    problem,
    "Write the pattern in another way, or check the value in the handler.",
  );
}
