/**
 * Deadlines of each worker: to be ready, to be heard, to enter its generation, to move on (I5). Each that passes
 * names whom, what and since when. In: the clock. Out: who is lost.
 */
import type { CoreState, Decision, Member } from './core-state.js';
import { inPhase, isMember, survivors } from './core-state.js';
import { inTurn, named } from './decision.js';
import { type Cause, lose } from './losing.js';
import { notEntered, notPlaced, notReady, silence, stuck } from './loss-words.js';

export function loseTheLate(state: CoreState, now: number): Decision {
  const { setupMs, placeMs, heartbeatMs } = state.limits;
  const unready = inPhase(state, 'launched', 'joined').filter(
    ({ launchedAt, placing }) => now - launchedAt >= (placing === null ? setupMs : placeMs),
  );
  return inTurn(
    state,
    loseEach(
      unready,
      (member) => (member.placing === null ? notReady(member, setupMs) : notPlaced(member, placeMs)),
      now,
    ),
    (next) => loseEach(silent(next, heartbeatMs, now), (member) => silence(member, now), now)(next),
    (next) => loseEach(lateToEnter(next, now), (member) => late(next, member), now)(next),
    (next) => loseEach(standing(next, now), (member) => stuck(member, now), now)(next),
  );
}

/** Members of the current generation that should have entered it. */
export function lateToEnter(state: CoreState, now: number): Member[] {
  const outside = survivors(state).filter(({ enteredAt }) => enteredAt === null);
  if (state.phase !== 'training' || state.disturbed || outside.length === 0) return [];
  // A complaint about this generation says more than a clock: it is judged first.
  if (state.complaints.length > 0 || now - state.begunAt < enterMs(state)) return [];
  // All wait for one that has a validation or a checkpoint to finish before its step ends.
  if (outside.some((member) => isBusy(member) && now - member.doingSince < patience(state, member)))
    return [];
  // If none could enter, one of them holds up all others: that which has not moved for longest.
  return outside.length < state.roster.length ? outside : [longestUnmoved(outside)];
}

/** Members that computed, and then stopped. One at a time: the others may only wait for it. */
export function standing(state: CoreState, now: number): Member[] {
  if (state.phase !== 'training' || state.disturbed || state.complaints.length > 0) return [];
  const stopped = survivors(state).filter((member) => {
    if (member.phase === 'finished' || member.enteredAt === null) return false;
    if (member.doing?.phase === 'finished' || member.doing?.phase.startsWith('waiting')) return false;
    return now - Math.max(member.doingSince, member.enteredAt) >= patience(state, member);
  });
  return stopped.length > 0 ? [longestUnmoved(stopped)] : [];
}

function silent(state: CoreState, heartbeatMs: number, now: number): Member[] {
  return state.members
    .values()
    .filter(
      (member) =>
        (member.phase === 'joined' || member.phase === 'ready' || isMember(member)) &&
        now - (member.heardAt ?? now) >= heartbeatMs,
    );
}

function late(state: CoreState, member: Member): Cause['error'] {
  return notEntered(member, named(state.generation), enterMs(state));
}

/** Peers that wait for a member complain after stepMs, and their word is the better one. */
function enterMs({ limits }: CoreState): number {
  return limits.stepMs + limits.graceMs;
}

function patience({ limits }: CoreState, { doing }: Member): number {
  if (doing?.phase === 'validation') return 1.5 * limits.evaluationMs;
  if (doing?.phase === 'checkpoint') return 1.5 * limits.checkpointMs;
  return 1.5 * limits.stepMs;
}

function isBusy({ doing }: Member): boolean {
  return doing?.phase === 'validation' || doing?.phase === 'checkpoint';
}

/** Of equals the highest rank. */
function longestUnmoved(members: readonly Member[]): Member {
  return members.reduce((worst, member) => (member.doingSince <= worst.doingSince ? member : worst));
}

function loseEach(
  members: readonly Member[],
  errorOf: (member: Member) => Cause['error'],
  now: number,
): (state: CoreState) => Decision {
  return (state) =>
    inTurn(
      state,
      ...members.map((member) => (next: CoreState) => lose(next, member, { error: errorOf(member) }, now)),
    );
}
