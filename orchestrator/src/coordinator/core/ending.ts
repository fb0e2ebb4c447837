/**
 * Ending: a verdict is given once, everyone is told to stop, the slow are killed, the last one gone concludes.
 */
import type { CoreState, Decision, Member } from './core-state.js';
import { isHere } from './core-state.js';
import type { Verdict } from './core-types.js';
import { note, only } from './decision.js';
import { kill, letGo } from './processes.js';

/** The first verdict stands. */
export function give(state: CoreState, verdict: Verdict, now: number): Decision {
  if (state.verdict) return only(state);
  const reason = verdict.error?.message ?? 'the run is complete';
  const effects = [note(verdict.state, verdict.error?.describe() ?? reason)];
  let ending: CoreState = { ...state, phase: 'ending', verdict, endingSince: now };
  for (const member of state.members.values()) {
    const next = stopOne(ending, member, reason, now);
    ending = next.state;
    effects.push(...next.effects);
  }
  return only(ending, ...effects);
}

/** Who has no session yet can't be told. */
function stopOne(state: CoreState, member: Member, reason: string, now: number): Decision {
  if (member.phase === 'launched') return kill(state, member.id, member.incarnation, now);
  const listens = isHere(member) || (member.phase === 'leaving' && !member.dismissed);
  return listens ? letGo(state, member, reason, now) : only(state);
}

export function concludeWhenAllGone({ state, effects }: Decision): Decision {
  if (state.phase !== 'ending' || !state.verdict || state.processes.size > 0) return { state, effects };
  return {
    state: { ...state, phase: 'over' },
    effects: [...effects, { kind: 'conclude', verdict: state.verdict }],
  };
}
