/**
 * Reads a pattern of JSON Schema (ECMA-262 with Unicode) into a program that can be run in bounded time, whatever the pattern and the text
 * are: see `pattern-run.ts`. References back and looking behind have no such program. Requirement SEC-42.
 */

/** What a program does at one place. */
export type Instruction =
  /** Takes one character. */
  | { readonly kind: "take"; readonly fits: (code: number) => boolean }
  /** Goes on in both places. */
  | { readonly kind: "fork"; readonly to: readonly [number, number] }
  | { readonly kind: "jump"; readonly to: number }
  /** Goes on where it holds, and takes nothing. */
  | { readonly kind: "assert"; readonly what: "start" | "end" | "edge" | "inside" }
  /** Goes on where a program would, or would not, find something from here. */
  | { readonly kind: "look"; readonly program: Program; readonly negative: boolean }
  | { readonly kind: "found" };

export type Program = readonly Instruction[];

/** Larger programs are not made: `(a{999}){999}` is a short pattern. */
const MAX_SIZE = 20_000;
const MAX_DEPTH = 200;

type Node =
  | { readonly kind: "leaf"; readonly instruction: Instruction }
  | { readonly kind: "all" | "any"; readonly nodes: readonly Node[] }
  | { readonly kind: "repeat"; readonly node: Node; readonly min: number; readonly max: number };

class Unsupported extends Error {}

/** The program of a pattern that is known to be one; `undefined` where it has none. */
export function programOf(source: string): Program | undefined {
  try {
    return new Reader(source).program();
  } catch (error) {
    if (error instanceof Unsupported) return undefined;
    throw error;
  }
}

class Reader {
  readonly #source: string;
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
  }

  program(): Program {
    const node = this.#alternatives();
    if (this.#at < this.#source.length) throw new Unsupported();
    return compile(node);
  }

  #alternatives(): Node {
    if (++this.#depth > MAX_DEPTH) throw new Unsupported();
    const branches: Node[] = [this.#sequence()];
    while (this.#take("|")) branches.push(this.#sequence());
    this.#depth--;
    return branches.length === 1 ? (branches[0] as Node) : { kind: "any", nodes: branches };
  }

  #sequence(): Node {
    const nodes: Node[] = [];
    while (this.#at < this.#source.length && !"|)".includes(this.#source[this.#at] as string))
      nodes.push(this.#quantified(this.#atom()));
    return { kind: "all", nodes };
  }

  #atom(): Node {
    if (this.#take("^")) return leaf({ kind: "assert", what: "start" });
    if (this.#take("$")) return leaf({ kind: "assert", what: "end" });
    if (this.#take("\\b")) return leaf({ kind: "assert", what: "edge" });
    if (this.#take("\\B")) return leaf({ kind: "assert", what: "inside" });
    if (this.#take("(")) return this.#group();
    const start = this.#at;
    if (this.#source[start] === "[") this.#skipClass();
    else if (this.#source[start] === "\\") this.#skipEscape();
    else this.#at += String.fromCodePoint(this.#source.codePointAt(start) as number).length;
    return leaf({ kind: "take", fits: fitting(this.#source.slice(start, this.#at)) });
  }

  #group(): Node {
    const negative = this.#take("?!");
    if (negative || this.#take("?=")) {
      const program = compile(this.#closed());
      return leaf({ kind: "look", program, negative });
    }
    if (this.#take("?<")) {
      // A name; looking behind would have another sign here.
      const end = this.#source.indexOf(">", this.#at);
      if ("=!".includes(this.#source[this.#at] as string) || end < 0) throw new Unsupported();
      this.#at = end + 1;
    } else if (this.#take("?") && !this.#take(":")) throw new Unsupported();
    return this.#closed();
  }

  #closed(): Node {
    const node = this.#alternatives();
    if (!this.#take(")")) throw new Unsupported();
    return node;
  }

  #quantified(node: Node): Node {
    let bounds: readonly [number, number] | undefined;
    if (this.#take("*")) bounds = [0, Number.POSITIVE_INFINITY];
    else if (this.#take("+")) bounds = [1, Number.POSITIVE_INFINITY];
    else if (this.#take("?")) bounds = [0, 1];
    else if (this.#source[this.#at] === "{") {
      const end = this.#source.indexOf("}", this.#at);
      const [min = "", max] = this.#source.slice(this.#at + 1, end).split(",");
      bounds = [Number(min), max === undefined ? Number(min) : max === "" ? Number.POSITIVE_INFINITY : Number(max)];
      this.#at = end + 1;
    }
    if (bounds === undefined) return node;
    // Whether it takes much or little first makes no difference to whether there is a match.
    this.#take("?");
    const [min, max] = bounds;
    if (min > MAX_SIZE || (max !== Number.POSITIVE_INFINITY && max > MAX_SIZE)) throw new Unsupported();
    return { kind: "repeat", node, min, max };
  }

  #skipClass(): void {
    for (this.#at++; this.#source[this.#at] !== "]"; this.#at++) {
      if (this.#at >= this.#source.length) throw new Unsupported();
      if (this.#source[this.#at] === "\\") this.#at++;
    }
    this.#at++;
  }

  #skipEscape(): void {
    const rest = this.#source.slice(this.#at, this.#at + 64);
    const long =
      /^\\(?:u\{[^}]*\}|u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|u[\da-fA-F]{4}|x[\da-fA-F]{2}|c[a-zA-Z]|[pP]\{[^}]*\}|[^1-9k])/su.exec(
        rest,
      );
    if (long === null) throw new Unsupported();
    this.#at += long[0].length;
  }

  #take(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }
}

function leaf(instruction: Instruction): Node {
  return { kind: "leaf", instruction };
}

/** Whether one character fits: on one, the platform's own expressions cannot take long. What they say of ASCII is kept. */
function fitting(source: string): (code: number) => boolean {
  const own = new RegExp(`^${source}$`, "u");
  const known = new Uint8Array(128);
  return (code) => {
    const said = known[code];
    if (said === 1 || said === 2) return said === 1;
    const fits = own.test(String.fromCodePoint(code));
    if (code < known.length) known[code] = fits ? 1 : 2;
    return fits;
  };
}

function compile(node: Node): Program {
  const program: Instruction[] = [];
  write(node, program);
  program.push({ kind: "found" });
  return program;
}

function write(node: Node, program: Instruction[]): void {
  if (program.length > MAX_SIZE) throw new Unsupported();
  switch (node.kind) {
    case "leaf":
      program.push(node.instruction);
      return;
    case "all":
      for (const inner of node.nodes) write(inner, program);
      return;
    case "any":
      writeAny(node.nodes, program);
      return;
    case "repeat":
      writeRepeat(node.node, node.min, node.max, program);
  }
}

function writeAny(nodes: readonly Node[], program: Instruction[]): void {
  const ends: number[] = [];
  for (const [index, inner] of nodes.entries()) {
    const isLast = index === nodes.length - 1;
    const fork = program.length;
    if (!isLast) program.push({ kind: "found" });
    write(inner, program);
    if (isLast) break;
    ends.push(program.length);
    program.push({ kind: "found" });
    program[fork] = { kind: "fork", to: [fork + 1, program.length] };
  }
  for (const end of ends) program[end] = { kind: "jump", to: program.length };
}

function writeRepeat(node: Node, min: number, max: number, program: Instruction[]): void {
  for (let times = 0; times < min; times++) write(node, program);
  const begin = program.length;
  if (max === Number.POSITIVE_INFINITY) {
    program.push({ kind: "found" });
    write(node, program);
    program.push({ kind: "jump", to: begin });
    program[begin] = { kind: "fork", to: [begin + 1, program.length] };
    return;
  }
  const forks: number[] = [];
  for (let times = min; times < max; times++) {
    forks.push(program.length);
    program.push({ kind: "found" });
    write(node, program);
  }
  for (const fork of forks) program[fork] = { kind: "fork", to: [fork + 1, program.length] };
}
