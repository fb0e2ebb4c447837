/**
 * Counts what happened to the run since this coordinator began.
 * In: the lines of events.jsonl as they come. Out: how many generations, losses, recoveries and so on.
 */
import type { EventRow } from '@bagfleet/proto';
import { afterRow, NO_STORY } from '../run-story.js';

export interface Counts {
  readonly generations: number;
  readonly recoveries: number;
  readonly losses: number;
  readonly restarts: number;
  readonly checkpoints: number;
}

export class RunCounts {
  readonly #rows = new Map<string, number>();
  #story = NO_STORY;
  #recoveries = 0;

  add(row: EventRow): void {
    this.#rows.set(row.event, this.#of(row.event) + 1);
    const { story, happening } = afterRow(this.#story, row);
    this.#story = story;
    if (happening?.reason === 'Recovered') this.#recoveries++;
  }

  get now(): Counts {
    return {
      generations: this.#of('generation'),
      recoveries: this.#recoveries,
      losses: this.#of('lost') + this.#of('expelled'),
      restarts: this.#of('restart'),
      checkpoints: this.#of('checkpoint') + this.#of('kept'),
    };
  }

  #of(event: string): number {
    return this.#rows.get(event) ?? 0;
  }
}
