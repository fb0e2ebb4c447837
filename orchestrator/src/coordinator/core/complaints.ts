/**
 * Complaints: a member can't go on in its generation, through no fault of its own. Whom it blames may just be dying,
 * so the loss itself gets a moment to show; then the one whom most members name leaves.
 * In: broken, the clock. Out: who leaves, and so a new generation; machines that compute wrongly leave at once.
 */

import { BagfleetError } from '@bagfleet/proto';
import type { CoreState, Decision } from './core-state.js';
import { isMember, sameGeneration, survivors, withMember } from './core-state.js';
import type { CoreEvent } from './core-types.js';
import { countOf, inTurn, named, note, only } from './decision.js';
import { lose } from './losing.js';
import { rollBack } from './rolling-back.js';

type Broken = Extract<CoreEvent, { kind: 'broken' }>;

export function onBroken(state: CoreState, event: Broken, now: number): Decision {
  const { worker, generation, error, suspects } = event;
  const member = state.members.get(worker);
  // Before its generation is adopted.
  if (
    state.phase === 'adopting' &&
    member?.standing &&
    sameGeneration(generation, member.standing.generation)
  )
    return only(withMember(state, { ...member, standing: { ...member.standing, broken: true } }));
  if (state.phase !== 'training' || !member || !isMember(member)) return only(state);
  if (!sameGeneration(generation, state.generation)) return only(state);
  const blamed = suspects.filter((id) => survivors(state).some((other) => other.id === id));
  if (error.code === 'machines-disagree') return rollBack(state, error, now);
  if (error.code === 'machine-wrong' && blamed.length > 0) return expel(state, blamed, error, now);
  // A worker may name itself; alone it is only tried again, because its state is in nobody else's memory.
  const isAlone = state.roster.length === 1;
  const others = state.complaints.filter(({ from }) => from !== worker);
  const names = blamed.length > 0 ? `, and names ${blamed.join(', ')}` : '';
  const word = note('complaint', `${worker} can't go on: ${error.message}${names}`, worker);
  return only(
    {
      ...state,
      complaints: [...others, { from: worker, suspects: isAlone ? [] : blamed }],
      complainedAt: state.complaints.length > 0 ? state.complainedAt : now,
    },
    ...(others.length === state.complaints.length ? [word] : []),
  );
}

/** On tick: the moment has passed, and nobody was lost. */
export function judgeComplaints(state: CoreState, now: number): Decision {
  const { complaints, complainedAt, limits, roster } = state;
  if (state.phase !== 'training' || complaints.length === 0 || now - complainedAt < limits.graceMs)
    return only(state);
  const tally = roster
    .map((id) => ({
      id,
      by: complaints.filter(({ suspects }) => suspects.includes(id)).map(({ from }) => from),
    }))
    .filter(({ by }) => by.length > 0);
  const most = Math.max(0, ...tally.map(({ by }) => by.length));
  const leaver = tally.findLast(({ by }) => by.length === most);
  const member = leaver && state.members.get(leaver.id);
  if (!member) return againWithAll(state);
  const counts = tally.map(({ id, by }) => `${id} is named by ${by.length} (${by.join(', ')})`).join(', ');
  const verdict = `complaints in generation ${named(state.generation)}: ${counts} of ${countOf(roster.length)}; ${member.id} leaves`;
  const blame = new BagfleetError(
    'worker-lost',
    leaver.by.join() === member.id
      ? `could not go on in generation ${named(state.generation)}, by its own word`
      : `could not be reached by ${leaver.by.join(', ')} in generation ${named(state.generation)}`,
    {
      culprit: `worker ${member.id}`,
      hint: 'Is the network between the workers sound? See `bagfleet logs`.',
    },
  );
  return inTurn(
    state,
    (next) => only(next, note('complaints', verdict)),
    (next) => lose(next, member, { error: blame, reason: `${member.id} was named by most` }, now),
  );
}

function againWithAll(state: CoreState): Decision {
  const who = state.complaints.map(({ from }) => from).join(', ');
  const message = `complaints in generation ${named(state.generation)}: ${who} can't go on and ${
    state.complaints.length === 1 ? 'names' : 'name'
  } nobody; the same members try again`;
  return only(
    { ...state, disturbed: true, complaints: [], reasons: [...state.reasons, `${who} could not go on`] },
    note('complaints', message),
  );
}

function expel(state: CoreState, ids: readonly string[], error: BagfleetError, now: number): Decision {
  return inTurn(
    state,
    ...ids.map((id) => (next: CoreState) => {
      const member = next.members.get(id);
      if (!member || !isMember(member)) return only(next);
      const wrong = new BagfleetError(error.code, error.message, {
        culprit: `worker ${id}`,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      });
      return lose(next, member, { error: wrong, event: 'expelled', reason: `${id} was expelled` }, now);
    }),
  );
}
