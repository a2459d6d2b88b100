/**
 * The corpus of a revision: for every definition, labelled values to test an implementation with. Deterministic: the same model,
 * seed and options give the same values in the same order.
 */

import type { Model } from "../model.js";
import { accepts } from "./accepts.js";
import { type MutateOptions, mutate } from "./mutate.js";
import { createRandom, seedFrom } from "./random.js";
import { type Samples, samplesOf } from "./samples.js";
import { spread } from "./valid.js";

export interface CorpusOptions {
  /** One definition instead of all. */
  readonly definition?: string;
  /** At most this many valid and this many invalid samples of a definition; all of them if absent. */
  readonly samples?: number;
  /** Mutations of a definition's samples; none if absent. */
  readonly mutations?: number;
  readonly seed?: number;
  /** Keep mutations to what JSON can say; true if absent. */
  readonly json?: boolean;
}

export interface CorpusEntry {
  readonly definition: string;
  /** Whether the definition accepts the value. */
  readonly valid: boolean;
  readonly value: unknown;
}

/** Donors taken from each definition for mutations of the others. */
const DONORS_PER_DEFINITION = 3;

/** @throws GeneratorError `UNKNOWN_REFERENCE` where the model has no such definition. */
export function* corpusOf(model: Model, options: CorpusOptions = {}): Generator<CorpusEntry> {
  const { mutations = 0, samples: limit = Number.POSITIVE_INFINITY, seed = 1, json = true } = options;
  const names = options.definition === undefined ? Object.keys(model.definitions) : [options.definition];
  const donors = mutations > 0 ? donorsOf(model) : [];
  for (const definition of names) {
    const samples = samplesOf(model, definition);
    for (const value of spread(samples.valid, limit)) yield { definition, valid: true, value };
    for (const value of spread(samples.invalid, limit)) yield { definition, valid: false, value };
    const random = createRandom(seedFrom(definition, seed));
    yield* mutationsOf(model, definition, samples, mutations, random, { donors, json });
  }
}

function* mutationsOf(
  model: Model,
  definition: string,
  { valid, invalid }: Samples,
  count: number,
  random: ReturnType<typeof createRandom>,
  options: MutateOptions,
): Generator<CorpusEntry> {
  const shape = { kind: "ref", name: definition } as const;
  for (let index = 0; index < count; index++) {
    // Mostly from valid values: what is wrong already seldom gets right, and never gets wrong in a new way.
    const source = random.below(8) === 0 && invalid.length > 0 ? invalid : valid;
    const value = mutate(random.pick(source), random, options);
    yield { definition, valid: accepts(shape, value, model.definitions), value };
  }
}

function donorsOf(model: Model): readonly unknown[] {
  return Object.keys(model.definitions).flatMap((definition) =>
    spread(samplesOf(model, definition).valid, DONORS_PER_DEFINITION),
  );
}
