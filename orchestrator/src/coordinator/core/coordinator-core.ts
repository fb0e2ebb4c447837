/**
 * The coordinator's decisions as a pure function: step(state, event, now) → { state, effects }.
 *
 * A run's life. `begin` launches the workers (gathering); each joins, gets the job, shows what machine it is and
 * says when it is ready. Then one `start` each makes them a generation (training): ranks and addresses go out, and
 * they need no further word until the membership changes. It changes at once when a member is lost (its stream or its
 * process ends, it is silent, stands still, does not enter, or most others name it): the survivors get the next
 * generation in the same breath, the lost one is started again within its budget. It changes at a step's end when one
 * that was started is ready, or when the fleet is scaled. With too few left the run waits, with a deadline (waiting).
 *
 * A coordinator that takes over launches nothing at first (adopting): workers that outlived the earlier one say where
 * they stand, and a generation that is whole is left alone.
 *
 * When all have finished with the same state, or the run can't go on, or is told to stop, there is a verdict
 * (ending): everyone is told to stop, who does not is killed, and when all are gone the run is concluded (over).
 *
 *   new → gathering → training ⇄ waiting          from anywhere → ending → over
 *    └──→ adopting ────┘    └→ gathering (machines disagree: back to the last checkpoint)
 *
 * Each event is heard (hearing.ts), answered by one policy (`decide`), and then the state is settled: are there too
 * few, too many, is it time for a generation? On ticks the deadlines are looked at first.
 *
 * In: what happened and the clock in milliseconds. Out: the next state, and what is to be done about it.
 */
import { BagfleetError } from '@bagfleet/proto';
import { adopt, adoptTimeout } from './adopting.js';
import { onBegin } from './beginning.js';
import { judgeComplaints, onBroken } from './complaints.js';
import type { CoreState, Decision } from './core-state.js';
import { nowhere } from './core-state.js';
import type { CoreEvent, Limits } from './core-types.js';
import { loseTheLate } from './deadlines.js';
import { inTurn, only } from './decision.js';
import { concludeWhenAllGone, give } from './ending.js';
import { askWhoFinished, onFinished } from './finishing.js';
import { hear, onEntered, onFailed } from './hearing.js';
import { IdMap } from './id-map.js';
import { onInterrupt } from './interrupting.js';
import { onJoined, onReady, refuseStranger } from './joining.js';
import { keepTimeout, keepWithAnother, onKept } from './keeping.js';
import { finishLeaves, onLeaving } from './leaving.js';
import { onClosed, onExited, onExitedInEnd } from './losing.js';
import { onPlaced, onPlacing } from './placing.js';
import { enforceLeave } from './processes.js';
import { regroup } from './regrouping.js';
import { restartDue } from './restarting.js';
import { dropSurplus, onScale } from './scaling.js';
import { tellSize } from './sizing.js';
import { tellStatus } from './status.js';
import { giveUpInVain, waitTimeout } from './waiting.js';

export function step(state: CoreState, event: CoreEvent, now: number): Decision {
  if (state.phase === 'over') return only(state);
  if (state.phase === 'ending') return concludeWhenAllGone(decideInEnd(state, event, now));
  const decision = inTurn(
    hear(state, event, now),
    (next) => decide(next, event, now),
    (next) => settle(next, now),
    tellSize,
    tellStatus,
  );
  return concludeWhenAllGone(decision);
}

function decide(state: CoreState, event: CoreEvent, now: number): Decision {
  if (
    state.phase === 'new' &&
    event.kind !== 'begin' &&
    event.kind !== 'cancel' &&
    event.kind !== 'interrupt'
  )
    return event.kind === 'joined' ? refuseStranger(state, event.worker) : only(state);
  switch (event.kind) {
    case 'begin':
      return onBegin(state, event, now);
    case 'joined':
      return onJoined(state, event, now);
    case 'ready':
      return onReady(state, event, now);
    case 'heard':
      return only(state);
    case 'entered':
      return onEntered(state, event, now);
    case 'broken':
      return onBroken(state, event, now);
    case 'finished':
      return onFinished(state, event, now);
    case 'failed':
      return onFailed(state, event, now);
    case 'placing':
      return onPlacing(state, event);
    case 'placed':
      return onPlaced(state, event, now);
    case 'leaving':
      return onLeaving(state, event, now);
    case 'kept':
      return onKept(state, event, now);
    case 'closed':
      return onClosed(state, event, now);
    case 'exited':
      return onExited(state, event, now);
    case 'scale':
      return onScale(state, event, now);
    case 'cancel':
      return give(state, { state: 'cancelled', error: new BagfleetError('cancelled', event.reason) }, now);
    case 'interrupt':
      return onInterrupt(state, event, now);
    case 'tick':
      return onTick(state, now);
  }
}

function onTick(state: CoreState, now: number): Decision {
  return inTurn(
    state,
    (next) => enforceLeave(next, now),
    (next) => finishLeaves(next, now),
    (next) => adoptTimeout(next, now),
    (next) => judgeComplaints(next, now),
    (next) => loseTheLate(next, now),
    (next) => askWhoFinished(next, now),
    (next) => restartDue(next, now),
    (next) => keepTimeout(next, now),
    (next) => waitTimeout(next, now),
  );
}

function settle(state: CoreState, now: number): Decision {
  return inTurn(
    state,
    (next) => adopt(next, now),
    (next) => dropSurplus(next, now),
    (next) => giveUpInVain(next, now),
    (next) => regroup(next, now),
    (next) => keepWithAnother(next, now),
  );
}

function decideInEnd(state: CoreState, event: CoreEvent, now: number): Decision {
  switch (event.kind) {
    case 'joined':
      return refuseStranger(state, event.worker);
    case 'exited':
      return onExitedInEnd(state, event);
    case 'tick':
      return enforceLeave(state, now);
    default:
      return only(state);
  }
}

export function initialCore(limits: Limits): CoreState {
  return {
    limits,
    phase: 'new',
    lease: 0,
    wanted: 1,
    launches: 0,
    members: IdMap.empty(),
    processes: IdMap.empty(),
    generation: null,
    roster: [],
    made: 0,
    begunAt: 0,
    disturbed: false,
    reasons: [],
    machine: null,
    takeover: false,
    adoptUntil: null,
    waitingSince: 0,
    complaints: [],
    complainedAt: 0,
    keeping: null,
    interrupted: null,
    furthest: nowhere,
    barren: 0,
    rollbacks: 0,
    lastLoss: null,
    status: null,
    size: 0,
    verdict: null,
    endingSince: 0,
  };
}
