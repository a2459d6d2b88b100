/** Runs one target for its time, in a thread of its own: whoever watches it can report a run that never ends. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import fc from "fast-check";
import { costSince, cpuMs, openProgress, type Progress, seedOf } from "./progress.js";
import { inputOf, type Target } from "./target.js";
import { targets } from "./targets.js";

/** What a worker is told. */
export interface Task {
  readonly target: string;
  readonly seconds: number;
  readonly seed: number;
  readonly memory: SharedArrayBuffer;
  /** The files of earlier failures. */
  readonly kept: readonly string[];
}

/** What a worker says at its end. */
export interface Outcome {
  /** Mebibytes of the heap after a collection, over the time. */
  readonly heap: readonly number[];
  readonly failure?: Failure;
}

export interface Failure {
  /** How to run it again. */
  readonly seed: number;
  readonly path: string;
  /** As JSON. */
  readonly input: string;
  readonly error: string;
}

/** No single run may take longer. */
const MAX_MS = 1_000;
const BATCH = 200;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const stray: unknown[] = [];
process.on("unhandledRejection", (reason) => stray.push(reason));
process.on("uncaughtException", (error) => stray.push(error));

const task = workerData as Task;
const outcome = await work(task, openProgress(task.memory));
parentPort?.postMessage(outcome);

async function work({ target: name, seconds, seed, kept }: Task, progress: Progress): Promise<Outcome> {
  const target = targets.find((one) => one.name === name);
  if (target === undefined) throw new Error(`There is no target ${name}.`);
  const heap: number[] = [];
  const end = Date.now() + seconds * 1_000;
  let nextSample = 0;
  try {
    for (const input of [...target.corpus, ...kept.map(inputOf)]) {
      try {
        await runOne(target, input, progress);
      } catch (error) {
        return { heap, failure: { seed, path: "", input: JSON.stringify(input), error: textOf(error) } };
      }
    }
    while (Date.now() < end) {
      const failure = await runBatch(target, seedOf(seed, progress.batch), progress);
      if (failure !== undefined) return { heap, failure };
      progress.batch++;
      if (Date.now() < nextSample) continue;
      nextSample = Date.now() + (seconds * 1_000) / 20;
      heap.push(await heapNow());
    }
    return { heap };
  } finally {
    await target.end?.();
  }
}

async function runBatch(target: Target, seed: number, progress: Progress): Promise<Failure | undefined> {
  progress.run = 0;
  const property = fc.asyncProperty(target.inputs, async (input) => {
    await runOne(target, input, progress);
    progress.run++;
  });
  const details = await fc.check(property, { seed, numRuns: BATCH, interruptAfterTimeLimit: 600_000 });
  if (!details.failed) return undefined;
  const { counterexamplePath, counterexample, errorInstance } = details;
  const [input] = counterexample ?? [];
  return { seed, path: counterexamplePath ?? "", input: JSON.stringify(input), error: textOf(errorInstance) };
}

/** @throws what the target throws, what went astray meanwhile, or that it took too long. */
async function runOne(target: Target, input: unknown, progress: Progress): Promise<void> {
  progress.runs++;
  let cost = await costOf(target, input, progress);
  // A machine that is busy, or the collector, may be what took so long.
  for (let again = 0; again < 2 && cost > MAX_MS; again++) cost = Math.min(cost, await costOf(target, input, progress));
  progress.maxMs = Math.max(progress.maxMs, cost);
  // What nobody waits for shows itself in a later turn.
  await new Promise((resolve) => setImmediate(resolve));
  const [first] = stray.splice(0);
  if (first !== undefined) throw new Error("Something was thrown to nobody", { cause: first });
  if (cost > MAX_MS) throw new Error(`It took ${Math.round(cost)} ms`);
}

async function costOf(target: Target, input: unknown, progress: Progress): Promise<number> {
  progress.beganCpu = cpuMs();
  progress.beganAt = Date.now();
  await target.run(input);
  return costSince(progress);
}

async function heapNow(): Promise<number> {
  for (let round = 0; round < 2; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 2 ** 20;
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `\nCause: ${error.cause.stack}` : "";
  return `${error.stack ?? error.message}${cause}`;
}
