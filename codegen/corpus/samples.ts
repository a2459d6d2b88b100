/** Samples: for a definition, values that fit and values that do not, all of them expressible as JSON. */

import { GeneratorError } from "../errors.js";
import type { Model } from "../model.js";
import { violationsOf } from "./invalid.js";
import { variantsOf } from "./valid.js";

export interface Samples {
  /** The smallest value first. */
  readonly valid: readonly unknown[];
  /** Empty where the definition accepts everything. */
  readonly invalid: readonly unknown[];
}

/** Samples already made: every definition lends parts to the mutations of the others, so each is asked for more than once. */
const known = new WeakMap<Model, Map<string, Samples>>();

/**
 * Samples of one definition, the same on every run. Values may share parts with each other: copy before changing one.
 *
 * @throws GeneratorError `UNKNOWN_REFERENCE` where the model has no such definition.
 */
export function samplesOf(model: Model, definition: string): Samples {
  if (!Object.hasOwn(model.definitions, definition)) {
    throw new GeneratorError("UNKNOWN_REFERENCE", `revision ${model.revision} has no definition ${definition}`);
  }
  const ofModel = known.get(model) ?? new Map<string, Samples>();
  known.set(model, ofModel);
  const samples = ofModel.get(definition) ?? makeSamples(model, definition);
  ofModel.set(definition, samples);
  return samples;
}

function makeSamples(model: Model, definition: string): Samples {
  const shape = { kind: "ref", name: definition } as const;
  return {
    valid: distinct(variantsOf(shape, model.definitions)),
    invalid: distinct(violationsOf(shape, model.definitions)),
  };
}

function distinct(values: readonly unknown[]): readonly unknown[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value] as const)).values()];
}
