/**
 * The gradients of a worker's own slots of a step.
 * In: the plan, and the worker's bags in that order. Out: a gradient per slot with what it says of itself,
 * and how long the compute thread waited for bags.
 */
import { type Slot, type StepPlan, slotsOf } from '@bagfleet/proto';
import { NEUTRAL_EXPONENT } from '../collective/block-exponent.js';
import type { Bag } from '../data/bag.js';
import type { Visit } from '../data/instances/visit.js';
import type { SharedFloats, SlotGradient } from '../engine/compute-protocol.js';
import { orAborted } from '../or-aborted.js';
import type { BagTurn } from './bag-turns.js';
import { DataWait } from './data-wait.js';
import type { RunParts } from './run-parts.js';

export interface ComputedSlot {
  readonly slot: Slot;
  /** The bag that was computed, as index into the manifest: by the name that the bag carries, not by the plan. */
  readonly bag: number;
  readonly gradient: SharedFloats;
  readonly result: SlotGradient;
}

export interface ComputedSlots {
  readonly computed: readonly ComputedSlot[];
  /** Time in which the compute thread had nothing to do because a bag was not there, in milliseconds. */
  readonly dataWaitMs: number;
}

/** One in work and one that waits for it: the thread never waits for this one, and few bags lie in memory. */
const GIVEN_AT_ONCE = 2;

/** Asks for the next gradient while the thread computes the last one; answers come in order. */
export async function computeSlots(
  parts: RunParts,
  plan: StepPlan,
  turn: BagTurn,
  step: number,
): Promise<ComputedSlots> {
  const running: Promise<ComputedSlot>[] = [];
  const wait = new DataWait();
  try {
    for (const [k, slot] of slotsOf(plan, parts.collective.rank).entries()) {
      if (k >= GIVEN_AT_ONCE) await orAborted(parts.signal, running[k - GIVEN_AT_ONCE]);
      const bag = await wait.forBag(turn(slot.bag));
      const gradient = parts.scratch.gradient(k);
      const computed = bag
        ? gradientOf(parts, { epoch: plan.epoch, repeat: slot.repeat }, bag, gradient, step)
        : unreadable(parts);
      running.push(
        wait
          .whileComputing(computed)
          .then((result) => ({ slot, bag: bag ? indexOf(parts, bag) : slot.bag, gradient, result })),
      );
      if (k === 0) running[0] = running[0].then((first) => afterFaults(parts, plan, first));
    }
    const computed = await orAborted(parts.signal, Promise.all(running));
    return { computed, dataWaitMs: wait.milliseconds };
  } finally {
    // Whatever fails first is thrown; the others must not become unhandled rejections.
    for (const answer of running) answer.catch(() => undefined);
    if (parts.signal.aborted) parts.compute.dropGradients(); // the step is dropped: nobody will use them
  }
}

/** What a fault makes of the first gradient: a rest that it orders counts as time of the computation. */
async function afterFaults(
  { faults }: RunParts,
  { epoch, step }: StepPlan,
  first: ComputedSlot,
): Promise<ComputedSlot> {
  const before = performance.now();
  await faults.at('compute', { epoch, step: step + 1 });
  const milliseconds = first.result.milliseconds + performance.now() - before;
  return { ...first, result: { ...first.result, milliseconds } };
}

/** One bag's gradient, at the parameters as they are; `visit` says which of the bag's it is. */
export async function gradientOf(
  { compute, dataset, faults, bagIndex }: Pick<RunParts, 'compute' | 'dataset' | 'faults' | 'bagIndex'>,
  visit: Pick<Visit, 'epoch' | 'repeat'>,
  bag: Bag,
  into: SharedFloats,
  step: number,
): Promise<SlotGradient> {
  const { label } = dataset.manifest.bags[bagIndex(bag.id)];
  const result = await compute.call('gradient', { bag: { ...bag, label }, ...visit, into });
  return faults.spoil(into, step) === 'not-finite' ? { ...result, finite: false } : result;
}

function indexOf(parts: RunParts, { id }: Bag): number {
  return parts.bagIndex(id);
}

/** What stands for the gradient of a bag that can't be read: poisoned, and no scale for anybody. */
async function unreadable(parts: RunParts): Promise<SlotGradient> {
  return {
    loss: Number.NaN,
    weight: 1,
    logits: new Float32Array(),
    finite: false,
    exponents: new Int8Array(parts.state.layout.blocks).fill(NEUTRAL_EXPONENT),
    milliseconds: 0,
  };
}
