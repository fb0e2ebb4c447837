/**
 * Rows of metrics.jsonl and the ledger that are not in the store yet. Every member holds them, so that none is
 * lost with the one that sends them (rank 0).
 * In: rows in the order of the run, word that rows are stored. Out: what is still to be sent, and a promise that
 * settles when a position is stored.
 */
import { z } from 'zod';

/** After step `step` (1-based) of `epoch`; an epoch's own row comes after all its steps. */
export interface Position {
  readonly epoch: number;
  readonly step: number;
}

/** The `step` of an epoch's own row. */
export const EPOCH_ROW = 0xffffffff;

const heldRowSchema = z.object({
  epoch: z.int(),
  step: z.int(),
  metric: z.string().nullable(),
  ledger: z.string().nullable(),
});
export type HeldRow = z.infer<typeof heldRowSchema>;

export class HeldRows {
  #rows: HeldRow[] = [];
  #stored: Position = { epoch: 0, step: 0 };
  #waiting: { upto: Position; resolve: () => void }[] = [];

  get all(): readonly HeldRow[] {
    return this.#rows;
  }

  add(row: HeldRow): void {
    this.#rows.push(row);
  }

  /** Those after a position: what is new since then. */
  after(position: Position): HeldRow[] {
    return this.#rows.filter((row) => compare(row, position) > 0);
  }

  /** Rows that came with a peer's state; what is held already stays. */
  take(rows: readonly unknown[]): void {
    const known = new Set(this.#rows.map(nameOf));
    const fresh = z
      .array(heldRowSchema)
      .parse(rows)
      .filter((row) => !known.has(nameOf(row)));
    this.#rows = [...this.#rows, ...fresh].sort(compare);
  }

  /** All rows up to here are in the store. */
  markStored(upto: Position): void {
    if (compare(upto, this.#stored) > 0) this.#stored = { epoch: upto.epoch, step: upto.step };
    this.#rows = this.#rows.filter((row) => compare(row, this.#stored) > 0);
    const due = this.#waiting.filter((one) => compare(one.upto, this.#stored) <= 0);
    this.#waiting = this.#waiting.filter((one) => !due.includes(one));
    for (const { resolve } of due) resolve();
  }

  /** At once, if no row up to there is held: then none is to come. */
  whenStored(upto: Position): Promise<void> {
    if (!this.#rows.some((row) => compare(row, upto) <= 0)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ upto, resolve }));
  }
}

export function compare(a: Position, b: Position): number {
  return a.epoch - b.epoch || a.step - b.step;
}

function nameOf({ epoch, step }: Position): string {
  return `${epoch}/${step}`;
}
