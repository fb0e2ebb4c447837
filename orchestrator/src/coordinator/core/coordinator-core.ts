/**
 * The coordinator's decisions as a pure function: step(state, event, now) → { state, effects }.
 *
 * A run's life: `begin` launches the workers (gathering); each joins, gets the job and says when it is
 * ready; when all are, one `start` each makes them a generation (training); they need no further word.
 * When all have finished with the same state, or one can't go on, there is a verdict (ending): everyone
 * is told to stop, who does not is killed, and when all are gone the run is concluded (over).
 *
 * In: what happened and the clock in milliseconds. Out: the next state, and what is to be done about it.
 */
import { BagfleetError } from '@bagfleet/proto';
import type { CoreEvent, CoreState, Decision, Limits, Member } from './core-types.js';
import { concludeWhenAllGone, enforceStop, give } from './ending.js';
import { onJoined, onReady } from './gathering.js';
import { onClosed, onExited, onFailed, onFinished, onTickWhileAlive } from './watching.js';

export function initialCore(limits: Limits): CoreState {
  const ids = Array.from({ length: limits.workers }, (_, rank) => `w${rank}`);
  return {
    limits,
    phase: 'new',
    members: new Map(ids.map((id) => [id, launchedMember(id)])),
    generation: 0,
    gatheringSince: 0,
    suspicion: null,
    verdict: null,
    endingSince: 0,
    killed: false,
  };
}

export function step(state: CoreState, event: CoreEvent, now: number): Decision {
  if (state.phase === 'over') return { state, effects: [] };
  const decision = decide(heard(state, event, now), event, now);
  return concludeWhenAllGone(decision);
}

function decide(state: CoreState, event: CoreEvent, now: number): Decision {
  switch (event.kind) {
    case 'begin':
      return begin(state, now);
    case 'joined':
      return onJoined(state, event, now);
    case 'ready':
      return onReady(state, event, now);
    case 'heard':
      return { state, effects: [] };
    case 'finished':
      return onFinished(state, event, now);
    case 'failed':
      return onFailed(state, event, now);
    case 'closed':
      return onClosed(state, event, now);
    case 'exited':
      return onExited(state, event, now);
    case 'cancel':
      return give(state, { state: 'cancelled', error: new BagfleetError('cancelled', event.reason) }, now);
    case 'interrupt':
      return give(state, { state: 'interrupted', error: interrupted(event.signal) }, now);
    case 'tick':
      return state.phase === 'ending' ? enforceStop(state, now) : onTickWhileAlive(state, now);
  }
}

function begin(state: CoreState, now: number): Decision {
  const workers = [...state.members.keys()];
  return {
    state: { ...state, phase: 'gathering', gatheringSince: now },
    effects: [
      ...workers.map((worker) => ({ kind: 'launch', worker }) as const),
      { kind: 'note', event: 'launching', message: `launching ${workers.length} workers` },
    ],
  };
}

/** Whatever a worker says shows that it lives. */
function heard(state: CoreState, event: CoreEvent, now: number): CoreState {
  if (!('worker' in event) || event.kind === 'exited' || event.kind === 'closed') return state;
  const member = state.members.get(event.worker);
  if (!member || member.phase === 'gone') return state;
  const doing = event.kind === 'heard' && event.doing ? event.doing : member.doing;
  return { ...state, members: new Map(state.members).set(member.id, { ...member, heardAt: now, doing }) };
}

function launchedMember(id: string): Member {
  return {
    id,
    phase: 'launched',
    heardAt: null,
    doing: null,
    fingerprint: null,
    probe: null,
    address: null,
    stateDigest: null,
  };
}

function interrupted(signal: string): BagfleetError {
  return new BagfleetError('interrupted', `the coordinator was told to stop by ${signal}`, {
    hint: 'The checkpoints written so far are whole.',
  });
}
