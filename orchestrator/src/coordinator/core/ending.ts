/**
 * Ending: a verdict is given once, everyone is told to stop, the slow are killed, the last one gone concludes.
 */
import type { CoreEffect, CoreState, Decision, Verdict } from './core-types.js';

/** The first verdict stands. */
export function give(state: CoreState, verdict: Verdict, now: number): Decision {
  if (state.verdict) return { state, effects: [] };
  const reason = verdict.error?.message ?? 'the run is complete';
  return {
    state: { ...state, phase: 'ending', verdict, endingSince: now },
    effects: [
      { kind: 'note', event: verdict.state, message: verdict.error?.describe() ?? reason },
      ...alive(state).map((worker): CoreEffect => ({ kind: 'stop', worker, reason })),
    ],
  };
}

export function enforceStop(state: CoreState, now: number): Decision {
  if (state.killed || now - state.endingSince < state.limits.stopMs) return { state, effects: [] };
  return {
    state: { ...state, killed: true },
    effects: alive(state).map((worker): CoreEffect => ({ kind: 'kill', worker })),
  };
}

export function concludeWhenAllGone({ state, effects }: Decision): Decision {
  if (state.phase !== 'ending' || !state.verdict || alive(state).length > 0) return { state, effects };
  return {
    state: { ...state, phase: 'over' },
    effects: [...effects, { kind: 'conclude', verdict: state.verdict }],
  };
}

function alive(state: CoreState): string[] {
  return [...state.members.values()].filter(({ phase }) => phase !== 'gone').map(({ id }) => id);
}
