/**
 * What happens to a step in which a loss or a gradient is not finite: nothing was summed, nothing has changed.
 * In: the poisoned slots, the same on all workers. Out: the bags that are left out from now on, the same on all
 * workers; or an error that names the bag (train.poisonedBags: fail) or the machine.
 *
 * Each such bag is computed once more, on the next worker. If it is finite there, not the bag is wrong but the
 * machine that computed it first.
 */
import { BagfleetError, type StepPlan } from '@bagfleet/proto';
import { nameAt } from '../collective/generation.js';
import type { CountedSlot } from '../collective/tally.js';
import { isNotFinite } from './bag-turns.js';
import { gradientOf } from './compute-slots.js';
import type { RunParts } from './run-parts.js';

/** Bag indices in slot order, each once. Errors: `loss-not-finite`, `gradient-not-finite`, `machine-wrong`. */
export async function settlePoisoned(
  parts: RunParts,
  plan: StepPlan,
  poisoned: readonly CountedSlot[],
  step: number,
): Promise<number[]> {
  const again = await computeAgain(parts, plan, poisoned, step);
  const healthy = poisoned.find((_, i) => again[i]);
  if (healthy && parts.collective.size > 1) throw machineWrong(parts, healthy);
  const [first] = poisoned;
  if (parts.job.train.poisonedBags === 'fail') throw bagError(parts, first);
  const each = poisoned.filter(({ bag }, place) => place === poisoned.findIndex((slot) => slot.bag === bag));
  for (const slot of each) report(parts, plan, slot);
  return each.map(({ bag }) => bag);
}

/** Whether each slot's bag is finite where it was computed again. */
async function computeAgain(
  parts: RunParts,
  plan: StepPlan,
  poisoned: readonly CountedSlot[],
  step: number,
): Promise<boolean[]> {
  const { rank, size } = parts.collective;
  const mine = new Uint8Array(poisoned.length);
  for (const [i, slot] of poisoned.entries())
    if ((slot.rank + 1) % size === rank && (await isFiniteHere(parts, plan, slot, step))) mine[i] = 1;
  const key = { epoch: plan.epoch, step: plan.step };
  const all = await parts.collective.exchange(key, 'poisoned bags', mine);
  return poisoned.map((_, i) => all.some((flags) => flags[i] === 1));
}

async function isFiniteHere(
  parts: RunParts,
  plan: StepPlan,
  slot: CountedSlot,
  step: number,
): Promise<boolean> {
  try {
    const bag = await parts.readBag(slot.bag);
    const visit = { epoch: plan.epoch, repeat: plan.slots[slot.slot].repeat };
    const { finite, loss } = await gradientOf(parts, visit, bag, parts.scratch.extra(), step);
    return finite && Number.isFinite(loss);
  } catch (thrown) {
    if (isNotFinite(thrown)) return false;
    throw thrown;
  }
}

function report({ collective, reporter, dataset }: RunParts, plan: StepPlan, slot: CountedSlot): void {
  if (collective.rank !== 0) return;
  const { id } = dataset.manifest.bags[slot.bag];
  reporter.happened(
    'bag-skipped',
    `bag ${id} is left out from epoch ${plan.epoch}, step ${plan.step + 1} on: ${whatIsWrong(slot)}`,
  );
}

function whatIsWrong(slot: CountedSlot): string {
  return Number.isFinite(slot.loss) ? 'its gradient has NaN or infinity' : `its loss is ${slot.loss}`;
}

function bagError({ dataset }: RunParts, slot: CountedSlot): BagfleetError {
  const code = Number.isFinite(slot.loss) ? 'gradient-not-finite' : 'loss-not-finite';
  return new BagfleetError(code, `in slot ${slot.slot} ${whatIsWrong(slot)}`, {
    culprit: `bag ${dataset.manifest.bags[slot.bag].id}`,
    hint: 'Lower the learning rate, check the features of that bag, or set train.poisonedBags: skip.',
  });
}

function machineWrong({ members, dataset, collective }: RunParts, slot: CountedSlot): BagfleetError {
  const { id } = dataset.manifest.bags[slot.bag];
  const other = members[(slot.rank + 1) % collective.size];
  return new BagfleetError(
    'machine-wrong',
    `finds bag ${id} not finite (${whatIsWrong(slot)}), which is finite on ${other}`,
    {
      culprit: nameAt(members[slot.rank], slot.rank),
      hint: 'Have that machine checked.',
    },
  );
}
