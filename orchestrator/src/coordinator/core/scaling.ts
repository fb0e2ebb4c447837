/**
 * Scaling: how many workers are wanted, and who goes when there are more. Who trains is the last to go, and of those
 * the highest rank is the first. In: scale. Out: launches; who is not a member yet goes at once, members go with the
 * next generation.
 */
import type { CoreState, Decision, Member } from './core-state.js';
import { activeCount, inPhase, survivors, withoutMember } from './core-state.js';
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
  const excess = activeCount(state) - state.wanted;
  if (state.phase === 'adopting' || excess <= 0) return only(state);
  const order = [
    ...inPhase(state, 'gone')
      .filter(({ closed }) => !closed)
      .reverse(),
    ...inPhase(state, 'leaving')
      .filter(({ dismissed }) => dismissed)
      .reverse(),
    ...inPhase(state, 'launched').reverse(),
    ...inPhase(state, 'joined').reverse(),
    ...inPhase(state, 'ready').reverse(),
  ];
  const drop = order.slice(0, excess);
  return inTurn(state, ...drop.map((member) => (next: CoreState) => dropOne(next, member, now)));
}

/** Members that go with the next generation. */
export function surplusMembers(state: CoreState): string[] {
  const excess = Math.max(0, activeCount(state) - state.wanted);
  const ids = survivors(state).map(({ id }) => id);
  return excess === 0 ? [] : ids.slice(-excess);
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
