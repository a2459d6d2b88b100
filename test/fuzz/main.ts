/**
 * `npm run fuzz -- [target …] [--seconds N] [--seed S] [--path P]`: random and hostile inputs for every reader of what peers say. A run that
 * throws, leaves a rejection to nobody, takes over a second or never ends is reported with its seed and its input, and kept in `corpus`;
 * so is a heap that grows.
 */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { costSince, createMemory, openProgress, type Progress, seedOf } from "./progress.js";
import { inputOf, type Target } from "./target.js";
import { targets } from "./targets.js";
import type { Failure, Outcome, Task } from "./worker.js";

const CORPUS = join("test", "fuzz", "corpus");
/** A run that used the processor for so long hangs; one that waits for so long waits for nothing. */
const HANG_CPU_MS = 3_000;
const HANG_MS = 60_000;
/** Mebibytes by which the heap may differ between the beginning and the end of a run, for code that is compiled and caches that fill. */
const MAX_GROWTH = 16;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string" }, seed: { type: "string" }, path: { type: "string" } },
});
const seconds = numberOf("seconds", values.seconds) ?? 4;
const seed = numberOf("seed", values.seed) ?? Math.floor(Math.random() * 2 ** 31);
const chosen = positionals.length === 0 ? targets : positionals.map(targetNamed);
if (values.path !== undefined) await again(chosen, values.path);
else
  for (const target of chosen) {
    if (!(await fuzz(target))) process.exitCode = 1;
  }

/** Fuzzes one target; false where something was found. */
async function fuzz(target: Target): Promise<boolean> {
  const memory = createMemory();
  const progress = openProgress(memory);
  const began = Date.now();
  const kept = keptInputs(target);
  const failure = await watch({ target: target.name, seconds, seed, memory, kept }, target, progress);
  const spent = ((Date.now() - began) / 1_000).toFixed(1);
  const heap = "heap" in failure ? failure.heap : [];
  const growth = growthOf(heap);
  const figures = `${progress.runs} runs in ${spent} s, longest ${progress.maxMs.toFixed(0)} ms, heap ${growth === undefined ? "not measured" : `${growth >= 0 ? "+" : ""}${growth.toFixed(1)} MiB`}`;
  const found = "failure" in failure ? failure.failure : undefined;
  if (found === undefined && (growth ?? 0) <= MAX_GROWTH) {
    console.log(`${target.name}: ${figures}, seed ${seed}`);
    return true;
  }
  console.error(`${target.name}: FAILED after ${figures}, seed ${seed}`);
  if (found === undefined) console.error(`The heap grows: ${heap.map((size) => size.toFixed(1)).join(", ")} MiB`);
  else keep(target, found);
  return false;
}

type Watched = Outcome | { readonly failure: Failure };

/** Runs a task, and ends it where one of its runs does not end. */
function watch(task: Task, target: Target, progress: Progress): Promise<Watched> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./worker.js", import.meta.url), { workerData: task });
    let runs = -1;
    let over = false;
    const stop = (outcome: Watched): void => {
      if (over) return;
      over = true;
      clearInterval(timer);
      void worker.terminate().then(() => resolve(outcome));
    };
    const timer = setInterval(() => {
      if (progress.runs === 0 || progress.runs !== runs) {
        runs = progress.runs;
        return;
      }
      const waited = Date.now() - progress.beganAt;
      if (costSince(progress) < HANG_CPU_MS && waited < HANG_MS) return;
      stop({ failure: unended(task, target, progress, `It hangs: ${waited} ms and no end`) });
    }, 250);
    worker.on("message", (outcome: Outcome) => stop(outcome));
    worker.on("error", (error) => {
      clearInterval(timer);
      reject(error);
    });
    // A run that waits for what cannot come leaves its thread with nothing to do.
    worker.on("exit", () => stop({ failure: unended(task, target, progress, "It waits for what never comes") }));
  });
}

/** The input of a run that does not end is made again from its seed. */
function unended(task: Task, target: Target, { batch, run, runs }: Progress, error: string): Failure {
  const always = [...target.corpus, ...task.kept.map(inputOf)];
  if (runs <= always.length) return { seed, path: "", input: JSON.stringify(always[runs - 1]), error };
  const own = seedOf(seed, batch);
  const inputs = fc.sample(target.inputs, { seed: own, numRuns: run + 1 });
  return { seed: own, path: String(run), input: JSON.stringify(inputs.at(-1)), error };
}

/** Runs one input of a seed again, in this thread, for a debugger. */
async function again(targetsOfIt: readonly Target[], path: string): Promise<void> {
  for (const target of targetsOfIt) {
    const property = fc.asyncProperty(target.inputs, async (input) => target.run(input));
    await fc.assert(property, { seed, path, endOnFailure: true });
    await target.end?.();
    console.log(`${target.name}: seed ${seed}, path ${path}: nothing found`);
  }
}

/** From the median of the first quarter after the first one to that of the last: what is compiled at first is no growth. */
function growthOf(heap: readonly number[]): number | undefined {
  if (heap.length < 4) return undefined;
  const quarter = Math.max(1, Math.floor(heap.length / 4));
  const median = (part: readonly number[]): number => [...part].sort((a, b) => a - b)[part.length >> 1] ?? 0;
  return median(heap.slice(-quarter)) - median(heap.slice(quarter, 2 * quarter));
}

function keptInputs({ name }: Target): string[] {
  const folder = join(CORPUS, name);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));
}

function keep({ name }: Target, { seed: own, path, input, error }: Failure): void {
  const text = `{ "error": ${JSON.stringify(error.split("\n", 1)[0]?.slice(0, 200))}, "input": ${input} }\n`;
  const folder = join(CORPUS, name);
  const file = join(folder, `${createHash("sha256").update(input).digest("hex").slice(0, 12)}.json`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, text);
  console.error(`Input: ${input.slice(0, 4_000)}\n${error}\nIt is kept in ${file}.`);
  if (path !== "") console.error(`Again: npm run fuzz -- ${name} --seed ${own} --path ${path}`);
}

function targetNamed(name: string): Target {
  const target = targets.find((one) => one.name === name);
  if (target !== undefined) return target;
  console.error(`There is no target ${name}. There are ${targets.map((one) => one.name).join(", ")}.`);
  process.exit(2);
}

function numberOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined || Number.isFinite(Number(text))) return text === undefined ? undefined : Number(text);
  console.error(`--${flag} takes a number, not ${JSON.stringify(text)}.`);
  process.exit(2);
}
