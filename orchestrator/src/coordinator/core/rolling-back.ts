/**
 * Rolling back: two machines disagree and none can say which is wrong. Nobody's state is trusted: all members are
 * ended and started again from the last checkpoint, a few times.
 */
import type { BagfleetError } from '@bagfleet/proto';
import type { CoreState, Decision } from './core-state.js';
import { survivors, withMember } from './core-state.js';
import { countOf, inTurn, note, only } from './decision.js';
import { give } from './ending.js';
import { whereabouts } from './loss-words.js';
import { kill, launch } from './processes.js';

const MOST_ROLLBACKS = 3;

export function rollBack(state: CoreState, error: BagfleetError, now: number): Decision {
  if (state.rollbacks >= MOST_ROLLBACKS || state.interrupted)
    return give(state, { state: 'failed', error }, now);
  const members = survivors(state);
  const rollbacks = state.rollbacks + 1;
  const who = error.culprit ? `${error.culprit}: ` : '';
  const message = `${who}${error.message}; ${countOf(members.length)} start again from the last checkpoint (${rollbacks} of ${MOST_ROLLBACKS})`;
  const back: CoreState = {
    ...state,
    phase: 'gathering',
    rollbacks,
    roster: [],
    disturbed: false,
    complaints: [],
    keeping: null,
    reasons: ['machines disagreed'],
  };
  return inTurn(
    back,
    (next) => only(next, note('rollback', message)),
    ...members.map((member) => (next: CoreState) => {
      const gone = withMember(next, { ...member, phase: 'gone' });
      return inTurn(
        gone,
        (after) => kill(after, member.id, member.incarnation, now, whereabouts(member)),
        (after) => launch(after, member.id, now),
      );
    }),
  );
}
