/**
 * Instance dropout: each instance is left out with the same probability, as words are in language models.
 * In: indices (null for all), the probability. Out: those that stay, one at least.
 */
import { rngOf, type Visit } from './visit.js';

export function dropInstances(
  chosen: Uint32Array | null,
  instances: number,
  rate: number,
  visit: Visit,
): Uint32Array | null {
  if (rate === 0) return chosen;
  const all = chosen ?? Uint32Array.from({ length: instances }, (_, i) => i);
  const draws = rngOf(visit, 'instance-dropout').uniform(all.length); // [chosen]
  const kept = all.filter((_, place) => draws[place] >= rate);
  return kept.length > 0 ? kept : Uint32Array.of(all[draws.indexOf(Math.max(...draws))]);
}
