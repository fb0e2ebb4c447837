/**
 * Finishing: the run is done when all members of the current generation are, with the same state.
 * In: finished. Out: the verdict, if it was the last.
 */
import { BagfleetError } from '@bagfleet/proto';
import type { CoreState, Decision, Member } from './core-state.js';
import { isMember, sameGeneration, survivors, withMember } from './core-state.js';
import type { CoreEvent } from './core-types.js';
import { inTurn, only } from './decision.js';
import { give } from './ending.js';
import { lose } from './losing.js';
import { unsaid } from './loss-words.js';

type Finished = Extract<CoreEvent, { kind: 'finished' }>;

export function onFinished(state: CoreState, event: Finished, now: number): Decision {
  const member = state.members.get(event.worker);
  const finished = { generation: event.generation, digest: event.stateDigest };
  // It may say so before its generation is adopted.
  if (state.phase === 'adopting' && member?.phase === 'ready')
    return only(withMember(state, { ...member, finished }));
  if (!member || !isMember(member) || !sameGeneration(event.generation, state.generation)) return only(state);
  const enteredAt = member.enteredAt ?? now;
  const next = withMember(state, { ...member, phase: 'finished', finished, enteredAt, hasState: true });
  return finishWhenAll(next, now);
}

export function finishWhenAll(state: CoreState, now: number): Decision {
  if (state.phase !== 'training') return only(state);
  const everyone = state.roster.map((id) => state.members.get(id));
  if (!everyone.every((member): member is Member => member?.phase === 'finished')) return only(state);
  const digests = everyone.map(({ finished }) => finished?.digest ?? '');
  const common = mostCommon(digests);
  const odd = everyone.filter((_, rank) => digests[rank] !== common).map(({ id }) => id);
  if (odd.length === 0) return give(state, { state: 'done', error: null }, now);
  const like = everyone[digests.indexOf(common)].id;
  const error = new BagfleetError('state-mismatch', `finished with another state than ${like}`, {
    culprit: `${odd.length === 1 ? 'worker' : 'workers'} ${odd.join(', ')}`,
  });
  return give(state, { state: 'failed', error }, now);
}

/** Generations that ask who has finished; then the next such worker is lost, as its word does not come through. */
const MOST_ASKED = 2;

/** On tick: all have finished, but some told it to a coordinator before this one. A new generation asks again. */
export function askWhoFinished(state: CoreState, now: number): Decision {
  if (state.phase !== 'training' || state.disturbed) return only(state);
  const everyone = survivors(state);
  const unheard = everyone.filter(({ phase, doing }) => phase === 'member' && doing?.phase === 'finished');
  const all = everyone.every(({ phase, doing }) => phase === 'finished' || doing?.phase === 'finished');
  const long = unheard.some(
    ({ doingSince, enteredAt }) =>
      now - Math.max(doingSince, enteredAt ?? 0, state.begunAt) >= state.limits.stepMs,
  );
  if (!all || !long) return only(state);
  if (state.barren >= MOST_ASKED)
    return inTurn(
      state,
      ...unheard.map((member) => (next: CoreState) => lose(next, member, { error: unsaid(member) }, now)),
    );
  const who = unheard.map(({ id }) => id).join(', ');
  const reason = `${who} finished, and with which state was not heard`;
  return only({ ...state, disturbed: true, reasons: [...state.reasons, reason] });
}

/** Of equals the first, which is the lowest rank's. */
function mostCommon(digests: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const digest of digests) counts.set(digest, (counts.get(digest) ?? 0) + 1);
  const count = (digest: string) => counts.get(digest) ?? 0;
  return digests.reduce((best, digest) => (count(digest) > count(best) ? digest : best));
}
