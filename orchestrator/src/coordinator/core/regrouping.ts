/**
 * Regrouping: after every event, should there be a new generation, and of whom? Survivors keep their order, so that
 * the data's way changes little; newcomers follow in id order.
 * In: who is there. Out: `start` to each member of the next generation, or the wait for enough of them.
 */
import { BagfleetError } from '@bagfleet/proto';
import type { CoreState, Decision, Member } from './core-state.js';
import { countInPhase, inPhase, need, nowhere, survivors } from './core-state.js';
import type { CoreEffect } from './core-types.js';
import { countOf, inTurn, named, note, only } from './decision.js';
import { give } from './ending.js';
import { letGo } from './processes.js';
import { surplusMembers } from './scaling.js';
import { beginWaiting } from './waiting.js';

/** Generations in a row in which no member moved: more of them would not help. */
const MOST_BARREN = 25;
/** Those that are ready begin without the others that have had no place for so long. */
const PLACE_PATIENCE_MS = 30_000;

export function regroup(state: CoreState, now: number): Decision {
  switch (state.phase) {
    case 'gathering':
      return isGathered(state, now) ? begin(state, candidates(state), now) : only(state);
    case 'waiting':
      return state.interrupted ? only(state) : beginOrWait(state, now);
    case 'training':
      return mayBegin(state) ? beginOrWait(state, now) : only(state);
    default:
      return only(state);
  }
}

/** Who waits for its restart, or for long already for a place to run, is not waited for. */
function isGathered(state: CoreState, now: number): boolean {
  const awaited = inPhase(state, 'launched', 'joined').filter(
    ({ placing, launchedAt }) => placing === null || now - launchedAt < PLACE_PATIENCE_MS,
  );
  return awaited.length === 0 && countInPhase(state, 'ready') >= need(state);
}

/**
 * After a loss at once. To admit a newcomer or to let one go, only when all have entered the generation before, so
 * that no member has to follow two at a time.
 */
function mayBegin(state: CoreState): boolean {
  if (state.disturbed) return true;
  const next = candidates(state);
  const isSame =
    next.length === state.roster.length && next.every(({ id }, rank) => id === state.roster[rank]);
  if (isSame || state.complaints.length > 0) return false;
  return survivors(state).every(({ enteredAt }) => enteredAt !== null);
}

function candidates(state: CoreState): Member[] {
  // A run that was told to stop only trains until its checkpoint is written.
  const newcomers = state.interrupted ? [] : inPhase(state, 'ready');
  return [...staying(state), ...newcomers];
}

/** Who is too many and holds the state goes once enough others hold it. */
function staying(state: CoreState): Member[] {
  const surplus = new Set(surplusMembers(state));
  const members = survivors(state);
  const others = members.filter(({ id }) => !surplus.has(id));
  const isHeld = others.filter(({ hasState }) => hasState).length >= need(state);
  return isHeld ? others : members.filter(({ id, hasState }) => hasState || !surplus.has(id));
}

function beginOrWait(state: CoreState, now: number): Decision {
  const next = candidates(state);
  const held = state.keeping?.then === 'leave';
  const enough = next.length >= (state.interrupted ? 1 : need(state));
  if (enough && !held) return begin(state, next, now);
  return state.phase === 'waiting' ? only(state) : beginWaiting(state, next, now);
}

function begin(state: CoreState, next: readonly Member[], now: number): Decision {
  if (state.barren >= MOST_BARREN) return give(state, { state: 'failed', error: noProgress(state) }, now);
  const made = state.made + 1;
  const generation = { lease: state.lease, number: made };
  const graceful = state.phase === 'training' && !state.disturbed;
  const ids = next.map(({ id }) => id);
  const dropped = survivors(state).filter(({ id }) => !ids.includes(id));
  const address = next.map(({ id, address }) => ({ id, address: address ?? '' }));
  let { members } = state;
  for (const member of next)
    members = members.with(member.id, {
      ...member,
      phase: 'member',
      enteredAt: null,
      finished: null,
      memberSince: member.memberSince ?? now,
    });
  for (const { id } of dropped) members = members.without(id);
  const begun: CoreState = {
    ...state,
    phase: 'training',
    members,
    generation,
    made,
    roster: ids,
    begunAt: now,
    disturbed: false,
    reasons: [],
    complaints: [],
    // Enough came while the run was about to be given up.
    keeping: state.keeping?.then === 'fail' ? null : state.keeping,
    machine: state.machine ?? machineOf(next[0]),
    furthest: next.some(({ hasState }) => hasState) ? state.furthest : nowhere,
    barren: state.barren + 1,
  };
  const starts = ids.map(
    (worker, rank): CoreEffect => ({ kind: 'start', worker, rank, generation, members: address, graceful }),
  );
  return inTurn(
    begun,
    (after) => only(after, ...starts, note('generation', sentence(state, begun, dropped))),
    ...dropped.map(
      (member) => (after: CoreState) =>
        letGo(after, member, `the fleet is scaled to ${countOf(state.wanted)}`, now),
    ),
  );
}

function sentence(before: CoreState, { generation, roster }: CoreState, dropped: readonly Member[]): string {
  const joins = before.roster.length > 0 ? roster.filter((id) => !before.roster.includes(id)) : [];
  const reasons = [
    ...new Set(before.reasons),
    ...joins.map((id) => `${id} joins`),
    ...dropped.map(({ id }) => `${id} goes, as the fleet is scaled to ${before.wanted}`),
  ];
  const why = reasons.length > 0 ? `: ${reasons.join(', ')}` : '';
  return `generation ${named(generation)} begins with ${countOf(roster.length)} (${roster.join(', ')})${why}`;
}

function machineOf({ id, fingerprint, probe }: Member): CoreState['machine'] {
  return { fingerprint: fingerprint ?? '', probe: probe ?? '', like: id };
}

function noProgress({ furthest, barren, reasons }: CoreState): BagfleetError {
  const { epoch, step } = furthest;
  const last = reasons.length > 0 ? `; the last time because ${reasons.join(', ')}` : '';
  return new BagfleetError(
    'job-failed',
    `${barren} generations in a row began and no member came past epoch ${epoch}, step ${step}${last}`,
    { hint: 'The fleet loses workers faster than it computes a step: see `bagfleet logs`.' },
  );
}
