/**
 * Keeping: one worker that holds the state writes a checkpoint, then what waited for it happens: the verdict of a
 * run that is interrupted or given up, or the leave of the last worker. If the writer is lost, the next one writes;
 * after keepMs it happens without. In: who waits for what. Out: `keep`, and in the end the thing itself.
 */
import { BagfleetError } from '@bagfleet/proto';
import type { CoreState, Decision, Keeping, Member } from './core-state.js';
import { holders } from './core-state.js';
import type { CoreEvent } from './core-types.js';
import { inTurn, note, only, seconds } from './decision.js';
import { give } from './ending.js';
import { dismiss } from './processes.js';

export function keepFirst(
  state: CoreState,
  { id, incarnation }: Member,
  then: Keeping['then'],
  error: BagfleetError | null,
  now: number,
): Decision {
  const asked: Keeping = { worker: id, incarnation, since: now, then, error };
  const message = `${id} writes a checkpoint first, within ${seconds(state.limits.keepMs)}`;
  return only({ ...state, keeping: asked }, note('keep', message, id), { kind: 'keep', worker: id });
}

/** The run can't go on: what is there is kept, then it fails. */
export function failAfterKeeping(state: CoreState, error: BagfleetError, now: number): Decision {
  const [holder] = holders(state);
  if (!holder) return give(state, { state: 'failed', error }, now);
  return inTurn(
    state,
    (next) =>
      only(
        next,
        note(
          'giving-up',
          `the run is given up: ${error.culprit ? `${error.culprit}: ` : ''}${error.message}`,
        ),
      ),
    (next) => keepFirst(next, holder, 'fail', error, now),
  );
}

export function onKept(state: CoreState, event: Extract<CoreEvent, { kind: 'kept' }>, now: number): Decision {
  const { keeping } = state;
  if (!keeping || keeping.worker !== event.worker || !isThere(state, keeping)) return only(state);
  const word = note('kept', `${event.worker} wrote a checkpoint of step ${event.step}`, event.worker);
  return inTurn(
    state,
    (next) => only(next, word),
    (next) => afterKeeping(next, keeping, `a checkpoint of step ${event.step} was kept`, now),
  );
}

/** After every event: is the writer still there? */
export function keepWithAnother(state: CoreState, now: number): Decision {
  const { keeping } = state;
  if (!keeping || isThere(state, keeping)) return only(state);
  if (keeping.then === 'leave') return only({ ...state, keeping: null });
  const [holder] = holders(state);
  if (!holder)
    return afterKeeping(state, keeping, 'no checkpoint was kept: nobody with a state is left', now);
  return inTurn(
    state,
    (next) => keepFirst(next, holder, keeping.then, keeping.error, now),
    (next) => only({ ...next, keeping: { ...(next.keeping ?? keeping), since: keeping.since } }),
  );
}

/** On tick. */
export function keepTimeout(state: CoreState, now: number): Decision {
  const { keeping, limits } = state;
  if (!keeping || now - keeping.since < limits.keepMs) return only(state);
  const words = `no checkpoint was kept: ${keeping.worker} did not write it within ${seconds(limits.keepMs)}`;
  return inTurn(
    state,
    (next) => only(next, note('not-kept', words, keeping.worker)),
    (next) => afterKeeping(next, keeping, words, now),
  );
}

function afterKeeping(state: CoreState, keeping: Keeping, outcome: string, now: number): Decision {
  const done: CoreState = { ...state, keeping: null };
  if (keeping.then === 'interrupt')
    return give(done, interrupted(state.interrupted ?? 'a signal', outcome), now);
  if (keeping.then === 'fail') return give(done, { state: 'failed', error: keeping.error }, now);
  const member = state.members.get(keeping.worker);
  return member ? dismiss(done, member, 'its state is kept, another takes its place', now) : only(done);
}

export function interrupted(signal: string, outcome: string): { state: 'interrupted'; error: BagfleetError } {
  const message = `the coordinator was told to stop by ${signal}; ${outcome}`;
  return {
    state: 'interrupted',
    error: new BagfleetError('interrupted', message, {
      hint: 'The checkpoints written so far are whole.',
    }),
  };
}

function isThere(state: CoreState, { worker, incarnation }: Keeping): boolean {
  const member = state.members.get(worker);
  if (member?.incarnation !== incarnation) return false;
  if (member.phase === 'leaving') return !member.dismissed;
  return member.phase === 'ready' || member.phase === 'member' || member.phase === 'finished';
}
