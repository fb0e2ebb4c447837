/**
 * What training costs, as far as a forecast needs it. Times are milliseconds of one worker.
 */
import type { CostModel } from '@bagfleet/proto';
import type { Crowding } from './crowding.js';

export interface FleetCosts {
  /** Gradient of a bag. */
  readonly bag: CostModel;
  /** Prediction of a bag, as a share of its gradient. */
  readonly predictShare: number;
  /** What a slot adds to the sum: its integers. */
  readonly slotMs: number;
  /** What a worker does once in a step: the update. */
  readonly updateMs: number;
  /** How many workers of one machine computed, this one included, when these times were taken. */
  readonly beside: number;
  /** How workers of this machine slow each other down; null where that is not known, or none share a machine. */
  readonly crowding: Crowding | null;
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
