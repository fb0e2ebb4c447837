/**
 * A validation: predictions of all validation bags, and what they score. In: the plan of the pass and the bags of
 * this worker in that order. Out: metric values and threshold, the same on every worker.
 */
import { outputsOf, type StepPlan } from '@bagfleet/proto';
import { type BagScores, scoreBags } from '../metrics/score-bags.js';
import type { BagTurn } from './bag-turns.js';
import type { RunParts } from './run-parts.js';
import { validationPass } from './validation-pass.js';

export interface PlannedPass {
  readonly plan: StepPlan;
  readonly turn: BagTurn;
}

export async function validate(parts: RunParts, { plan, turn }: PlannedPass): Promise<BagScores> {
  const { dataset, job, reporter } = parts;
  reporter.doing('validation', plan.epoch, 0);
  const { bags, classes } = dataset.manifest;
  const scores = await validationPass(parts, plan, turn, outputsOf(dataset.manifest));
  const labelled = scores.map((score) => ({ ...score, label: bags[score.bag].label }));
  return scoreBags(labelled, { classes: classes.length, threshold: job.validation.threshold });
}
