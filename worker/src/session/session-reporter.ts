/**
 * The training run's reporter over the worker's session: rows travel in small lots, twice a second.
 */

import type { LedgerRow, MetricRow } from '@bagfleet/proto';
import { HappenedSchema, RowsSchema } from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import { create } from '@bufbuild/protobuf';
import type { RunReporter } from '../train/reporter.js';
import type { SessionClient } from './session-client.js';

const LOT_MS = 500;

export class SessionReporter implements RunReporter {
  readonly #session: SessionClient;
  readonly #timer: NodeJS.Timeout;
  #metrics: string[] = [];
  #ledger: string[] = [];

  constructor(session: SessionClient) {
    this.#session = session;
    this.#timer = setInterval(() => this.flush(), LOT_MS);
  }

  doing(phase: string, epoch: number, step: number): void {
    this.#session.doing(phase, epoch, step);
  }

  metric(row: MetricRow): void {
    this.#metrics.push(JSON.stringify(row));
  }

  ledger(row: LedgerRow): void {
    this.#ledger.push(JSON.stringify(row));
  }

  happened(event: string, message: string): void {
    this.#session.say({ case: 'happened', value: create(HappenedSchema, { event, message }) });
  }

  flush(): void {
    if (this.#metrics.length + this.#ledger.length === 0) return;
    const rows = create(RowsSchema, { metrics: this.#metrics, ledger: this.#ledger });
    this.#metrics = [];
    this.#ledger = [];
    this.#session.say({ case: 'rows', value: rows });
  }

  close(): void {
    this.flush();
    clearInterval(this.#timer);
  }
}
