/**
 * What a model says of single instances whose labels are known.
 * In: predictions. Out: per bag with instance labels a score per instance, and from which score on one is called positive.
 *
 * Logits of instances count where there is one of them: positive from 0 on. Else attention does, as a multiple of an
 * equal share, so that bags of different sizes compare: positive where it is above an equal share.
 */
import type { JudgedBag } from '../metrics/evaluate-instances.js';
import type { LabelledPrediction } from './predictor.js';

export function judgedInstances(predictions: readonly LabelledPrediction[]): JudgedBag[] {
  return predictions.flatMap(({ instanceLabels, instanceLogits, attention }) => {
    if (!instanceLabels) return [];
    const labels = Uint8Array.from(instanceLabels, (label) => (label > 0 ? 1 : 0));
    if (instanceLogits?.length === labels.length) return [{ labels, scores: instanceLogits, threshold: 0 }];
    if (!attention) return [];
    return [{ labels, scores: attention.map((share) => share * labels.length), threshold: 1 }];
  });
}
