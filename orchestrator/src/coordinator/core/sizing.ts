/**
 * Sizing: which worker ids the fleet has. Told whenever it changes, for launchers that keep workers alive by
 * themselves: an Indexed Job has as many indexes as the fleet has ids.
 * In: who is there or may still come. Out: `size`; never below the last worker that is not let go yet, never 0.
 */
import type { CoreState, Decision } from './core-state.js';
import { lastById } from './core-state.js';
import { only } from './decision.js';

export function tellSize(state: CoreState): Decision {
  // Workers of an earlier coordinator may still come back: who they are is not known yet.
  if (state.phase === 'new' || state.adoptUntil !== null) return only(state);
  const last = lastById(state, ({ closed }) => !closed);
  // w2 is the third.
  const ids = last ? Number(last.id.slice(1)) + 1 : 1;
  return ids === state.size ? only(state) : only({ ...state, size: ids }, { kind: 'size', ids });
}
