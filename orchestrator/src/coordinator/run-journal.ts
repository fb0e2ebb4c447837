/**
 * What a run's folder tells of the run: status, events, rows, logs, and at the end the pictures.
 * In: what happens, as the coordinator hears it; what an earlier coordinator has written already.
 * Out: the folder, kept up to date by a RunRecorder.
 */
import {
  BagfleetError,
  type DatasetManifest,
  type EventRow,
  epochRowSchema,
  type JobSpec,
  ledgerFile,
  ledgerRowSchema,
  RUN_FILES,
  type RunStatus,
  stepRowSchema,
  workFile,
  workRowSchema,
} from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { z } from 'zod';
import type { RecordedOutput } from '../launch/launcher.js';
import { wallTimesOf } from '../report/tensorboard.js';
import type { CoreEffect, Verdict } from './core/core-types.js';
import { drawRun } from './draw-run.js';
import type { Tenure } from './lease/owned-file.js';
import { MetricRows } from './metric-rows.js';
import { isAfter, type Position } from './position.js';
import { RunRecorder } from './run-recorder.js';
import {
  afterRow,
  afterRows,
  begunEarlier,
  ended,
  inPhase,
  newStatus,
  type StatusFacts,
} from './run-status.js';

const metricRowSchema = z.discriminatedUnion('kind', [stepRowSchema, epochRowSchema]);

/** Rows as a worker sent them, each a JSON text. */
export interface SentRows {
  readonly metrics: readonly string[];
  readonly ledger: readonly string[];
  readonly work: readonly string[];
  readonly upto?: Position | undefined;
  /** Where the rows before these ended. */
  readonly after?: Position | undefined;
  readonly urgent: boolean;
}

export interface JournalParts {
  readonly runId: string;
  readonly job: JobSpec;
  readonly manifest: DatasetManifest;
  /** The run's folder. */
  readonly store: ObjectStore;
  readonly tenure: Tenure;
  /** Metrics and ledger rows up to here are in the store. */
  readonly onStored: (upto: Position) => void;
  /** The status is another one. */
  readonly onStatus: (status: RunStatus) => void;
  /** A line of events.jsonl. */
  readonly onHappened: (row: EventRow) => void;
}

export class RunJournal {
  readonly #parts: JournalParts;
  readonly #recorder: RunRecorder;
  readonly #rows = new MetricRows();
  readonly #logs = new Map<string, RecordedOutput>();
  #facts: StatusFacts;
  /** All metrics and ledger rows up to here have come. */
  #come: Position = { epoch: 0, step: 0 };

  constructor(parts: JournalParts) {
    const { runId, job, manifest, store, tenure, onStored } = parts;
    this.#parts = parts;
    this.#facts = newStatus(runId, job, manifest, new Date());
    this.#recorder = new RunRecorder({ store, tenure, onStored, status: () => this.#facts.status });
  }

  get now(): RunStatus {
    return this.#facts.status;
  }

  /** Writes to the store that failed. */
  get failedWrites(): number {
    return this.#recorder.failedWrites;
  }

  /** Goes on where the folder ends, then writes the status: who looks for the run finds it. */
  async begin(earlier: RunStatus | null): Promise<void> {
    if (earlier) await this.#goOnAfter(earlier);
    await this.#recorder.flush();
  }

  /** What a worker wrote, as far as it is recorded, by earlier coordinators too. */
  recordedOf(worker: string): RecordedOutput {
    return this.#logs.get(worker) ?? { lines: 0, last: null };
  }

  status(now: Extract<CoreEffect, { kind: 'status' }>): void {
    this.#stand(inPhase(this.#facts, now));
  }

  /** A line of events.jsonl. */
  note(event: string, message: string, worker?: string): void {
    const row = {
      time: new Date().toISOString(),
      event,
      message,
      ...(worker === undefined ? {} : { worker }),
    };
    this.#recorder.append(RUN_FILES.events, JSON.stringify(row));
    this.#parts.onHappened(row);
  }

  /** A line that a worker wrote. */
  log(worker: string, line: string): void {
    this.#logs.set(worker, { lines: this.recordedOf(worker).lines + 1, last: line });
    this.#recorder.append(`${RUN_FILES.logs}${worker}.log`, line);
  }

  /** A row that is none is a mistake of ours. Rows that follow a gap are not answered: all held ones come again. */
  record({ metrics, ledger, work, upto, after, urgent }: SentRows): void {
    for (const text of metrics) this.#takeMetric(text);
    for (const text of ledger) {
      const row = ledgerRowSchema.parse(JSON.parse(text));
      this.#recorder.append(ledgerFile(row.epoch), JSON.stringify(row));
    }
    for (const text of work) {
      const row = workRowSchema.parse(JSON.parse(text));
      this.#recorder.append(workFile(row.epoch), JSON.stringify(row));
    }
    if (!upto || (after && isAfter(after, this.#come))) return;
    if (isAfter(upto, this.#come)) this.#come = upto;
    this.#recorder.reached(upto, urgent);
  }

  flush(): Promise<void> {
    return this.#recorder.flush();
  }

  /** Draws the curves, writes all that is left, the final status last. */
  async end({ state, error }: Verdict): Promise<void> {
    if (!this.#rows.isEmpty) await this.#draw();
    this.#stand(ended(this.#facts, state, error, new Date()));
    await this.#recorder.finish();
  }

  /** Writes nothing more. */
  close(): Promise<void> {
    return this.#recorder.close();
  }

  #takeMetric(text: string): void {
    const row = metricRowSchema.parse(JSON.parse(text));
    this.#recorder.append(RUN_FILES.metrics, JSON.stringify(row));
    const isAgain = this.#rows.add({ row, wallTime: Date.now() / 1000 });
    this.#stand(isAgain ? afterRows(this.#facts, this.#rows.upTo(row)) : afterRow(this.#facts, row));
  }

  #stand(facts: StatusFacts): void {
    this.#facts = facts;
    this.#parts.onStatus(facts.status);
  }

  async #goOnAfter(earlier: RunStatus): Promise<void> {
    this.#facts = begunEarlier(this.#facts, earlier);
    const lines = await this.#recorder.lines(RUN_FILES.metrics);
    const rows = lines.flatMap((line) => metricRowSchema.safeParse(JSON.parse(line)).data ?? []);
    const times = wallTimesOf(rows, Date.parse(earlier.startedAt) / 1000);
    rows.forEach((row, index) => {
      this.#rows.add({ row, wallTime: times[index] });
    });
    const last = rows.at(-1);
    if (last) this.#facts = afterRows(this.#facts, this.#rows.upTo(last));
    await this.#countLogLines();
  }

  async #countLogLines(): Promise<void> {
    for await (const { key } of this.#parts.store.list(RUN_FILES.logs)) {
      const worker = key.slice(RUN_FILES.logs.length).replace(/\.log$/, '');
      const lines = await this.#recorder.lines(key);
      this.#logs.set(worker, { lines: lines.length, last: lines.at(-1) ?? null });
    }
  }

  async #draw(): Promise<void> {
    const { runId, job } = this.#parts;
    const { steps: stepsPerEpoch, startedAt } = this.#facts.status;
    const { metric } = job.validation;
    const run = { id: runId, metric, stepsPerEpoch, startedAt: Date.parse(startedAt) / 1000 };
    try {
      for (const { name, bytes } of drawRun(run, this.#rows.inOrder()))
        await this.#recorder.keep(name, bytes);
    } catch (thrown) {
      const { message } = BagfleetError.from(thrown);
      this.note('not-drawn', `curves and TensorBoard files could not be written: ${message}`);
    }
  }
}
