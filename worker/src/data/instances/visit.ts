/**
 * Which time a bag is looked at: what all randomness of a visit is keyed by.
 * In: a visit and a purpose. Out: a stream of numbers of its own, the same on every worker (I2).
 */
import { CounterRng } from '@bagfleet/proto/counter-rng';

export interface Visit {
  readonly seed: number;
  /** From 1. */
  readonly epoch: number;
  /** The bag's id. */
  readonly bag: string;
  /** Which time in this epoch, from 0. */
  readonly repeat: number;
}

/** `purpose` first, and what it is about last: `rngOf(visit, 'dropout', 'attention')`. */
export function rngOf(
  { seed, epoch, bag, repeat }: Visit,
  purpose: string,
  ...about: readonly (string | number)[]
): CounterRng {
  const again = repeat > 0 ? [repeat] : [];
  return new CounterRng(seed, [purpose, epoch, bag, ...about, ...again]);
}
