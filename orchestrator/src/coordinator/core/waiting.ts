/**
 * Waiting: fewer workers than needed are left, others are being started; this has a deadline (I5). When so few may
 * still come that it is in vain, the reason is the last loss.
 * In: who is there or may come, the clock. Out: the wait, or the run's failure with a checkpoint of what is there.
 */
import { BagfleetError } from '@bagfleet/proto';
import type { CoreState, Decision, Member } from './core-state.js';
import { activeCount, inPhase, isMember, need } from './core-state.js';
import { countOf, note, only, seconds } from './decision.js';
import { failAfterKeeping } from './keeping.js';
import { placingWords } from './placing.js';

export function beginWaiting(state: CoreState, there: readonly Member[], now: number): Decision {
  const begun: CoreState = { ...state, phase: 'waiting', waitingSince: now, complaints: [] };
  return only(begun, note('waiting', waitSentence(begun, there)));
}

/** Who is there, of how many, whom it waits for and how long. */
export function waitSentence(state: CoreState, there: readonly Member[]): string {
  const { limits, reasons } = state;
  const missing = absent(state, there).filter((id) => !state.members.get(id)?.closed);
  const who = there.length > 0 ? ` (${there.map(({ id }) => id).join(', ')})` : '';
  const wait =
    missing.length > 0
      ? `waiting up to ${seconds(limits.waitMs)} for ${missing.join(', ')}`
      : 'and no other can come back';
  const held = placingWords(inPhase(state, 'launched'));
  const why = reasons.length > 0 ? ` (${[...new Set(reasons)].join(', ')})` : '';
  return `${there.length} of at least ${countOf(need(state))} left${who}, ${wait}${why}${held === '' ? '' : `; ${held}`}`;
}

/** On tick. */
export function waitTimeout(state: CoreState, now: number): Decision {
  const { limits, keeping, interrupted, phase } = state;
  if (phase !== 'waiting' || keeping || interrupted || now - state.waitingSince < limits.waitMs)
    return only(state);
  const there = state.members.values().filter((member) => isMember(member) || member.phase === 'ready');
  const missing = absent(state, there);
  const message = `${there.length} of at least ${countOf(need(state))} after ${seconds(limits.waitMs)} of waiting`;
  const error = new BagfleetError('wait-timeout', `${message}; ${missing.join(', ')} did not come back`, {
    culprit: missing.length === 1 ? `worker ${missing[0]}` : countOf(missing.length),
    hint: 'See `bagfleet logs`; the limits are fleet.minWorkers and fleet.waitTimeout.',
  });
  return failAfterKeeping(state, error, now);
}

/** After every event: can enough workers still come? The exit of the last one lost may explain it. */
export function giveUpInVain(state: CoreState, now: number): Decision {
  const alive = state.phase === 'gathering' || state.phase === 'training' || state.phase === 'waiting';
  if (!alive || state.interrupted || state.keeping) return only(state);
  if (activeCount(state) >= need(state)) return only(state);
  const { lastLoss, limits } = state;
  if (!lastLoss || (!lastLoss.known && now - lastLoss.at < limits.graceMs)) return only(state);
  return failAfterKeeping(state, lastLoss.error, now);
}

function absent(state: CoreState, there: readonly Member[]): string[] {
  return state.members
    .keys()
    .filter((id) => !there.some((member) => member.id === id))
    .sort();
}
