/**
 * Restarts: a worker that was lost is launched again under the same id, within its budget: the first time at once,
 * then after a pause that doubles. Three deaths in a row before it was ready mean that its machine or its
 * installation is broken: no more of these. One that had no place did not die, it only used up a restart.
 * In: a slot that is gone, the clock. Out: launch, or why not.
 */
import type { CoreState, Decision, Member } from './core-state.js';
import { inPhase, withMember } from './core-state.js';
import { countOf, inTurn, note, only, seconds } from './decision.js';
import { launch } from './processes.js';

/** Who was a member for so long begins to count anew. */
const PROVEN_MS = 60_000;
const LONGEST_PAUSE_MS = 60_000;
const EARLY_DEATHS = 3;

/** `was`: the member as it was before its loss. */
export function restart(state: CoreState, was: Member, now: number): Decision {
  // A run that was told to stop starts nobody.
  if (state.interrupted) return only(state);
  const { limits } = state;
  const wasReady = was.phase !== 'launched' && was.phase !== 'joined';
  const proven = was.memberSince !== null && now - was.memberSince >= PROVEN_MS;
  const used = proven ? 0 : was.restarts;
  const earlyDeaths = wasReady ? 0 : was.earlyDeaths + (was.placing === null ? 1 : 0);
  const gone: Member = { ...(state.members.get(was.id) ?? was), restarts: used, earlyDeaths };
  if (earlyDeaths >= EARLY_DEATHS)
    return close(state, gone, `it died ${earlyDeaths} times in a row before it was ready`);
  if (used >= limits.restarts)
    return close(
      state,
      gone,
      `its ${countOf(limits.restarts, 'restart')} ${limits.restarts === 1 ? 'is' : 'are'} used up`,
    );
  // While workers of an earlier coordinator may come, nothing is launched.
  const pause = used === 0 ? 0 : Math.min(limits.backoffMs * 2 ** (used - 1), LONGEST_PAUSE_MS);
  const restartAt = Math.max(now + pause, state.phase === 'adopting' ? (state.adoptUntil ?? now) : now);
  const when = restartAt > now ? `in ${seconds(restartAt - now)}` : 'at once';
  const message = `${was.id} is started again ${when} (restart ${used + 1} of ${limits.restarts})`;
  const due = withMember(state, { ...gone, restarts: used + 1, restartAt });
  return inTurn(
    due,
    (next) => only(next, note('restart', message, was.id)),
    (next) => (restartAt > now ? only(next) : launch(next, was.id, now)),
  );
}

/** On tick: who is due. */
export function restartDue(state: CoreState, now: number): Decision {
  const due = inPhase(state, 'gone').filter(({ restartAt }) => restartAt !== null && now >= restartAt);
  return inTurn(
    state,
    ...due.map(
      ({ id }) =>
        (next: CoreState) =>
          launch(next, id, now),
    ),
  );
}

/** No process bears this id again; the run goes on with fewer, or ends. */
export function close(state: CoreState, member: Member, why: string): Decision {
  const closed: Member = { ...member, phase: 'gone', restartAt: null, closed: true };
  return only(
    withMember(state, closed),
    note('not-restarted', `${member.id} is not started again: ${why}`, member.id),
  );
}
