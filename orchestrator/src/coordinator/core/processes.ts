/**
 * The book of processes: each launch has its own incarnation, and none of a worker id begins before the one
 * before it has ended or was killed. In: whom to launch, kill or let go. Out: the effect, and the entry.
 */
import type { CoreState, Decision, Member, Process } from './core-state.js';
import { withMember } from './core-state.js';
import type { CoreEffect, Standing } from './core-types.js';
import { note, only, seconds } from './decision.js';

/** A killed process whose end nobody tells (its machine is gone) is waited for so long. */
const EXIT_SEEN_MS = 10_000;

export function launch(state: CoreState, id: string, now: number): Decision {
  return launchAll(state, [id], now);
}

export function launchAll(state: CoreState, ids: readonly string[], now: number): Decision {
  let { members, processes, launches } = state;
  const effects = ids.map((id): CoreEffect => {
    const incarnation = `${state.lease}.${++launches}`;
    const before = members.get(id);
    members = members.with(id, { ...newcomer(id, incarnation, now), ...(before ? historyOf(before) : {}) });
    processes = processes.with(keyOf(id, incarnation), begun(id, incarnation));
    return { kind: 'launch', worker: id, incarnation };
  });
  return only({ ...state, launches, members, processes }, ...effects);
}

/** A worker that an earlier coordinator launched. */
export function adoptProcess(
  state: CoreState,
  id: string,
  incarnation: string,
  standing: Standing | null,
  now: number,
): CoreState {
  const member: Member = { ...newcomer(id, incarnation, now), standing, hasState: standing !== null };
  return put(withMember(state, member), begun(id, incarnation));
}

/** The lowest ids that no slot and no living process bears. */
export function freeIds(state: CoreState, count: number): string[] {
  const taken = new Set(state.processes.values().map(({ worker }) => worker));
  const free: string[] = [];
  for (let k = 0; free.length < count; k++)
    if (!state.members.has(`w${k}`) && !taken.has(`w${k}`)) free.push(`w${k}`);
  return free;
}

export function processOf(state: CoreState, id: string, incarnation: string): Process | undefined {
  return state.processes.get(keyOf(id, incarnation));
}

/** Nothing if it has ended or was killed already. */
export function kill(
  state: CoreState,
  id: string,
  incarnation: string,
  now: number,
  where?: string,
): Decision {
  const process = processOf(state, id, incarnation);
  if (!process) return only(state);
  const next = put(state, { ...process, where: where ?? process.where, killedAt: process.killedAt ?? now });
  return process.killedAt === null ? only(next, { kind: 'kill', worker: id }) : only(next);
}

/** It is told to stop, and killed if it does not. */
export function letGo(state: CoreState, member: Member, reason: string, now: number): Decision {
  const process = processOf(state, member.id, member.incarnation);
  if (!process || process.killedAt !== null) return only(state);
  return only(put(state, { ...process, killAt: now + state.limits.stopMs }), {
    kind: 'stop',
    worker: member.id,
    reason,
    complete: state.verdict?.state === 'done',
  });
}

/** As letGo, and its slot waits for its end. */
export function dismiss(state: CoreState, member: Member, reason: string, now: number): Decision {
  return letGo(withMember(state, { ...member, phase: 'leaving', dismissed: true }), member, reason, now);
}

export function hasEnded(state: CoreState, id: string, incarnation: string): CoreState {
  return { ...state, processes: state.processes.without(keyOf(id, incarnation)) };
}

/** On tick: who was let go and did not leave is killed; whose end is not told after that is taken as ended. */
export function enforceLeave(state: CoreState, now: number): Decision {
  const effects: CoreEffect[] = [];
  let { processes } = state;
  for (const process of state.processes.values()) {
    const { killAt, killedAt, worker, incarnation } = process;
    const key = keyOf(worker, incarnation);
    if (killedAt === null && killAt !== null && now >= killAt) {
      processes = processes.with(key, { ...process, killedAt: now });
      effects.push({ kind: 'kill', worker });
    } else if (killedAt !== null && now - killedAt >= EXIT_SEEN_MS) {
      processes = processes.without(key);
      const message = `the end of ${worker}'s process was not seen within ${seconds(EXIT_SEEN_MS)} of its kill`;
      effects.push(note('end-unseen', message, worker));
    }
  }
  return only({ ...state, processes }, ...effects);
}

function keyOf(id: string, incarnation: string): string {
  return `${id} ${incarnation}`;
}

function put(state: CoreState, process: Process): CoreState {
  const key = keyOf(process.worker, process.incarnation);
  return { ...state, processes: state.processes.with(key, process) };
}

function begun(worker: string, incarnation: string): Process {
  return { worker, incarnation, killAt: null, killedAt: null, where: null };
}

function historyOf({ restarts, earlyDeaths }: Member): Pick<Member, 'restarts' | 'earlyDeaths'> {
  return { restarts, earlyDeaths };
}

function newcomer(id: string, incarnation: string, now: number): Member {
  return {
    id,
    phase: 'launched',
    incarnation,
    launchedAt: now,
    placing: null,
    heardAt: null,
    doing: null,
    doingSince: now,
    fingerprint: null,
    probe: null,
    address: null,
    standing: null,
    hasState: false,
    memberSince: null,
    enteredAt: null,
    finished: null,
    dismissed: false,
    restartAt: null,
    closed: false,
    restarts: 0,
    earlyDeaths: 0,
  };
}
