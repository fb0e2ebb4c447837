/**
 * The announcer port: tells the surroundings of a run how it stands, where they have a place for it. Training never
 * waits for it and never hears of its failures. Nobody listens on one machine; on Kubernetes it is the run's Job.
 */
import type { EventRow, RunStatus } from '@bagfleet/proto';

export interface RunAnnouncer {
  /** How the run stands by now: called at every change. */
  status(status: RunStatus): void;
  /** A line of events.jsonl. */
  happened(row: EventRow): void;
  /** This coordinator is at its end: tells what is left, within a deadline of its own. Never throws. */
  finish(): Promise<void>;
  /** Tells nothing more: another coordinator may do so by now. */
  close(): void;
}

export const NOBODY_LISTENS: RunAnnouncer = {
  status: () => undefined,
  happened: () => undefined,
  finish: async () => undefined,
  close: () => undefined,
};
