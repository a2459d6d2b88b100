/** A seeded source of numbers, so that a corpus is the same on every machine and every run. */

export interface Random {
  /** A number in [0, 1). */
  readonly next: () => number;
  /** An integer in [0, limit). */
  readonly below: (limit: number) => number;
  /** One of the items; the list must not be empty. */
  readonly pick: <T>(items: readonly T[]) => T;
}

/**
 * A generator of 32-bit state: a Weyl sequence, each step scrambled by multiplications and shifts. Good enough to choose test
 * values, and no more than that.
 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let bits = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
    return ((bits ^ (bits >>> 16)) >>> 0) / 0x1_0000_0000;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { next, below, pick: <T>(items: readonly T[]): T => items[below(items.length)] as T };
}

/** A seed from a text, so that each definition has numbers of its own whatever was generated before it. */
export function seedFrom(text: string, seed: number): number {
  let hash = (seed ^ 0x811c9dc5) >>> 0;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return hash;
}
