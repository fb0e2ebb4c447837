/**
 * A validation: predictions of all validation bags, and what they score. In: the plan of the pass.
 * Out: metric values and threshold, the same on every worker.
 */
import { outputsOf, type StepPlan } from '@bagfleet/proto';
import { type BagPrefetch, nextBag } from '../data/prefetch.js';
import { type BagScores, scoreBags } from '../metrics/score-bags.js';
import type { RunParts } from './run-parts.js';
import { validationPass } from './validation-pass.js';

export async function validate(parts: RunParts, plan: StepPlan, stream: BagPrefetch): Promise<BagScores> {
  const { dataset, collective, compute, job, reporter } = parts;
  reporter.doing('validation', plan.epoch, 0);
  const { bags } = dataset.manifest;
  const outputs = outputsOf(dataset.manifest);
  const scores = await validationPass(
    { bags, collective, compute, outputs, nextBag: () => nextBag(stream) },
    plan,
  );
  const labelled = scores.map((score) => ({ ...score, label: bags[score.bag].label }));
  return scoreBags(labelled, {
    classes: dataset.manifest.classes.length,
    threshold: job.validation.threshold,
  });
}
