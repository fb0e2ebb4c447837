/**
 * How good a checkpoint is on the hold-out, computed in this process.
 * In: a checkpoint, the hold-out. Out: its metrics on each bag once. It loads TensorFlow.
 */
import type { MetricValues } from '@bagfleet/proto';
import type { LocatedCheckpoint } from '@bagfleet/worker/checkpoint/locate-checkpoint';
import type { Dataset } from '@bagfleet/worker/data/load-manifest';

export async function scoreOnHoldOut(
  checkpoint: LocatedCheckpoint,
  holdOut: Dataset,
  signal: AbortSignal,
): Promise<MetricValues> {
  // Imported here: a night without anything new does without TensorFlow.
  const { loadPredictor } = await import('../cli/load-predictor.js');
  const { evaluateSplit } = await import('@bagfleet/worker/inference/evaluate-split');
  const { predictor } = await loadPredictor(checkpoint);
  try {
    const { scores } = await evaluateSplit({
      predictor,
      dataset: holdOut,
      split: 'test',
      fold: null,
      signal,
    });
    return scores.values;
  } finally {
    predictor.dispose();
  }
}
