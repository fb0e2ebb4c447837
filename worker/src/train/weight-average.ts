/**
 * The exponential moving average of the weights (`train.ema`): what is validated and predicted with.
 * It is part of the state like a moment, one more flat buffer; begun with the initial parameters, and moved after each
 * update as torch.optim.swa_utils.get_ema_multi_avg_fn does.
 */

/** Its name among the moments. */
export const WEIGHT_AVERAGE = 'ema';

/** average ← average + (1 - decay)·(parameters - average), in place; in float64, rounded once per entry. */
export function moveAverage(average: Float32Array, parameters: Float32Array, decay: number): void {
  const fresh = 1 - decay;
  for (let i = 0; i < average.length; i++) average[i] += fresh * (parameters[i] - average[i]);
}
