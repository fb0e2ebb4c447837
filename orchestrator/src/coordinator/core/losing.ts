/**
 * Losing a worker: it is ended, told of, and started again if its budget allows. That the survivors go on without
 * it is regrouping's. In: whose process, stream or patience ended. Out: the slot is gone or launched anew.
 */
import type { BagfleetError } from '@bagfleet/proto';
import type { CoreState, Decision, Member } from './core-state.js';
import { isHere, isMember, withMember } from './core-state.js';
import type { CoreEvent } from './core-types.js';
import { inTurn, note, only } from './decision.js';
import { give } from './ending.js';
import { replace } from './leaving.js';
import {
  closedSession,
  type Exited,
  exitError,
  explained,
  howItEnded,
  lastWords,
  whereabouts,
} from './loss-words.js';
import { hasEnded, kill, processOf } from './processes.js';
import { restart } from './restarting.js';

export interface Cause {
  readonly error: BagfleetError;
  readonly event?: 'lost' | 'expelled';
  /** Why there is a next generation, if not `w1 was lost`. */
  readonly reason?: string;
  readonly exited?: boolean;
  readonly byStream?: boolean;
}

export function lose(state: CoreState, member: Member, cause: Cause, now: number): Decision {
  const { id, incarnation } = member;
  const { error, event = 'lost', exited = false, byStream = false } = cause;
  const reasons = isMember(member) ? [cause.reason ?? `${id} was lost`] : [];
  const gone: CoreState = {
    ...withMember(state, { ...member, phase: 'gone', enteredAt: null }),
    disturbed: state.disturbed || isMember(member),
    reasons: [...state.reasons, ...reasons],
    lastLoss: { worker: id, incarnation, error, at: now, known: exited, byStream },
  };
  return inTurn(
    gone,
    (next) => kill(next, id, incarnation, now, whereabouts(member)),
    (next) =>
      only(
        next,
        note(event, `${id} ${event === 'lost' ? 'is lost: it' : 'is expelled: it'} ${error.message}`, id),
      ),
    (next) => restart(next, member, now),
  );
}

export function onClosed(state: CoreState, { worker }: { readonly worker: string }, now: number): Decision {
  const member = state.members.get(worker);
  if (!member) return only(state);
  if (member.phase === 'leaving' && !member.dismissed) return replace(state, member, now);
  // Of one that was launched but has not joined, this is the session of an earlier one.
  if (!isHere(member)) return only(state);
  return lose(state, member, { error: closedSession(member), byStream: true }, now);
}

export function onExited(state: CoreState, event: Exited, now: number): Decision {
  const { worker, incarnation } = event;
  const process = processOf(state, worker, incarnation);
  if (!process) return only(state);
  const ended = hasEnded(state, worker, incarnation);
  const member = state.members.get(worker);
  const current = member?.incarnation === incarnation ? member : undefined;
  if (current && wasComplete(state, current, event)) return give(ended, { state: 'done', error: null }, now);
  if (current && (isHere(current) || current.phase === 'launched'))
    return lose(
      ended,
      begun(current, event),
      { error: exitError(event, whereabouts(current)), exited: true },
      now,
    );
  const words = note('exited', `the process of ${worker} ${howItEnded(event)}${lastWords(event)}`, worker);
  const told = only(withExplanation(ended, event, process.where), words);
  if (current?.phase !== 'leaving') return told;
  return inTurn(
    told.state,
    () => told,
    (next) => replace(next, current, now),
  );
}

/** A process that has ended has begun, even if nobody has told so: it had a place. */
function begun(member: Member, { code, signal }: Exited): Member {
  return code === null && signal === null ? member : { ...member, placing: null };
}

/**
 * A worker leaves with 0 only if a coordinator has told it that the run is complete. One that has not joined this
 * coordinator was told by an earlier one, which died before it could write its verdict down.
 */
function wasComplete({ takeover }: CoreState, { phase }: Member, { code }: Exited): boolean {
  return takeover && phase === 'launched' && code === 0;
}

/** The loss that was handled when its stream ended is now known by its exit. */
function withExplanation(state: CoreState, exit: Exited, where: string | null): CoreState {
  const { lastLoss } = state;
  if (lastLoss?.worker !== exit.worker || lastLoss.incarnation !== exit.incarnation) return state;
  const error = explained(lastLoss, exit, where ?? '');
  return { ...state, lastLoss: { ...lastLoss, error, known: true } };
}

/** In the end only the exit itself matters. */
export function onExitedInEnd(state: CoreState, event: Extract<CoreEvent, { kind: 'exited' }>): Decision {
  return only(hasEnded(state, event.worker, event.incarnation));
}
