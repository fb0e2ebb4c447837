/**
 * Hearing: whatever a worker says shows that it lives, and what it does shows whether the fleet moves.
 * In: any event. Out: the state that knows it; and the answers to the plain words, entered and failed.
 */
import type { CoreState, Decision, Member } from './core-state.js';
import { isHere, isMember, sameGeneration, withMember } from './core-state.js';
import type { CoreEvent, Doing } from './core-types.js';
import { only } from './decision.js';
import { give } from './ending.js';

const COMPUTING: ReadonlySet<string> = new Set(['step', 'validation', 'checkpoint', 'finished']);

export function hear(state: CoreState, event: CoreEvent, now: number): CoreState {
  if (!('worker' in event) || event.kind === 'exited' || event.kind === 'closed' || event.kind === 'joined')
    return state;
  const member = state.members.get(event.worker);
  if (!member || !(isHere(member) || member.phase === 'leaving')) return state;
  const doing = event.kind === 'heard' && event.doing ? event.doing : null;
  const heard: Member =
    doing && !sameDoing(doing, member.doing)
      ? { ...member, heardAt: now, doing, doingSince: now }
      : { ...member, heardAt: now };
  if (!doing || !isMember(member)) return withMember(state, heard);
  return moved(withMember(state, withEntry(state, heard, doing, now)), doing.epoch, doing.step, 0);
}

export function onEntered(
  state: CoreState,
  event: Extract<CoreEvent, { kind: 'entered' }>,
  now: number,
): Decision {
  const member = state.members.get(event.worker);
  if (!member || !isMember(member) || !sameGeneration(event.generation, state.generation)) return only(state);
  const entered = withMember(state, { ...member, enteredAt: member.enteredAt ?? now, hasState: true });
  return only(moved(entered, 0, 0, event.step));
}

/** A worker's own trouble, such as a broken bag, ends the run at once: no fleet could go on. */
export function onFailed(
  state: CoreState,
  event: Extract<CoreEvent, { kind: 'failed' }>,
  now: number,
): Decision {
  const member = state.members.get(event.worker);
  if (!member || !(isHere(member) || member.phase === 'leaving')) return only(state);
  return give(state, { state: 'failed', error: event.error }, now);
}

/** Of an adopted generation the entry was told to an earlier coordinator: computing shows it. */
function withEntry({ generation, lease }: CoreState, member: Member, { phase }: Doing, now: number): Member {
  const adopted = generation !== null && generation.lease !== lease;
  return adopted && COMPUTING.has(phase) ? { ...member, enteredAt: member.enteredAt ?? now } : member;
}

/** Past the furthest so far: the generations are not in vain. */
function moved(state: CoreState, epoch: number, step: number, updates: number): CoreState {
  const { furthest } = state;
  const further = epoch > furthest.epoch || (epoch === furthest.epoch && step > furthest.step);
  const more = updates > furthest.updates;
  if (!further && !more) return state;
  return {
    ...state,
    barren: 0,
    furthest: {
      ...(further ? { epoch, step } : { epoch: furthest.epoch, step: furthest.step }),
      updates: Math.max(updates, furthest.updates),
    },
  };
}

function sameDoing(a: Doing, b: Doing | null): boolean {
  return b !== null && a.phase === b.phase && a.epoch === b.epoch && a.step === b.step;
}
