/** Proofs that were seen, so that none counts twice. RFC 9449, 11.1; requirement DPOP-04. */

/** Where proofs are remembered; give one that all nodes share where there are several. */
export interface ReplayStore {
  /** True for the first that comes with this key; it is remembered until then, by `Date.now()`. */
  claim(key: string, untilMs: number): boolean | Promise<boolean>;
}

/**
 * Remembers in the memory of this process, in two halves: one that is filled, and one that was before.
 * Claiming throws an Error where `max` proofs came within `periodMs`: to forget one would let it come again.
 * @param periodMs how long a proof can be of use.
 */
export function createReplayMemory(periodMs: number, max: number): ReplayStore {
  let current = new Set<string>();
  let previous = new Set<string>();
  let turned = Date.now();
  const turn = (now: number): void => {
    if (now - turned < periodMs) return;
    previous = now - turned < 2 * periodMs ? current : new Set();
    current = new Set();
    turned = now;
  };
  return {
    claim(key) {
      turn(Date.now());
      if (current.has(key) || previous.has(key)) return false;
      if (current.size >= max) throw new Error(`${max} proofs came within ${Math.round(periodMs / 1_000)} s`);
      current.add(key);
      return true;
    },
  };
}
