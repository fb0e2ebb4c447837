/**
 * A check on the machines: every `fleet.verifyEvery` steps one slot, another each time, is computed by a second
 * worker, too, and the digests of its integers are compared before anything is summed.
 * In: the step and one's own slots. Out: nothing, if all is well or the difference was a moment's.
 * Errors: `machine-wrong` names the machine whose probe differs from what all gave when they joined;
 * `machines-disagree` names both if no probe does.
 */
import { createHash } from 'node:crypto';
import { BagfleetError, type Slot, type StepPlan } from '@bagfleet/proto';
import { nameAt } from '../collective/generation.js';
import type { SharedFloats } from '../engine/compute-protocol.js';
import { type ComputedSlot, gradientOf } from './compute-slots.js';
import type { RunParts } from './run-parts.js';

const NOTHING = new Uint8Array();

export async function verifySlot(
  parts: RunParts,
  plan: StepPlan,
  computed: readonly ComputedSlot[],
  exponents: Int8Array,
  step: number,
): Promise<void> {
  const slot = slotToVerify(parts, plan, step);
  if (!slot) return;
  const { rank, size } = parts.collective;
  const owner = plan.owners[slot.index];
  const witness = (owner + 1) % size;
  let mine: Uint8Array = NOTHING;
  if (rank === owner) mine = await digestOf(parts, own(computed, slot), exponents);
  else if (rank === witness)
    mine = await digestOf(parts, await computeToo(parts, plan, slot, step), exponents);
  const key = { epoch: plan.epoch, step: plan.step };
  const digests = await parts.collective.exchange(key, 'verification', mine);
  if (Buffer.compare(digests[owner], digests[witness]) === 0) return;
  await findWrongMachine(parts, plan, slot, [owner, witness]);
}

/** Exact sums on machines that must be alike; null when nothing is due. */
function slotToVerify({ job, collective }: RunParts, plan: StepPlan, step: number): Slot | null {
  const every = job.fleet.verifyEvery;
  const comparable = job.train.sum === 'exact' && job.fleet.determinism === 'strict' && collective.size > 1;
  if (!comparable || every === 0 || step % every !== 0 || plan.slots.length === 0) return null;
  return plan.slots[(step / every) % plan.slots.length];
}

function own(computed: readonly ComputedSlot[], slot: Slot): SharedFloats {
  return (computed.find((one) => one.slot.index === slot.index) as ComputedSlot).gradient;
}

async function computeToo(parts: RunParts, plan: StepPlan, slot: Slot, step: number): Promise<SharedFloats> {
  const gradient = parts.scratch.extra();
  const visit = { epoch: plan.epoch, repeat: slot.repeat };
  await gradientOf(parts, visit, await parts.readBag(slot.bag), gradient, step);
  return gradient;
}

async function digestOf(parts: RunParts, gradient: SharedFloats, exponents: Int8Array): Promise<Uint8Array> {
  const into = parts.scratch.quantised();
  await parts.compute.call('quantise', { gradients: [gradient], exponents, into });
  return createHash('sha256').update(into).digest();
}

/** All compute the probe again: who differs from what all gave at the join is wrong. */
async function findWrongMachine(
  parts: RunParts,
  plan: StepPlan,
  slot: Slot,
  pair: readonly number[],
): Promise<never> {
  const { members, dataset, collective, probeReference } = parts;
  const key = { epoch: plan.epoch, step: plan.step };
  const probes = await collective.exchange(key, 'probes', Buffer.from(await parts.probe()));
  const wrong = probes.findIndex((probe) => Buffer.from(probe).toString() !== probeReference);
  const bag = dataset.manifest.bags[slot.bag].id;
  const where = `epoch ${plan.epoch}, step ${plan.step + 1}`;
  const names = pair.map((rank) => nameAt(members[rank], rank)).join(', ');
  if (wrong >= 0)
    throw new BagfleetError(
      'machine-wrong',
      `computes the probe bag otherwise than when it joined (${where})`,
      {
        culprit: nameAt(members[wrong], wrong),
        hint: 'Have that machine checked: memory, clock, cooling.',
      },
    );
  throw new BagfleetError(
    'machines-disagree',
    `got other bits for bag ${bag} in ${where}, and the probe does not tell who is wrong`,
    {
      culprit: names,
      hint: 'The run goes back to its last checkpoint. If it comes again, have both machines checked.',
    },
  );
}
