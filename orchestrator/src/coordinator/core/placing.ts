/**
 * Placing: a launched worker may have to wait for a node, an image or quota, which is not its fault: its time to be
 * ready begins when its process does. In: placing, placed. Out: the member that knows it; the wait has its own
 * deadline (deadlines.ts).
 */
import type { CoreState, Decision, Member } from './core-state.js';
import { withMember } from './core-state.js';
import type { CoreEvent } from './core-types.js';
import { note, only } from './decision.js';

type Placing = Extract<CoreEvent, { kind: 'placing' }>;
type Placed = Extract<CoreEvent, { kind: 'placed' }>;

export function onPlacing(state: CoreState, event: Placing): Decision {
  const member = launched(state, event);
  if (!member || member.placing === event.why) return only(state);
  const { id } = member;
  const next = withMember(state, { ...member, placing: event.why });
  // That there is none at first is no news.
  return member.placing === null
    ? only(next)
    : only(next, note('placing', `${id} has no place yet: ${event.why}`, id));
}

export function onPlaced(state: CoreState, event: Placed, now: number): Decision {
  const member = launched(state, event);
  if (!member || member.placing === null) return only(state);
  return only(withMember(state, { ...member, placing: null, launchedAt: now }));
}

/** `w1, w2: no node has room (…); w7: …`: who has no place and why, the same reason told once. */
export function placingWords(members: readonly Member[]): string {
  const byReason = new Map<string, string[]>();
  for (const { id, placing } of members) {
    if (placing === null) continue;
    const ids = byReason.get(placing);
    if (ids) ids.push(id);
    else byReason.set(placing, [id]);
  }
  return [...byReason].map(([why, ids]) => `${whom(ids)}: ${why}`).join('; ');
}

function whom(ids: readonly string[]): string {
  return ids.length > 3 ? `${ids[0]} and ${ids.length - 1} others` : ids.join(', ');
}

function launched(state: CoreState, { worker, incarnation }: Placing | Placed): Member | null {
  const member = state.members.get(worker);
  return member?.phase === 'launched' && member.incarnation === incarnation ? member : null;
}
