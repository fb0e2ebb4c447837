/**
 * Scaling: how many workers are wanted, and who goes when there are more: the highest ids, whatever they do, because
 * an Indexed Job keeps the lowest indexes, and one rule is better than two.
 * In: scale. Out: launches; who is not a member goes at once, members go with the next generation.
 */
import type { CoreState, Decision, Member } from './core-state.js';
import { activeCount, byId, isMember, withoutMember } from './core-state.js';
import type { CoreEvent } from './core-types.js';
import { countOf, inTurn, note, only } from './decision.js';
import { freeIds, kill, launchAll, letGo } from './processes.js';

export function onScale(
  state: CoreState,
  { workers }: Extract<CoreEvent, { kind: 'scale' }>,
  now: number,
): Decision {
  const least = Math.max(1, state.limits.minWorkers);
  if (!Number.isInteger(workers) || workers < least)
    return only(state, note('scale', `the fleet is not scaled to ${workers}: it needs at least ${least}`));
  if (workers === state.wanted)
    return only(state, note('scale', `the fleet is scaled to ${countOf(workers)} already`));
  if (state.interrupted)
    return only(state, note('scale', `the fleet is not scaled to ${workers}: the run was told to stop`));
  const message = `the fleet is scaled from ${state.wanted} to ${countOf(workers)}`;
  // While workers of an earlier coordinator may come, nothing is launched.
  const missing = state.phase === 'adopting' ? 0 : Math.max(0, workers - activeCount(state));
  return inTurn(
    { ...state, wanted: workers },
    (next) => only(next, note('scale', message)),
    (next) => launchAll(next, freeIds(next, missing), now),
  );
}

/** After every event: more than are wanted, and not members? */
export function dropSurplus(state: CoreState, now: number): Decision {
  if (state.phase === 'adopting') return only(state);
  const drop = surplus(state).filter((member) => !isMember(member) && maySayFarewell(member));
  return inTurn(state, ...drop.map((member) => (next: CoreState) => dropOne(next, member, now)));
}

/** Members that go with the next generation. */
export function surplusMembers(state: CoreState): string[] {
  return surplus(state)
    .filter(isMember)
    .map(({ id }) => id);
}

/** Those with the highest ids, as many as there are too many. */
function surplus(state: CoreState): Member[] {
  const excess = activeCount(state) - state.wanted;
  if (excess <= 0) return [];
  return byId(state)
    .filter(({ closed }) => !closed)
    .slice(-excess);
}

/** Not one that still writes down its state before it leaves. */
function maySayFarewell({ phase, dismissed }: Member): boolean {
  return phase !== 'leaving' || dismissed;
}

function dropOne(state: CoreState, member: Member, now: number): Decision {
  const { id, incarnation, phase } = member;
  const without = withoutMember(state, id);
  const word = note('dropped', `${id} is not needed: the fleet is scaled to ${countOf(state.wanted)}`, id);
  return inTurn(
    without,
    (next) => only(next, word),
    (next) => {
      if (phase === 'launched') return kill(next, id, incarnation, now);
      const speaks = phase === 'joined' || phase === 'ready';
      return speaks
        ? letGo(next, member, `the fleet is scaled to ${countOf(state.wanted)}`, now)
        : only(next);
    },
  );
}
