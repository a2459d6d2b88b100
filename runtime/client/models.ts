/** Which model answers a server that only has wishes. Sampling, model preferences; requirements SAMP-16, SAMP-17. */

import type { ModelPreferences } from "../../generated/neutral/types.js";

/** A model that a provider has. Ratings go from 0 to 1, and more is better: cheaper, faster, more able. */
export interface ModelInfo {
  readonly name: string;
  readonly ratings?: { readonly cost?: number; readonly speed?: number; readonly intelligence?: number };
}

/**
 * Chooses a model: the first hint that is part of a name decides, then among those that are left the priorities, then the order.
 * `undefined` where there is none at all.
 */
export function chooseModel(models: readonly ModelInfo[], preferences: ModelPreferences = {}): string | undefined {
  const { hints = [], costPriority = 0, speedPriority = 0, intelligencePriority = 0 } = preferences;
  const hinted = hints
    .map(({ name }) => models.filter((model) => name !== undefined && model.name.includes(name)))
    .find((matching) => matching.length > 0);
  const score = ({ ratings = {} }: ModelInfo): number =>
    (ratings.cost ?? 0) * costPriority +
    (ratings.speed ?? 0) * speedPriority +
    (ratings.intelligence ?? 0) * intelligencePriority;
  const [best] = (hinted ?? models).toSorted((one, other) => score(other) - score(one));
  return best?.name;
}
