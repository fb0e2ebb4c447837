/**
 * Gathering: workers join, show what machine they are, and become ready; then they become a generation.
 * A machine that computes differently is refused before it computes anything (I2).
 */
import { BagfleetError } from '@bagfleet/proto';
import type { CoreEffect, CoreEvent, CoreState, Decision, Member } from './core-types.js';
import { give } from './ending.js';

type Joined = Extract<CoreEvent, { kind: 'joined' }>;
type Ready = Extract<CoreEvent, { kind: 'ready' }>;

export function onJoined(state: CoreState, event: Joined, now: number): Decision {
  const member = state.members.get(event.worker);
  if (member?.phase !== 'launched' || state.phase !== 'gathering') return refuse(state, event.worker);
  const other = differing(state, member.id, 'fingerprint', event.fingerprint);
  if (other && state.limits.determinism === 'strict') {
    return withFront(give(state, { state: 'failed', error: otherMachine(member.id, other.id) }, now), [
      { kind: 'refuse', worker: member.id, error: otherMachine(member.id, other.id) },
    ]);
  }
  return {
    state: withMember(state, { ...member, phase: 'joined', fingerprint: event.fingerprint }),
    effects: [
      { kind: 'welcome', worker: member.id },
      { kind: 'note', event: 'joined', message: `${member.id} joined`, worker: member.id },
      ...(other ? [admitted(member.id, other.id)] : []),
    ],
  };
}

export function onReady(state: CoreState, event: Ready, now: number): Decision {
  const member = state.members.get(event.worker);
  if (member?.phase !== 'joined' || state.phase !== 'gathering') return { state, effects: [] };
  const other = differing(state, member.id, 'probe', event.probe);
  if (other && state.limits.determinism === 'strict')
    return give(state, { state: 'failed', error: otherBits(member.id, other.id) }, now);
  const ready: Member = { ...member, phase: 'ready', probe: event.probe, address: event.address };
  const next = withMember(state, ready);
  const effects: CoreEffect[] = [
    { kind: 'note', event: 'ready', message: `${member.id} is ready`, worker: member.id },
    ...(other ? [admitted(member.id, other.id)] : []),
  ];
  const everyone = [...next.members.values()];
  return everyone.every(({ phase }) => phase === 'ready')
    ? withFront(startGeneration(next, everyone), effects)
    : { state: next, effects };
}

function startGeneration(state: CoreState, everyone: readonly Member[]): Decision {
  const generation = state.generation + 1;
  const members = everyone.map(({ id, address }) => ({ id, address: address ?? '' }));
  return {
    state: {
      ...state,
      phase: 'training',
      generation,
      members: new Map(everyone.map((member) => [member.id, { ...member, phase: 'training' }])),
    },
    effects: [
      ...everyone.map(({ id }, rank) => ({ kind: 'start', worker: id, rank, generation, members }) as const),
      {
        kind: 'note',
        event: 'generation',
        message: `generation ${generation} begins with ${everyone.length} workers`,
      },
    ],
  };
}

/** The first other member whose fact is known and differs. */
function differing(
  state: CoreState,
  id: string,
  fact: 'fingerprint' | 'probe',
  value: string,
): Member | undefined {
  return [...state.members.values()].find(
    (member) => member.id !== id && member[fact] !== null && member[fact] !== value,
  );
}

function refuse(state: CoreState, worker: string): Decision {
  const error = new BagfleetError('peer-refused', 'is not expected in this run, or is here already', {
    culprit: `worker ${worker}`,
  });
  return { state, effects: [{ kind: 'refuse', worker, error }] };
}

function otherMachine(id: string, other: string): BagfleetError {
  return new BagfleetError('fingerprint-mismatch', `runs on another kind of machine than ${other}`, {
    culprit: `worker ${id}`,
    hint: 'Use the same hardware and image for all workers, or set fleet.determinism: relaxed.',
  });
}

function otherBits(id: string, other: string): BagfleetError {
  return new BagfleetError('fingerprint-mismatch', `computes other bits than ${other} for the probe bag`, {
    culprit: `worker ${id}`,
    hint: 'Use the same hardware and image for all workers, or set fleet.determinism: relaxed.',
  });
}

function admitted(id: string, other: string): CoreEffect {
  return {
    kind: 'note',
    event: 'relaxed',
    message: `${id} differs from ${other} and is admitted, as determinism is relaxed: results may differ in their last bits`,
    worker: id,
  };
}

export function withMember(state: CoreState, member: Member): CoreState {
  return { ...state, members: new Map(state.members).set(member.id, member) };
}

function withFront(decision: Decision, front: readonly CoreEffect[]): Decision {
  return { state: decision.state, effects: [...front, ...decision.effects] };
}
