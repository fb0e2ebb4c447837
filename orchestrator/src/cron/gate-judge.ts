/**
 * Whether a candidate is promoted: a pure function of the gate and of what was measured on the hold-out.
 * In: the gate's comparisons, the metrics of candidate and production, the best values ever promoted on this
 * hold-out. Out: yes or no, and a sentence with numbers for each comparison.
 */
import type { MetricName, MetricValues, Night } from '@bagfleet/proto';
import { better } from '@bagfleet/worker/metrics/best-so-far';
import { UNDEFINED_BECAUSE } from '@bagfleet/worker/metrics/undefined-because';
import type { Comparison, Operator } from './gate-parse.js';

export interface Measured {
  readonly candidate: MetricValues;
  /** null: the tag points at nothing yet. */
  readonly production: MetricValues | null;
  /** Best value of a metric ever promoted on this hold-out; null for none. */
  readonly best: (metric: MetricName) => number | null;
}

export interface Judgement {
  readonly holds: boolean;
  readonly why: readonly string[];
}

const HOLDS: Readonly<Record<Operator, (a: number, b: number) => boolean>> = {
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
};

export function judge(gate: readonly Comparison[], measured: Measured): Judgement {
  const parts = gate.map((comparison) => judgeOne(comparison, measured));
  return { holds: parts.every(({ holds }) => holds), why: parts.map(({ sentence }) => sentence) };
}

/** `nights` in any order. */
export function bestPromoted(
  nights: readonly Night[],
  holdOut: string,
): (metric: MetricName) => number | null {
  const promoted = nights.filter((night) => night.outcome === 'promoted' && night.holdOut === holdOut);
  return (metric) =>
    promoted
      .map(({ candidate }) => candidate?.metrics[metric] ?? null)
      .reduce<number | null>((best, value) => (better(metric, value, best) ? value : best), null);
}

function judgeOne(
  { metric, operator, reference, offset }: Comparison,
  { candidate, production, best }: Measured,
): { holds: boolean; sentence: string } {
  const value = candidate[metric] ?? null;
  if (value === null)
    return { holds: false, sentence: `${metric} is undefined on the hold-out: ${UNDEFINED_BECAUSE[metric]}` };
  const has = `${metric} ${words(value)}`;
  const against =
    reference === null ? 0 : reference === 'best' ? best(metric) : (production?.[metric] ?? null);
  if (against === null)
    return {
      holds: true,
      sentence: `${has}: ${nothingToCompare(reference === 'best', production !== null)}`,
    };
  const bound = against + offset;
  const holds = HOLDS[operator](value, bound);
  const name = reference === null ? '' : reference === 'best' ? 'the best ever promoted ' : 'production ';
  const shift =
    reference === null || offset === 0 ? '' : ` ${offset < 0 ? '-' : '+'} ${words(Math.abs(offset))}`;
  const of = reference === null ? words(offset) : `${name}${words(against)}${shift}`;
  return { holds, sentence: `${has} is ${holds ? '' : 'not '}${operator} ${of}` };
}

function nothingToCompare(isBest: boolean, hasProduction: boolean): string {
  if (isBest) return 'nothing has been promoted on this hold-out yet';
  return hasProduction ? 'it is undefined for production' : 'there is no production model to compare with';
}

/** As many digits as tell two values apart that differ by one bag of some hundred thousand. */
function words(value: number): string {
  return String(Number(value.toFixed(6)));
}
