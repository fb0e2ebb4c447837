/**
 * Where a training run says what it did; the worker's session is behind it, a list in tests.
 */
import type { LedgerRow, MetricRow } from '@bagfleet/proto';

export interface RunReporter {
  /** What the worker does now: its heartbeats carry it, and errors name it. */
  doing(phase: string, epoch: number, step: number): void;
  /** A row of metrics.jsonl; rank 0 alone says it, since all would say the same. */
  metric(row: MetricRow): void;
  /** A row of ledger.jsonl: each worker says its own. */
  ledger(row: LedgerRow): void;
  /** A line of events.jsonl. */
  happened(event: string, message: string): void;
}
