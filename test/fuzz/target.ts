/** What one fuzz target is: which inputs there are, and what must hold for each of them. */

import type fc from "fast-check";

export interface Target<T = unknown> {
  readonly name: string;
  /** Inputs can be said in JSON, so that what fails can be kept as a file and read by people. */
  readonly inputs: fc.Arbitrary<T>;
  /** Inputs that are always run, before the random ones: what went wrong elsewhere, and what is odd. */
  readonly corpus: readonly T[];
  /** Throws, or rejects, where the input shows a fault. What it opens it closes. */
  run(input: T): void | Promise<void>;
  /** Ends what the module keeps open for all runs. */
  end?(): Promise<void>;
}

/** Keeps the type of the inputs between the members of a target. */
export function defineTarget<T>(target: Target<T>): Target {
  return target as Target;
}

/** Fails where two values are not the same as JSON. */
export function same(found: unknown, expected: unknown, what: string): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
  if (one !== other) throw new Error(`${what}: ${one?.slice(0, 2_000)}, expected ${other?.slice(0, 2_000)}`);
}

export function holds(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

/** The input in a file of the corpus. */
export function inputOf(text: string): unknown {
  return (JSON.parse(text) as { readonly input: unknown }).input;
}
