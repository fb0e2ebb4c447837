/**
 * Classes behind a model's outputs: two have one logit.
 */

export function classCount(outputs: number): number {
  return outputs === 1 ? 2 : outputs;
}
