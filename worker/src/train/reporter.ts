/**
 * Where a training run says what it did; the worker's session is behind it, a list in tests.
 */
import type { LedgerRow, MetricRow, WorkRow } from '@bagfleet/proto';

export interface RunReporter {
  /** What the worker does now: its heartbeats carry it, and errors name it. */
  doing(phase: string, epoch: number, step: number): void;
  /** The rows of an applied step: the same on every member, so that none is lost with one of them. */
  step(metric: MetricRow | null, ledger: LedgerRow): void;
  /** The row of an epoch, the same on every member, too. */
  epoch(metric: MetricRow): void;
  /** What this worker did in a step. */
  work(row: WorkRow): void;
  /** A line of events.jsonl. */
  happened(event: string, message: string): void;
}
