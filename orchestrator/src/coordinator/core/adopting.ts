/**
 * Adopting: workers that outlived the earlier coordinator come back and say where they stand. If the latest
 * generation among them is whole, it is left alone; else, after adoptMs, those that came make a new one.
 * In: who is ready with what standing, the clock. Out: the fleet as it is taken over; the missing are launched.
 */

import { firstIds } from './beginning.js';
import type { CoreState, Decision, Member } from './core-state.js';
import { activeCount, inPhase, isLater, sameGeneration } from './core-state.js';
import type { Standing } from './core-types.js';
import { countOf, inTurn, named, note, only } from './decision.js';
import { finishWhenAll } from './finishing.js';
import { launchAll } from './processes.js';

/** After every event while adopting. */
export function adopt(state: CoreState, now: number): Decision {
  if (state.phase !== 'adopting') return only(state);
  const ready = inPhase(state, 'ready');
  const latest = latestStanding(ready);
  if (!latest) return only(state);
  const stand = ready.filter(standsIn(latest));
  const standing = new Set(stand.map(({ id }) => id));
  const whole = latest.members.every((id) => standing.has(id));
  const sound = stand.every((member) => !member.standing?.broken);
  // Nobody else is to be waited for: no need to use up the time.
  const there = new Set(ready.map(({ id }) => id));
  const complete = whole && firstIds(state.wanted).every((id) => there.has(id));
  if (!whole || (!sound && !complete)) return only(state);
  if (!sound) return takeAsBroken(state, now);
  const message = `generation ${named(latest.generation)} is adopted with ${countOf(stand.length)} (${latest.members.join(', ')})`;
  return inTurn(
    takeOver(state, latest, now),
    (next) => only(next, note('adopted', message)),
    (next) => finishWhenAll(next, now),
  );
}

/** On tick: the time to come back is over. */
export function adoptTimeout(state: CoreState, now: number): Decision {
  if (state.adoptUntil === null || now < state.adoptUntil) return only(state);
  const inTime: CoreState = { ...state, adoptUntil: null };
  const missing = state.interrupted ? [] : firstIds(state.wanted).filter((id) => !state.members.has(id));
  const ids = missing.slice(0, Math.max(0, state.wanted - activeCount(state)));
  const message = `launching ${countOf(ids.length)} that did not come back (${ids.join(', ')})`;
  return inTurn(
    inTime,
    (next) => (next.phase === 'adopting' ? takeAsBroken(next, now) : only(next)),
    (next) => launchAll(next, ids, now),
    (next) => (ids.length > 0 ? only(next, note('launching', message)) : only(next)),
  );
}

/** Whoever is ready goes on in a new generation; its rank order is that of the latest one. */
function takeAsBroken(state: CoreState, now: number): Decision {
  const ready = inPhase(state, 'ready');
  if (ready.length === 0) return only({ ...state, phase: 'gathering' });
  const latest = latestStanding(ready);
  const reasons = [`${countOf(ready.length)} came back to a new coordinator`];
  if (!latest) return only({ ...state, phase: 'training', disturbed: true, reasons });
  return only({ ...takeOver(state, latest, now), disturbed: true, reasons });
}

function takeOver(state: CoreState, latest: Standing, now: number): CoreState {
  let { members } = state;
  for (const member of inPhase(state, 'ready').filter(standsIn(latest))) {
    const finished = sameGeneration(member.finished?.generation ?? null, latest.generation);
    const phase = finished ? 'finished' : 'member';
    members = members.with(member.id, {
      ...member,
      phase,
      memberSince: now,
      enteredAt: finished ? now : null,
    });
  }
  const [like] = inPhase(state, 'ready');
  return {
    ...state,
    phase: 'training',
    members,
    generation: latest.generation,
    roster: latest.members,
    begunAt: now,
    machine: { fingerprint: like.fingerprint ?? '', probe: like.probe ?? '', like: like.id },
  };
}

function latestStanding(ready: readonly Member[]): Standing | null {
  return ready.reduce<Standing | null>(
    (latest, { standing }) =>
      standing && (!latest || isLater(standing.generation, latest.generation)) ? standing : latest,
    null,
  );
}

function standsIn({ generation, members }: Standing): (member: Member) => boolean {
  const ids = new Set(members);
  return ({ id, standing }) => sameGeneration(standing?.generation ?? null, generation) && ids.has(id);
}
