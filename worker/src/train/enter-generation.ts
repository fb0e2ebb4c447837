/**
 * The beginning of a generation: its members agree on the most advanced state, and those that lag behind pull it
 * from a peer. In: the connected members and one's own state. Out: the same state on all, verified by digest, and
 * what it took. Nothing of one's own state changes before the pulled one is whole and has the right digest.
 */
import { BagfleetError, type CostModel } from '@bagfleet/proto';
import { stateDigest } from '../checkpoint/state-digest.js';
import type { Collective } from '../collective/collective.js';
import { nameAt } from '../collective/generation.js';
import type { Pulled } from '../collective/peer-state-pull.js';
import type { ComputeClient } from '../engine/compute-client.js';
import { refuseOddOnes } from './agree-on-state.js';
import { agree, decodeStanding, encodeStanding } from './standing.js';
import { buffersOf, headOf, type StateHead, stageFor } from './state-head.js';
import { replaceState, type TrainingState } from './training-state.js';

export interface EnteringParts {
  readonly collective: Collective;
  readonly members: readonly string[];
  readonly state: TrainingState;
  readonly compute: ComputeClient;
  /** Of the state: begun before the members were connected, in the compute thread. */
  readonly digest: Promise<string>;
  readonly costs: CostModel;
  /** What travels with the state: rows that are not stored yet, and whether it is to become a checkpoint. */
  readonly baggage: () => Pick<StateHead, 'copy'> & { readonly rows: readonly unknown[] };
  /** Called with what came with a state, once the state is one's own. */
  readonly unpack: (baggage: Pick<StateHead, 'copy' | 'rows'>) => void;
  /** Offers this worker's state to the others; null withdraws it. */
  readonly offer: (offer: { head: Uint8Array; buffers: readonly Uint8Array[] } | null) => void;
  readonly pull: (
    from: number,
    destinationOf: (head: Uint8Array) => readonly Uint8Array[],
  ) => Promise<Pulled>;
}

export interface EnteredGeneration {
  readonly costs: CostModel;
  readonly pulledBytes: number;
  readonly pullMs: number;
}

const BEGINNING = { epoch: 0, step: 0 };
const READY = new Uint8Array([1]);

export async function enterGeneration(parts: EnteringParts): Promise<EnteredGeneration> {
  const { collective, members, state } = parts;
  const digest = await parts.digest;
  parts.offer({ head: headOf(state, { digest, ...parts.baggage() }), buffers: buffersOf(state) });
  try {
    const { step, epoch } = state.progress;
    const mine = encodeStanding({ step, epoch, digest, costs: parts.costs });
    const standings = (await collective.exchange(BEGINNING, 'standing', mine)).map(decodeStanding);
    const agreement = agree(standings);
    const { donors } = agreement;
    refuseOddOnes(
      donors.map((rank) => nameAt(members[rank], rank)),
      donors.map((rank) => standings[rank].digest),
      `after step ${standings[donors[0]].step}`,
    );
    const from = agreement.pullFrom[collective.rank];
    const pulled = from === null ? null : await pullState(parts, from, agreement.digest);
    // Donors may change their state only once all that pulled have it.
    await collective.exchange(BEGINNING, 'state is there', READY);
    return { costs: agreement.costs, pulledBytes: pulled?.bytes ?? 0, pullMs: pulled?.milliseconds ?? 0 };
  } finally {
    parts.offer(null);
  }
}

/** Staged, verified, then swapped in. Errors: `machine-wrong` if what came is not what was announced. */
async function pullState(parts: EnteringParts, from: number, digest: string): Promise<Pulled> {
  const { state, members } = parts;
  let stage: { head: StateHead; staged: Omit<TrainingState, 'layout'> } | null = null;
  const pulled = await parts.pull(from, (head) => {
    stage = stageFor(head, state);
    return buffersOf(stage.staged);
  });
  const { head, staged } = stage as unknown as { head: StateHead; staged: Omit<TrainingState, 'layout'> };
  const actual = stateDigest({ ...staged, layout: state.layout });
  if (actual !== digest)
    throw new BagfleetError(
      'machine-wrong',
      `its state arrived with digest ${actual}, it had said ${digest}`,
      {
        culprit: nameAt(members[from], from),
        hint: 'Have the memory of that machine, and the network, checked.',
      },
    );
  replaceState(state, staged);
  await parts.compute.call('reload', {});
  parts.unpack(head);
  return pulled;
}
