/**
 * Interrupt: the coordinator got SIGTERM or SIGINT. What the fleet has in memory is written down first; training
 * goes on meanwhile, and nobody is started any more. The second signal does not wait.
 */
import type { CoreState, Decision } from './core-state.js';
import { holders } from './core-state.js';
import type { CoreEvent } from './core-types.js';
import { inTurn, note, only } from './decision.js';
import { give } from './ending.js';
import { interrupted, keepFirst } from './keeping.js';

export function onInterrupt(
  state: CoreState,
  { signal }: Extract<CoreEvent, { kind: 'interrupt' }>,
  now: number,
): Decision {
  if (state.interrupted)
    return give(state, interrupted(signal, 'the last checkpoint was not waited for'), now);
  const trains = state.phase === 'training' || state.phase === 'waiting';
  const leaver = state.keeping?.then === 'leave' ? state.members.get(state.keeping.worker) : undefined;
  const writer = leaver ?? holders(state)[0];
  if (!trains || !writer) return give(state, interrupted(signal, 'no checkpoint was due'), now);
  const members = state.members
    .values()
    .reduce((all, member) => all.with(member.id, { ...member, restartAt: null }), state.members);
  return inTurn(
    { ...state, interrupted: signal, members },
    (next) => only(next, note('interrupt', `the coordinator was told to stop by ${signal}`)),
    (next) => keepFirst(next, writer, 'interrupt', null, now),
  );
}
