/**
 * Predictions for a list of bags, each computed once by the worker that the plan names, known to all after.
 * In: bag indices in manifest order. Out: loss, weight and logits per bag, in that order, on every worker.
 */
import { type BagEntry, BagfleetError, type StepPlan, slotsOf } from '@bagfleet/proto';
import type { Collective } from '../collective/collective.js';
import type { Bag } from '../data/bag.js';
import type { ComputeClient } from '../engine/compute-client.js';

export interface BagScore {
  readonly bag: number;
  readonly loss: number;
  readonly weight: number;
  /** [outputs], as float32 values. */
  readonly logits: readonly number[];
}

export interface PassParts {
  readonly bags: readonly BagEntry[];
  readonly collective: Collective;
  readonly compute: ComputeClient;
  readonly nextBag: () => Promise<Bag>;
  readonly outputs: number;
}

/** Each bag counts once (I1): a bag that came twice or not at all is an error that names it. */
export async function validationPass(parts: PassParts, plan: StepPlan): Promise<BagScore[]> {
  const mine: BagScore[] = [];
  for (const slot of slotsOf(plan, parts.collective.rank)) {
    const { id, features, instances } = await parts.nextBag();
    const bag = { id, features, instances, label: parts.bags[slot.bag].label };
    const { loss, weight, logits } = await parts.compute.call('predict', { bag });
    if (![loss, ...logits].every(Number.isFinite)) throw notFinite(id, loss, logits);
    mine.push({ bag: slot.bag, loss, weight, logits: Array.from(logits) });
  }
  const key = { epoch: plan.epoch, step: plan.step };
  const messages = await parts.collective.exchange(key, 'validation', encodeScores(mine, parts.outputs));
  const scores = new Map<number, BagScore>();
  for (const score of messages.flatMap((bytes) => decodeScores(bytes, parts.outputs))) {
    if (scores.has(score.bag)) throw miscounted(parts.bags[score.bag].id, 'twice');
    scores.set(score.bag, score);
  }
  return plan.slots.map(
    (slot) => scores.get(slot.bag) ?? raise(miscounted(parts.bags[slot.bag].id, 'not at all')),
  );
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

function notFinite(bagId: string, loss: number, logits: Float32Array): BagfleetError {
  return new BagfleetError('loss-not-finite', `validates with loss ${loss} and logits ${logits.join(', ')}`, {
    culprit: `bag ${bagId}`,
    hint: 'A lower learning rate or train.clipNorm keeps the parameters finite.',
  });
}

function raise(error: Error): never {
  throw error;
}
