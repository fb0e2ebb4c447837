/**
 * Watching: what the workers' words, silences and exits mean while the run is alive.
 * No silent wait (I5): each deadline that passes names whom and what it waited for.
 */
import { BagfleetError } from '@bagfleet/proto';
import type { CoreEvent, CoreState, Decision, Member } from './core-types.js';
import { give } from './ending.js';
import { withMember } from './gathering.js';

type Of<K extends CoreEvent['kind']> = Extract<CoreEvent, { kind: K }>;

export function onFinished(state: CoreState, event: Of<'finished'>, now: number): Decision {
  const member = state.members.get(event.worker);
  if (member?.phase !== 'training') return { state, effects: [] };
  const next = withMember(state, { ...member, phase: 'finished', stateDigest: event.stateDigest });
  const everyone = [...next.members.values()];
  if (!everyone.every(({ phase }) => phase === 'finished')) return { state: next, effects: [] };
  const odd = everyone.find(({ stateDigest }) => stateDigest !== everyone[0].stateDigest);
  return give(
    next,
    odd ? { state: 'failed', error: otherState(odd.id) } : { state: 'done', error: null },
    now,
  );
}

/**
 * A worker's own trouble ends the run at once. A complaint about a peer waits a moment: when a worker
 * dies, its peers often notice before its exit is seen, and the exit is the better explanation.
 */
export function onFailed(state: CoreState, event: Of<'failed'>, now: number): Decision {
  if (state.phase === 'ending') return { state, effects: [] };
  const { error } = event;
  if (isComplaint(error)) return suspect(state, error, now);
  return give(state, { state: 'failed', error }, now);
}

export function onClosed(state: CoreState, event: Of<'closed'>, now: number): Decision {
  const member = state.members.get(event.worker);
  if (!member || member.phase === 'gone' || member.phase === 'finished' || state.phase === 'ending')
    return { state, effects: [] };
  const error = new BagfleetError('worker-lost', `closed its session ${whereabouts(member)}`, {
    culprit: `worker ${member.id}`,
  });
  return suspect(state, error, now);
}

export function onExited(state: CoreState, event: Of<'exited'>, now: number): Decision {
  const member = state.members.get(event.worker);
  if (!member) return { state, effects: [] };
  const next = withMember(state, { ...member, phase: 'gone' });
  if (state.phase === 'ending') return { state: next, effects: [] };
  return give(next, { state: 'failed', error: exitError(member, event) }, now);
}

export function onTickWhileAlive(state: CoreState, now: number): Decision {
  if (state.suspicion && now - state.suspicion.since >= state.limits.graceMs)
    return give(state, { state: 'failed', error: state.suspicion.error }, now);
  const late = state.phase === 'gathering' && now - state.gatheringSince >= state.limits.setupMs;
  if (late) return give(state, { state: 'failed', error: setupTimeout(state) }, now);
  const silent = [...state.members.values()].find((member) => isSilent(state, member, now));
  if (silent) return give(state, { state: 'failed', error: silence(silent, now) }, now);
  return { state, effects: [] };
}

function suspect(state: CoreState, error: BagfleetError, now: number): Decision {
  return state.suspicion
    ? { state, effects: [] }
    : { state: { ...state, suspicion: { error, since: now } }, effects: [] };
}

function isComplaint(error: BagfleetError): boolean {
  return error.code === 'worker-lost' || error.code === 'wait-timeout';
}

function isSilent({ limits }: CoreState, member: Member, now: number): boolean {
  const talks = member.phase === 'joined' || member.phase === 'ready' || member.phase === 'training';
  return talks && member.heardAt !== null && now - member.heardAt >= limits.heartbeatMs;
}

function exitError(member: Member, { code, signal, lastLines }: Of<'exited'>): BagfleetError {
  const how = signal ? `was killed by ${signal}` : `ended with exit code ${code}`;
  const words =
    lastLines.length > 0 ? `\n  its last lines:\n${lastLines.map((line) => `    ${line}`).join('\n')}` : '';
  return new BagfleetError('worker-lost', `${how} ${whereabouts(member)}${words}`, {
    culprit: `worker ${member.id}`,
    hint: 'Its whole output: `bagfleet logs`. The checkpoints written so far are whole.',
  });
}

function silence(member: Member, now: number): BagfleetError {
  const seconds = ((now - (member.heardAt ?? now)) / 1000).toFixed(1);
  return new BagfleetError('worker-lost', `was not heard for ${seconds} s ${whereabouts(member)}`, {
    culprit: `worker ${member.id}`,
    hint: 'Is its machine overloaded or stopped? The limit is fleet.heartbeatTimeout.',
  });
}

function setupTimeout({ members, limits }: CoreState): BagfleetError {
  const waiting = [...members.values()].filter(({ phase }) => phase !== 'ready');
  const who = waiting.map(({ id, phase, doing }) => `${id} (${doing?.phase ?? phase})`).join(', ');
  return new BagfleetError('wait-timeout', `not ready after ${limits.setupMs / 1000} s: ${who}`, {
    culprit: waiting.length === 1 ? `worker ${waiting[0].id}` : `${waiting.length} workers`,
    hint: 'See `bagfleet logs`; the limit is fleet.setupTimeout.',
  });
}

function otherState(id: string): BagfleetError {
  return new BagfleetError('state-mismatch', 'finished with another state than w0', {
    culprit: `worker ${id}`,
  });
}

function whereabouts({ phase, doing }: Member): string {
  if (phase !== 'training' || !doing) return `while ${phase}`;
  return doing.phase === 'step'
    ? `in epoch ${doing.epoch}, step ${doing.step}`
    : `in epoch ${doing.epoch}, ${doing.phase}`;
}
