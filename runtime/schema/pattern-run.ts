/**
 * Runs the programs of patterns: all ways at once, one character after the other, so that no text makes it go back. The steps that one check
 * of a value may take are bounded. Requirement SEC-42.
 */

import type { Instruction, Program } from "./pattern-program.js";

/** The steps that are left to a check; patterns of one check share them. */
export interface Effort {
  left: number;
}

/** Thrown when a check would take too long. */
export class EffortSpent extends Error {}

/** Places in a program, each once, in a set that is emptied at no cost. */
class Places {
  readonly list: Int32Array;
  size = 0;
  readonly #seen: Int32Array;
  #round = 1;

  constructor(size: number) {
    this.list = new Int32Array(size);
    this.#seen = new Int32Array(size);
  }

  /** False where the place is there already. */
  add(place: number): boolean {
    if (this.#seen[place] === this.#round) return false;
    this.#seen[place] = this.#round;
    this.list[this.size++] = place;
    return true;
  }

  clear(): void {
    this.size = 0;
    this.#round++;
  }
}

interface Run {
  readonly text: string;
  readonly effort: Effort;
  /** What was seen ahead, by the program and the place in the text. */
  readonly seen: Map<Program, Map<number, boolean>>;
}

/** Whether a text has a match. @throws EffortSpent where there were not enough steps to find out. */
export function findsMatch(program: Program, text: string, effort: Effort): boolean {
  return search(program, { text, effort, seen: new Map() }, 0, false);
}

/** @param here whether a match has to begin at this place. */
function search(program: Program, run: Run, from: number, here: boolean): boolean {
  const { text } = run;
  let now = new Places(program.length);
  let next = new Places(program.length);
  for (let at = from; ; ) {
    if ((at === from || !here) && enter(program, 0, at, now, run)) return true;
    if (at >= text.length || (here && now.size === 0)) return false;
    const code = text.codePointAt(at) as number;
    const after = at + (code > 0xffff ? 2 : 1);
    spend(run.effort, now.size + 1);
    for (let index = 0; index < now.size; index++) {
      const place = now.list[index] as number;
      const instruction = program[place] as Instruction;
      if (instruction.kind === "take" && instruction.fits(code) && enter(program, place + 1, after, next, run))
        return true;
    }
    [now, next] = [next, now];
    next.clear();
    at = after;
  }
}

/** Adds a place and all that it leads to without taking anything; true where that is the end. */
function enter(program: Program, first: number, at: number, places: Places, run: Run): boolean {
  const open = [first];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (!places.add(place)) continue;
    spend(run.effort, 1);
    const instruction = program[place] as Instruction;
    switch (instruction.kind) {
      case "found":
        return true;
      case "fork":
        open.push(...instruction.to);
        break;
      case "jump":
        open.push(instruction.to);
        break;
      case "assert":
        if (isThere(instruction.what, run.text, at)) open.push(place + 1);
        break;
      case "look":
        if (isAhead(instruction.program, run, at) !== instruction.negative) open.push(place + 1);
    }
  }
  return false;
}

function spend(effort: Effort, steps: number): void {
  effort.left -= steps;
  if (effort.left < 0) throw new EffortSpent("A pattern takes too many steps");
}

function isAhead(program: Program, run: Run, at: number): boolean {
  let known = run.seen.get(program);
  if (known === undefined) {
    known = new Map();
    run.seen.set(program, known);
  }
  const before = known.get(at);
  if (before !== undefined) return before;
  const found = search(program, run, at, true);
  known.set(at, found);
  return found;
}

function isThere(what: "start" | "end" | "edge" | "inside", text: string, at: number): boolean {
  if (what === "start") return at === 0;
  if (what === "end") return at === text.length;
  return (isWord(text[at - 1]) !== isWord(text[at])) === (what === "edge");
}

function isWord(char: string | undefined): boolean {
  return char !== undefined && /^\w$/.test(char);
}
