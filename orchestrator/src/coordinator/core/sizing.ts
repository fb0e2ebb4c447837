/**
 * Sizing: which worker ids the fleet has. Told whenever it changes, for launchers that keep workers alive by
 * themselves: an Indexed Job has as many indexes as the fleet has ids.
 * In: who is there or may still come. Out: `size`; never below the last worker that is not let go yet, never 0.
 */
import type { CoreState, Decision } from './core-state.js';
import { only } from './decision.js';

export function tellSize(state: CoreState): Decision {
  // Workers of an earlier coordinator may still come back: who they are is not known yet.
  if (state.phase === 'new' || state.adoptUntil !== null) return only(state);
  let ids = 1;
  for (const member of state.members.values()) ids = Math.max(ids, indexAfter(member));
  return ids === state.size ? only(state) : only({ ...state, size: ids }, { kind: 'size', ids });
}

/** 3 for w2; 0 for one that does not come back. */
function indexAfter({ id, closed }: { readonly id: string; readonly closed: boolean }): number {
  return closed ? 0 : Number(id.slice(1)) + 1;
}
