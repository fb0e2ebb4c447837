/**
 * The training run's reporter over the worker's session: rows travel in small lots, twice a second.
 * Rows of steps and epochs are held until the coordinator says that they are stored; rank 0 alone sends them, and
 * sends again what a lost coordinator, or a lost rank 0, may not have stored. Other words are said once.
 */
import type { EpochRow, LedgerRow, MetricRow, WorkRow } from '@bagfleet/proto';
import { HappenedSchema, PositionSchema, RowsSchema } from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import { create } from '@bufbuild/protobuf';
import type { RunReporter } from '../train/reporter.js';
import { EPOCH_ROW, HeldRows, type Position } from './held-rows.js';
import type { SessionClient } from './session-client.js';

const LOT_MS = 500;
const NOWHERE: Position = { epoch: 0, step: 0 };

export class SessionReporter implements RunReporter {
  readonly held = new HeldRows();
  readonly #session: SessionClient;
  readonly #timer: NodeJS.Timeout;
  #leads = false;
  /** Held rows up to here were sent to the coordinator that is there now. */
  #sent: Position = NOWHERE;
  #work: string[] = [];

  constructor(session: SessionClient) {
    this.#session = session;
    this.#timer = setInterval(() => this.flush(false), LOT_MS);
    session.on('stored', (upto) => this.held.markStored(upto));
    session.on('welcome', () => {
      this.#sent = NOWHERE;
    });
  }

  /** A generation begins: its rank 0 sends all that is held, whoever sent it before. */
  lead(leads: boolean): void {
    this.#leads = leads;
    this.#sent = NOWHERE;
    this.flush(false);
  }

  doing(phase: string, epoch: number, step: number): void {
    this.#session.doing(phase, epoch, step);
  }

  step(metric: MetricRow | null, row: LedgerRow): void {
    const ledger = JSON.stringify(row);
    this.held.add({ epoch: row.epoch, step: row.step, metric: metric && JSON.stringify(metric), ledger });
  }

  epoch(row: EpochRow): void {
    this.held.add({ epoch: row.epoch, step: EPOCH_ROW, metric: JSON.stringify(row), ledger: null });
  }

  work(row: WorkRow): void {
    this.#work.push(JSON.stringify(row));
  }

  happened(event: string, message: string): void {
    this.#session.say({ case: 'happened', value: create(HappenedSchema, { event, message }) });
  }

  /** All rows up to here are in the store; they are asked for now, not at the coordinator's next turn. */
  async stored(upto: Position): Promise<void> {
    const stored = this.held.whenStored(upto);
    this.flush(true);
    await stored;
  }

  flush(urgent: boolean): void {
    if (!this.#session.isConnected) return;
    const rows = this.#leads ? this.held.after(this.#sent) : [];
    const last = rows.at(-1);
    const after = create(PositionSchema, this.#sent);
    if (!last && this.#work.length === 0 && !urgent) return;
    if (last) this.#sent = last;
    const value = create(RowsSchema, {
      metrics: rows.flatMap(({ metric }) => metric ?? []),
      ledger: rows.flatMap(({ ledger }) => ledger ?? []),
      work: this.#work,
      upto: create(PositionSchema, this.#sent),
      urgent,
      after,
    });
    this.#work = [];
    this.#session.say({ case: 'rows', value });
  }

  close(): void {
    this.flush(false);
    clearInterval(this.#timer);
  }
}
