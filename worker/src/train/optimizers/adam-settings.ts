/**
 * What Adam and AdamW share: their settings and the bias corrections of a step.
 */
import type { TrainConfig } from '@bagfleet/proto';

export type AdamSettings = Pick<TrainConfig['optimizer'], 'betas' | 'epsilon' | 'weightDecay'>;

/** rate / (1 - β1^step), and 1 / √(1 - β2^step): epsilon is added after the correction, as PyTorch does. */
export function biasCorrections(
  [beta1, beta2]: AdamSettings['betas'],
  step: number,
  rate: number,
): { readonly stepSize: number; readonly squareScale: number } {
  return { stepSize: rate / (1 - beta1 ** step), squareScale: 1 / Math.sqrt(1 - beta2 ** step) };
}
