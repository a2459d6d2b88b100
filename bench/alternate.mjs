/**
 * Times several subjects in one run. Each has the machine for a block of batches, then the next one has it: a subject whose code
 * does not fit the processor's caches would otherwise leave the others cold at every batch, which no program does to them.
 */

import { summary } from "./stats.mjs";

/**
 * @typedef {object} Subject
 * @property {string} name
 * @property {() => unknown} prepare makes a batch, outside of the timing
 * @property {(batch: any) => number} run works on a batch and counts what went as it should
 */

/**
 * Nanoseconds per item of each subject.
 *
 * @param {readonly Subject[]} subjects
 * @param {{ items: number, warmup: number, blocks: number, batches: number, untimed: number }} plan items of a batch; blocks
 *   that are not counted, because the compiler is still at work; blocks that are; batches of a block, and how many of them, the
 *   first, are not counted, because the caches are still cold
 */
export function alternate(subjects, { items, warmup, blocks, batches, untimed }) {
  const times = new Map(subjects.map(({ name }) => [name, []]));
  for (let block = -warmup; block < blocks; block++) {
    for (const { name, prepare, run } of subjects) {
      for (let batch = 0; batch < batches; batch++) {
        const input = prepare();
        const start = process.hrtime.bigint();
        const good = run(input);
        const time = Number(process.hrtime.bigint() - start);
        if (good !== items) throw new Error(`${name}: ${good} of ${items} went as they should`);
        if (block >= 0 && batch >= untimed) times.get(name).push(time / items);
      }
    }
  }
  return Object.fromEntries([...times].map(([name, sample]) => [name, summary(sample)]));
}

/** How often the time of one subject goes into that of another: of the medians, and of the tenth percentiles. */
export function ratio(over, under) {
  return { low: over.low / under.low, median: over.median / under.median };
}
