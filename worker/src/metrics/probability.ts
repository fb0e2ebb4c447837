/**
 * From logits to probabilities, in float64 and without overflow for any finite logit.
 * In: what a model returns. Out: what metrics, predictions and reports use.
 */

/** Logistic function of one logit: 0 … 1. */
export function sigmoid(logit: number): number {
  if (logit >= 0) return 1 / (1 + Math.exp(-logit));
  const small = Math.exp(logit);
  return small / (1 + small);
}

/** [K] logits → [K] probabilities that sum to 1 up to rounding. */
export function softmax(logits: ArrayLike<number>): Float64Array {
  const out = Float64Array.from(logits);
  const largest = out.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
  let sum = 0;
  for (let k = 0; k < out.length; k++) {
    out[k] = Math.exp(out[k] - largest);
    sum += out[k];
  }
  return out.map((part) => part / sum);
}
