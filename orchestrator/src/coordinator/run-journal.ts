/**
 * What a run's folder tells of the run: status, events, rows, logs, and at the end the pictures.
 * In: what happens, as the coordinator hears it. Out: the folder, kept up to date by a RunRecorder.
 */
import {
  BagfleetError,
  type DatasetManifest,
  epochRowSchema,
  type JobSpec,
  ledgerRowSchema,
  type MetricRow,
  stepRowSchema,
} from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { z } from 'zod';
import type { Verdict } from './core/core-types.js';
import { drawRun, type TimedRow } from './draw-run.js';
import { RunRecorder } from './run-recorder.js';
import { afterRow, ended, inPhase, newStatus, type StatusFacts } from './run-status.js';

const metricRowSchema = z.discriminatedUnion('kind', [stepRowSchema, epochRowSchema]);

export class RunJournal {
  readonly #run: { readonly id: string; readonly job: JobSpec };
  readonly #recorder: RunRecorder;
  readonly #rows: TimedRow[] = [];
  #facts: StatusFacts;

  constructor(args: {
    readonly runId: string;
    readonly job: JobSpec;
    readonly manifest: DatasetManifest;
    /** The run's folder. */
    readonly store: ObjectStore;
  }) {
    const { runId, job, manifest, store } = args;
    this.#run = { id: runId, job };
    this.#facts = newStatus(runId, job, manifest, new Date());
    this.#recorder = new RunRecorder(store, () => this.#facts.status);
  }

  /** The first status, before anything else: who looks for the run finds it. */
  begin(): Promise<void> {
    return this.#recorder.flushStatus();
  }

  training(): void {
    this.#facts = inPhase(this.#facts, 'running', 'training');
  }

  /** A line of events.jsonl. */
  note(event: string, message: string, worker?: string): void {
    const time = new Date().toISOString();
    this.#recorder.event({ time, event, message, ...(worker === undefined ? {} : { worker }) });
  }

  /** A line that a worker wrote. */
  log(worker: string, line: string): void {
    this.#recorder.log(worker, line);
  }

  /** Rows as a worker sent them, each a JSON text; one that is none is a mistake of ours. */
  record(metrics: readonly string[], ledger: readonly string[]): void {
    for (const text of metrics) {
      const row: MetricRow = metricRowSchema.parse(JSON.parse(text));
      this.#rows.push({ row, wallTime: Date.now() / 1000 });
      this.#recorder.metric(row);
      this.#facts = afterRow(this.#facts, row);
    }
    for (const text of ledger) this.#recorder.ledger(ledgerRowSchema.parse(JSON.parse(text)));
  }

  /** Draws the curves, writes all that is left, the final status last. */
  async end({ state, error }: Verdict): Promise<void> {
    if (this.#rows.length > 0) await this.#draw();
    this.#facts = ended(this.#facts, state, error, new Date());
    await this.#recorder.finish();
  }

  async #draw(): Promise<void> {
    const { id, job } = this.#run;
    const run = { id, metric: job.validation.metric, stepsPerEpoch: this.#facts.status.steps };
    try {
      for (const { name, bytes } of drawRun(run, this.#rows)) await this.#recorder.keep(name, bytes);
    } catch (thrown) {
      const { message } = BagfleetError.from(thrown);
      this.note('not-drawn', `curves and TensorBoard files could not be written: ${message}`);
    }
  }
}
