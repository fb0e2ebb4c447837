/**
 * The metric rows of a run, the last of each (epoch, step): a step that is done again replaces its row.
 * In: rows as they come. Out: all of them in the order of the run, or those up to a row.
 */
import type { MetricRow } from '@bagfleet/proto';
import { isAfter, type Position, positionOf } from './position.js';

export interface TimedRow {
  readonly row: MetricRow;
  /** Seconds since 1970. */
  readonly wallTime: number;
}

export class MetricRows {
  readonly #byPosition = new Map<string, TimedRow>();

  get isEmpty(): boolean {
    return this.#byPosition.size === 0;
  }

  /** True if the row replaced an earlier one: training went back. */
  add(timed: TimedRow): boolean {
    const key = keyOf(positionOf(timed.row));
    const isAgain = this.#byPosition.has(key);
    this.#byPosition.set(key, timed);
    return isAgain;
  }

  inOrder(): TimedRow[] {
    return [...this.#byPosition.values()].sort((a, b) =>
      isAfter(positionOf(a.row), positionOf(b.row)) ? 1 : -1,
    );
  }

  /** Up to and including this row. */
  upTo(row: MetricRow): MetricRow[] {
    const last = positionOf(row);
    return this.inOrder()
      .map((timed) => timed.row)
      .filter((other) => !isAfter(positionOf(other), last));
  }
}

function keyOf({ epoch, step }: Position): string {
  return `${epoch}/${step}`;
}
