/**
 * Leaving: a worker that got SIGTERM hands its step back, the others go on at once, and another is started under
 * its id when it has left; its budget is not touched. The last one that holds the state writes it down first.
 */
import type { CoreState, Decision, Member } from './core-state.js';
import { holders, inPhase, isHere, isMember, withMember } from './core-state.js';
import type { CoreEvent } from './core-types.js';
import { inTurn, note, only } from './decision.js';
import { keepFirst } from './keeping.js';
import { dismiss, kill, launch, processOf } from './processes.js';

type Leaving = Extract<CoreEvent, { kind: 'leaving' }>;

export function onLeaving(state: CoreState, { worker, reason }: Leaving, now: number): Decision {
  const member = state.members.get(worker);
  if (!member || !isHere(member)) return only(state);
  const word = note('leaving', `${worker} was told to go: ${reason}`, worker);
  // A verdict is at hand, and with it everyone leaves.
  if (state.keeping && state.keeping.then !== 'leave') return only(state, word);
  const last = !state.keeping && member.hasState && holders(state).every(({ id }) => id === worker);
  const leaves: Member = { ...member, phase: 'leaving' };
  const without: CoreState = isMember(member)
    ? { ...withMember(state, leaves), disturbed: true, reasons: [...state.reasons, `${worker} left`] }
    : withMember(state, leaves);
  return inTurn(
    without,
    (next) => only(next, word),
    (next) => (last ? keepFirst(next, leaves, 'leave', null, now) : dismiss(next, leaves, reason, now)),
  );
}

/** It has left, or won't by itself. */
export function replace(state: CoreState, member: Member, now: number): Decision {
  // While workers of an earlier coordinator may come, nothing is launched.
  const restartAt = state.phase === 'adopting' ? state.adoptUntil : null;
  const gone = withMember(state, { ...member, phase: 'gone', enteredAt: null, restartAt });
  return inTurn(
    gone,
    (next) => kill(next, member.id, member.incarnation, now),
    (next) => (state.interrupted || restartAt !== null ? only(next) : launchInItsPlace(next, member.id, now)),
  );
}

function launchInItsPlace(state: CoreState, id: string, now: number): Decision {
  return inTurn(
    state,
    (next) => only(next, note('restart', `${id} has left, another is started in its place`, id)),
    (next) => launch(next, id, now),
  );
}

/** On tick: whose state is not to be kept any more may go; whoever was killed for not going is replaced as well. */
export function finishLeaves(state: CoreState, now: number): Decision {
  const { keeping } = state;
  const forgotten = inPhase(state, 'leaving').filter(
    ({ id, dismissed }) => !dismissed && keeping?.worker !== id,
  );
  const killed = inPhase(state, 'leaving').filter(
    ({ id, incarnation }) => typeof processOf(state, id, incarnation)?.killedAt === 'number',
  );
  return inTurn(
    state,
    ...forgotten.map((member) => (next: CoreState) => dismiss(next, member, 'it was told to go', now)),
    ...killed.map((member) => (next: CoreState) => replace(next, member, now)),
  );
}
