/**
 * The same machines: a worker that would compute other bits is refused before it computes anything (I2).
 * In: a newcomer's fingerprint or probe digest. Out: with whom it differs, and what follows from that.
 */
import { BagfleetError } from '@bagfleet/proto';
import type { CoreState, Decision, Member } from './core-state.js';
import { isHere, withMember } from './core-state.js';
import type { CoreEffect } from './core-types.js';
import { inTurn, note, only } from './decision.js';
import { give } from './ending.js';
import { kill } from './processes.js';
import { close } from './restarting.js';

export type Fact = 'fingerprint' | 'probe';

/** Whom it differs from: the machine that the fleet began on, or before that the first other that is here. */
export function differsFrom(state: CoreState, id: string, fact: Fact, value: string): string | null {
  const { machine } = state;
  if (machine)
    return machine[fact] === value ? null : machine.like === id ? 'the fleet so far' : machine.like;
  const other = state.members
    .values()
    .find((member) => member.id !== id && isHere(member) && member[fact] !== null && member[fact] !== value);
  return other?.id ?? null;
}

/** Before the first generation nobody knows who is right: the run fails. Later the newcomer alone is refused. */
export function refuseMachine(
  state: CoreState,
  member: Member,
  fact: Fact,
  other: string,
  now: number,
): Decision {
  const what =
    fact === 'fingerprint'
      ? `runs on another kind of machine than ${other}`
      : `computes other bits than ${other} for the probe bag`;
  const error = new BagfleetError('fingerprint-mismatch', what, {
    culprit: `worker ${member.id}`,
    hint: 'Use the same hardware and image for all workers, or set fleet.determinism: relaxed.',
  });
  const refuse: CoreEffect = { kind: 'refuse', worker: member.id, error };
  if (state.phase === 'gathering' && !state.machine)
    return inTurn(
      state,
      (next) => only(next, refuse),
      (next) => give(next, { state: 'failed', error }, now),
    );
  const { id, incarnation } = member;
  const refused: CoreState = {
    ...withMember(state, { ...member, phase: 'gone' }),
    lastLoss: { worker: id, incarnation, error, at: now, known: true, byStream: false },
  };
  return inTurn(
    refused,
    (next) => only(next, refuse, note('refused', `${id} is refused: it ${what}`, id)),
    (next) => kill(next, id, incarnation, now),
    (next) => close(next, { ...member, phase: 'gone' }, 'its machine would compute other bits'),
  );
}

export function admitted(id: string, other: string): CoreEffect {
  return note(
    'relaxed',
    `${id} differs from ${other} and is admitted, as determinism is relaxed: results may differ in their last bits`,
    id,
  );
}
