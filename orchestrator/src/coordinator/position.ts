/**
 * A point in the run: after a step (1-based) of an epoch; an epoch's own row comes after all its steps.
 */
import type { MetricRow } from '@bagfleet/proto';

export interface Position {
  readonly epoch: number;
  readonly step: number;
}

const AFTER_ALL_STEPS = 2 ** 32 - 1;

export function isAfter(one: Position, other: Position): boolean {
  return one.epoch === other.epoch ? one.step > other.step : one.epoch > other.epoch;
}

export function positionOf(row: MetricRow): Position {
  return { epoch: row.epoch, step: row.kind === 'step' ? row.step : AFTER_ALL_STEPS };
}
