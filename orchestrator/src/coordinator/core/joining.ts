/**
 * Joining: a worker opens its session, shows what machine it is, and says when it is prepared.
 * In: joined, ready. Out: welcome, or refuse: which never touches the rightful bearer of the id.
 */
import { BagfleetError } from '@bagfleet/proto';
import type { CoreState, Decision, Member } from './core-state.js';
import { activeCount, withMember } from './core-state.js';
import type { CoreEvent } from './core-types.js';
import { inTurn, note, only } from './decision.js';
import { adoptProcess, processOf } from './processes.js';
import { admitted, differsFrom, type Fact, refuseMachine } from './same-machine.js';

type Joined = Extract<CoreEvent, { kind: 'joined' }>;
type Ready = Extract<CoreEvent, { kind: 'ready' }>;

export function onJoined(state: CoreState, event: Joined, now: number): Decision {
  const { worker, incarnation } = event;
  const member = state.members.get(worker);
  if (member?.phase === 'launched' && member.incarnation === incarnation)
    return join(state, member, event, now);
  if (!member && outlived(state, event)) {
    const adopted = adoptProcess(state, worker, incarnation, event.standing, now);
    const newcomer = adopted.members.get(worker);
    if (newcomer) return join(adopted, newcomer, event, now);
  }
  return refuseStranger(state, worker);
}

/** One of an earlier coordinator's workers: at any time after a takeover, while there is room for it. */
function outlived(state: CoreState, { worker, incarnation }: Joined): boolean {
  if (!state.takeover || processOf(state, worker, incarnation)) return false;
  return state.phase === 'adopting' || activeCount(state) < state.wanted;
}

function join(state: CoreState, member: Member, { fingerprint, standing }: Joined, now: number): Decision {
  const { id } = member;
  const joined: Member = { ...member, phase: 'joined', fingerprint, heardAt: now };
  const words = standing
    ? `${id} came back, it works in a generation of ${standing.members.length}`
    : `${id} joined`;
  return admit(state, joined, 'fingerprint', fingerprint, now, (next) =>
    only(withMember(next, joined), { kind: 'welcome', worker: id }, note('joined', words, id)),
  );
}

export function onReady(state: CoreState, { worker, address, probe }: Ready, now: number): Decision {
  const member = state.members.get(worker);
  if (member?.phase !== 'joined') return only(state);
  const ready: Member = { ...member, phase: 'ready', address, probe, earlyDeaths: 0 };
  return admit(state, ready, 'probe', probe, now, (next) =>
    only(withMember(next, ready), note('ready', `${worker} is ready`, worker)),
  );
}

function admit(
  state: CoreState,
  member: Member,
  fact: Fact,
  value: string,
  now: number,
  accept: (state: CoreState) => Decision,
): Decision {
  const other = differsFrom(state, member.id, fact, value);
  if (other === null) return accept(state);
  if (state.limits.determinism === 'strict') return refuseMachine(state, member, fact, other, now);
  return inTurn(state, accept, (next) => only(next, admitted(member.id, other)));
}

export function refuseStranger(state: CoreState, worker: string): Decision {
  const error = new BagfleetError('peer-refused', 'is not expected in this run, or is here already', {
    culprit: `worker ${worker}`,
  });
  return only(state, { kind: 'refuse', worker, error });
}
