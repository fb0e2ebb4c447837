/**
 * What training costs, as far as a forecast needs it. Times are milliseconds on one worker that has its threads to itself.
 */
import type { CostModel } from '@bagfleet/proto';

export interface FleetCosts {
  /** Gradient of a bag. */
  readonly bag: CostModel;
  /** Prediction of a bag, as a share of its gradient. */
  readonly predictShare: number;
  /** What a slot adds to the sum: its integers. */
  readonly slotMs: number;
  /** What a worker does once in a step: the update. */
  readonly updateMs: number;
  /** Numbers in the model. */
  readonly parameters: number;
  /** Where they come from, for people: "measured here", "from run 2026…". */
  readonly source: string;
}

/** What connects workers with each other and with the store. */
export interface FleetLink {
  /** Gigabit per second, of each worker. */
  readonly gbits: number;
  /** Milliseconds until a word of one worker is with all others. */
  readonly latencyMs: number;
}
