/**
 * Predictions for a list of bags, each computed once by the worker that the plan names, known to all after.
 * In: bag indices in manifest order. Out: loss, weight and logits per bag, in that order, on every worker.
 * A bag whose prediction is not finite is an error that names it, or is left out (train.poisonedBags: skip).
 */
import { BagfleetError, type StepPlan, slotsOf } from '@bagfleet/proto';
import { orAborted } from '../or-aborted.js';
import type { BagTurn } from './bag-turns.js';
import type { RunParts } from './run-parts.js';

export interface BagScore {
  readonly bag: number;
  readonly loss: number;
  readonly weight: number;
  /** [outputs], as float32 values. */
  readonly logits: readonly number[];
}

/** Each bag counts once (I1): a bag that came twice or not at all is an error that names it. */
export async function validationPass(
  parts: RunParts,
  plan: StepPlan,
  turn: BagTurn,
  outputs: number,
): Promise<BagScore[]> {
  const mine = await predictOwn(parts, plan, turn, outputs);
  const key = { epoch: plan.epoch, step: plan.step };
  const deadlineMs = parts.job.fleet.evaluationTimeout * 1000;
  const bytes = encodeScores(mine, outputs);
  const messages = await parts.collective.exchange(key, 'validation', bytes, deadlineMs);
  const scores = eachOnce(
    parts,
    plan,
    messages.flatMap((message) => decodeScores(message, outputs)),
  );
  return scores.filter((score) => allFinite(score) || leftOut(parts, plan, score));
}

async function predictOwn(
  { collective, compute, dataset, faults, signal }: RunParts,
  plan: StepPlan,
  turn: BagTurn,
  outputs: number,
): Promise<BagScore[]> {
  const mine: BagScore[] = [];
  for (const slot of slotsOf(plan, collective.rank)) {
    const bag = await turn(slot.bag);
    if (bag) {
      const { label } = dataset.manifest.bags[slot.bag];
      const predicted = compute.call('predict', { bag: { ...bag, label } });
      const { loss, weight, logits } = await orAborted(signal, predicted);
      mine.push({ bag: slot.bag, loss, weight, logits: Array.from(logits) });
    } else
      mine.push({ bag: slot.bag, loss: Number.NaN, weight: 1, logits: new Array<number>(outputs).fill(0) });
    if (mine.length === 1) await faults.at('evaluation', { epoch: plan.epoch, step: 0 });
  }
  return mine;
}

/** In the plan's order. */
function eachOnce({ dataset }: RunParts, plan: StepPlan, all: readonly BagScore[]): BagScore[] {
  const { bags } = dataset.manifest;
  const scores = new Map<number, BagScore>();
  for (const score of all) {
    if (scores.has(score.bag)) throw miscounted(bags[score.bag].id, 'twice');
    scores.set(score.bag, score);
  }
  return plan.slots.map((slot) => scores.get(slot.bag) ?? raise(miscounted(bags[slot.bag].id, 'not at all')));
}

function allFinite({ loss, logits }: BagScore): boolean {
  return [loss, ...logits].every(Number.isFinite);
}

/** Always false: the score does not count. */
function leftOut({ job, dataset, collective, reporter }: RunParts, plan: StepPlan, score: BagScore): boolean {
  const { id } = dataset.manifest.bags[score.bag];
  if (job.train.poisonedBags === 'fail') throw notFinite(id, score);
  if (collective.rank === 0)
    reporter.happened(
      'bag-skipped',
      `bag ${id} is left out of the validation of epoch ${plan.epoch}: its loss is ${score.loss}`,
    );
  return false;
}

/** One row of float64 per bag: bag, loss, weight, logits… */
function encodeScores(scores: readonly BagScore[], outputs: number): Uint8Array {
  const rows = new Float64Array(scores.length * (3 + outputs));
  for (const [i, { bag, loss, weight, logits }] of scores.entries())
    rows.set([bag, loss, weight, ...logits], i * (3 + outputs));
  return new Uint8Array(rows.buffer);
}

function decodeScores(bytes: Uint8Array, outputs: number): BagScore[] {
  // A copy of its own: what came over the wire may be an unaligned view of a larger buffer.
  const rows = new Float64Array(new Uint8Array(bytes).buffer);
  return Array.from({ length: rows.length / (3 + outputs) }, (_, i) => {
    const [bag, loss, weight, ...logits] = rows.subarray(i * (3 + outputs), (i + 1) * (3 + outputs));
    return { bag, loss, weight, logits };
  });
}

function miscounted(bagId: string, how: string): BagfleetError {
  return new BagfleetError('plan-mismatch', `was validated ${how}`, { culprit: `bag ${bagId}` });
}

function notFinite(bagId: string, { loss, logits }: BagScore): BagfleetError {
  return new BagfleetError('loss-not-finite', `validates with loss ${loss} and logits ${logits.join(', ')}`, {
    culprit: `bag ${bagId}`,
    hint: 'A lower learning rate or train.clipNorm keeps the parameters finite.',
  });
}

function raise(error: Error): never {
  throw error;
}
