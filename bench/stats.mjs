/** Order statistics of a sample: the machine is noisy, so no figure of the benchmarks is a mean. */

/** The value below which a share of the sample lies. */
function quantile(sample, share) {
  const sorted = sample.toSorted((left, right) => left - right);
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const [low, high] = [sorted[below], sorted[Math.ceil(place)]];
  return low + (high - low) * (place - below);
}

/** Median with spread, and the tenth percentile: the time with little disturbance by others. */
export function summary(sample) {
  return {
    low: quantile(sample, 0.1),
    median: quantile(sample, 0.5),
    high: quantile(sample, 0.9),
    samples: sample.length,
  };
}
