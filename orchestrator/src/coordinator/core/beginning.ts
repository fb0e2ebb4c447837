/**
 * Beginning: a first coordinator launches the workers; one that takes over waits for those that live.
 */
import type { CoreState, Decision } from './core-state.js';
import type { CoreEvent } from './core-types.js';
import { countOf, inTurn, note, only, seconds } from './decision.js';
import { launchAll } from './processes.js';

type Begin = Extract<CoreEvent, { kind: 'begin' }>;

export function onBegin(state: CoreState, { lease, workers, takeover }: Begin, now: number): Decision {
  if (state.phase !== 'new') return only(state);
  const wanted = Math.max(1, workers);
  const begun: CoreState = { ...state, lease, wanted, takeover };
  const { adoptMs } = state.limits;
  const waits = `took over: the workers of the earlier coordinator have ${seconds(adoptMs)} to come back`;
  if (takeover)
    return only({ ...begun, phase: 'adopting', adoptUntil: now + adoptMs }, note('takeover', waits));
  return inTurn(
    { ...begun, phase: 'gathering' },
    (next) => launchAll(next, firstIds(wanted), now),
    (next) => only(next, note('launching', `launching ${countOf(wanted)}`)),
  );
}

/** w0, w1, … */
export function firstIds(count: number): string[] {
  return Array.from({ length: count }, (_, k) => `w${k}`);
}
