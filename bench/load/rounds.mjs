/** Asynchronous subjects by turns: one has the machine for a block, then the next. What the blocks gave is summed up by order. */

import { summary } from "../stats.mjs";

/**
 * @param {Record<string, () => Promise<number>>} subjects name → one block, which gives its figure
 * @param {{ warmup: number, blocks: number }} plan blocks that are not counted, and blocks that are
 */
export async function byTurns(subjects, { warmup, blocks }) {
  const names = Object.keys(subjects);
  const figures = Object.fromEntries(names.map((name) => [name, []]));
  for (let block = -warmup; block < blocks; block++) {
    // Every other round goes the other way, so that nobody always follows the same neighbour.
    for (const name of block % 2 === 0 ? names : names.toReversed()) {
      const figure = await subjects[name]();
      if (block >= 0) figures[name].push(figure);
    }
  }
  return figures;
}

/** How often the figure of one goes into that of another, of each round for itself: disturbances hit both sides of a round. */
export function perRound(over, under) {
  const { low, median, high } = summary(over.map((value, round) => value / under[round]));
  return { low, median, high };
}
