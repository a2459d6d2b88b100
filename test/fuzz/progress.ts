/** How far a worker is, in memory that its watcher can read while the worker is busy. */

const FIELDS = ["batch", "run", "runs", "beganAt", "beganCpu", "maxMs"] as const;
type Field = (typeof FIELDS)[number];

export type Progress = { [field in Field]: number };

/** Shares one number a field. A run of -1 is one of the corpus. */
export function openProgress(memory: SharedArrayBuffer): Progress {
  const numbers = new Float64Array(memory);
  const progress = {} as Progress;
  for (const [index, field] of FIELDS.entries())
    Object.defineProperty(progress, field, {
      get: () => numbers[index],
      set: (value: number) => {
        numbers[index] = value;
      },
    });
  return progress;
}

export function createMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(FIELDS.length * Float64Array.BYTES_PER_ELEMENT);
}

/** Milliseconds of the processor that this process has used; a machine that is busy with others must not make a run look slow. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** What a run cost that began then: never more than the time that went by, nor than the work that was done. */
export function costSince({ beganAt, beganCpu }: Progress): number {
  return Math.min(Date.now() - beganAt, cpuMs() - beganCpu);
}

/** The seed of a batch of runs: batches of one seed differ, and can be run again alone. */
export function seedOf(seed: number, batch: number): number {
  return (seed + Math.imul(batch, 0x9e3779b1)) | 0;
}
