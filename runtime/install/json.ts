/**
 * Reads JSON that a stranger wrote, with the comments and trailing commas of configurations. What two readers could understand
 * differently is refused: a key that is there twice can show one command to the person and run another (SEC-45).
 */

import { McpWireError } from "../errors.js";
import { visibleText } from "../terminal/index.js";

export type JsonObject = { readonly [key: string]: JsonValue };
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** Longer than any configuration of good will, in characters. */
export const MAX_TEXT = 1_000_000;
const MAX_DEPTH = 32;

/** What cannot be read as an installation. */
export function unreadable(why: string, wayOut = "Ask whoever offers it to mend it.", cause?: unknown): McpWireError {
  return new McpWireError("BAD_INSTALLATION", `This is no installation that can be read: ${why}.`, wayOut, cause);
}

/** A text of a stranger in a message: what is hidden in it is written out. */
export function quoted(text: string): string {
  return `"${visibleText(text.length > 200 ? `${text.slice(0, 200)}…` : text)}"`;
}

/**
 * Reads a text. Objects have no prototype, so that no key means anything but itself.
 * @throws McpWireError `BAD_INSTALLATION`
 */
export function readJson(text: string): JsonValue {
  if (text.length > MAX_TEXT) throw unreadable(`it has more than ${MAX_TEXT} characters`);
  const reader = new Reader(text.replace(/^\uFEFF/, ""));
  return reader.document();
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const TOKEN = /[^\s,:{}[\]"/]+/y;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonValue {
    const value = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) throw this.#wrong("something follows its end");
    return value;
  }

  #value(depth: number): JsonValue {
    if (depth > MAX_DEPTH) throw this.#wrong(`it is nested more than ${MAX_DEPTH} deep`);
    this.#space();
    const first = this.#text[this.#at];
    if (first === "{") return this.#object(depth);
    if (first === "[") return this.#list(depth);
    if (first === '"') return this.#string();
    return this.#word();
  }

  #object(depth: number): JsonObject {
    const members: Record<string, JsonValue> = Object.create(null);
    this.#at++;
    while (!this.#closes("}")) {
      if (this.#text[this.#at] !== '"') throw this.#wrong("a key is missing");
      const key = this.#string();
      if (key === "__proto__") throw this.#wrong("it has the key __proto__");
      if (Object.hasOwn(members, key)) throw this.#wrong(`the key ${quoted(key)} is there twice`);
      this.#space();
      if (this.#text[this.#at] !== ":") throw this.#wrong("a colon is missing");
      this.#at++;
      members[key] = this.#value(depth + 1);
      this.#separator("}");
    }
    return members;
  }

  #list(depth: number): JsonValue[] {
    const items: JsonValue[] = [];
    this.#at++;
    while (!this.#closes("]")) {
      items.push(this.#value(depth + 1));
      this.#separator("]");
    }
    return items;
  }

  /** Whether the end is here; it is taken then. */
  #closes(end: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== end) return false;
    this.#at++;
    return true;
  }

  #separator(end: string): void {
    this.#space();
    const next = this.#text[this.#at];
    if (next === ",") this.#at++;
    else if (next !== end) throw this.#wrong("a comma is missing");
  }

  #string(): string {
    const start = this.#at;
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at];
      if (character === "\\") this.#at++;
      else if (character === '"') break;
    }
    this.#at++;
    try {
      return JSON.parse(this.#text.slice(start, this.#at)) as string;
    } catch {
      // Its own message quotes the text.
      this.#at = start;
      throw this.#wrong("a string is not written as JSON has it");
    }
  }

  #word(): JsonValue {
    TOKEN.lastIndex = this.#at;
    const word = TOKEN.exec(this.#text)?.[0] ?? "";
    const constants: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };
    if (!Object.hasOwn(constants, word) && !NUMBER.test(word)) throw this.#wrong("a value is missing");
    this.#at += word.length;
    return constants[word] === undefined ? Number(word) : constants[word];
  }

  /** Passes over what separates: space and comments. */
  #space(): void {
    for (;;) {
      const rest = this.#text.slice(this.#at, this.#at + 2);
      if (rest === "//") this.#skipTo("\n", 0);
      else if (rest === "/*") this.#skipTo("*/", 2);
      else if (/^[ \t\r\n]/.test(rest)) this.#at++;
      else return;
    }
  }

  #skipTo(end: string, length: number): void {
    const found = this.#text.indexOf(end, this.#at + 2);
    if (found === -1 && length > 0) throw this.#wrong("a comment does not end");
    this.#at = found === -1 ? this.#text.length : found + length;
  }

  #wrong(why: string): McpWireError {
    const line = this.#text.slice(0, this.#at).split("\n").length;
    return unreadable(`${why} (line ${line})`);
  }
}
