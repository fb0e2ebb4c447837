/**
 * How decisions are put together and worded: one policy after the other, and nothing after a verdict.
 */
import type { CoreState, Decision } from './core-state.js';
import type { CoreEffect, GenerationId } from './core-types.js';

export type Policy = (state: CoreState) => Decision;

/** Each policy sees what the one before it decided; a verdict is the last word. */
export function inTurn(state: CoreState, ...policies: readonly Policy[]): Decision {
  const effects: CoreEffect[] = [];
  let now = state;
  for (const policy of policies) {
    if (now.verdict) break;
    const next = policy(now);
    now = next.state;
    for (const effect of next.effects) effects.push(effect);
  }
  return { state: now, effects };
}

export function only(state: CoreState, ...effects: readonly CoreEffect[]): Decision {
  return { state, effects };
}

export function note(event: string, message: string, worker?: string): CoreEffect {
  return { kind: 'note', event, message, ...(worker === undefined ? {} : { worker }) };
}

/** 1 worker, 3 workers. */
export function countOf(count: number, thing = 'worker'): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

export function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}

export function named(generation: GenerationId | null): string {
  return generation ? `${generation.lease}.${generation.number}` : 'none';
}
