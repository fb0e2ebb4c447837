/**
 * A run on a small dataset, made with the command line, and what its folder says.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  checkpointFolder,
  type EventRow,
  type LedgerRow,
  type MetricRow,
  RUN_FILES,
  type RunStatus,
  type WorkRow,
} from '@bagfleet/proto';
import { type CliOptions, type CliResult, runCli } from './run-cli.js';

/** Bags of very different sizes: 1 to 400 instances, 43 to train (no multiple of any batch here), 9 to validate. */
export const SKEWED_TRAIN = [
  400, 3, 17, 1, 220, 40, 9, 33, 75, 2, 150, 12, 8, 61, 5, 27, 99, 14, 310, 6, 45, 21, 1, 130, 10, 52, 7, 18,
  88, 4, 30, 200, 11, 66, 15, 3, 25, 110, 9, 37, 70, 13, 19,
] as const;
export const SKEWED_VAL = [20, 5, 90, 1, 33, 60, 12, 150, 7] as const;

export interface FinishedRun extends CliResult {
  /** The run's folder. */
  readonly folder: string;
  readonly status: RunStatus;
}

/** Submits a job and waits for its end; `fields` are `--set` assignments. */
export async function submitJob(
  runs: string,
  manifest: string,
  fields: Readonly<Record<string, unknown>>,
  options: CliOptions = {},
): Promise<FinishedRun> {
  const file = `${runs}-job.json`;
  writeFileSync(file, JSON.stringify({ name: 'test', data: { manifest }, store: { uri: runs } }));
  const sets = Object.entries(fields).flatMap(([path, value]) => [
    '--set',
    `${path}=${JSON.stringify(value)}`,
  ]);
  const result = await runCli(['submit', file, '--json', ...sets], options);
  const [run] = /test-\d{8}-\d{6}-[0-9a-f]{4}/.exec(result.stdout + result.stderr) ?? [];
  assert.ok(run, `no run was started: ${result.stderr}`);
  return finishedRun(join(runs, run), result);
}

/** A run's folder as a command has left it. */
export function finishedRun(folder: string, result: CliResult): FinishedRun {
  const status = JSON.parse(readFileSync(join(folder, RUN_FILES.status), 'utf8')) as RunStatus;
  return { ...result, folder, status };
}

export function eventsOf(run: FinishedRun): EventRow[] {
  return rowsOf<EventRow>(run, RUN_FILES.events);
}

/** Which bags counted in each step, as written: a step that was done again has several rows. */
export function ledgerOf(run: FinishedRun): LedgerRow[] {
  return rowsBelow<LedgerRow>(run, RUN_FILES.ledger);
}

/** What each worker did in each step. */
export function workOf(run: FinishedRun): WorkRow[] {
  return rowsBelow<WorkRow>(run, RUN_FILES.work);
}

export function metricsOf(run: FinishedRun): MetricRow[] {
  return rowsOf<MetricRow>(run, RUN_FILES.metrics);
}

export function logOf(run: FinishedRun, worker: string): string {
  return readFileSync(join(run.folder, RUN_FILES.logs, `${worker}.log`), 'utf8');
}

/** sha256 of a file in the run's folder. */
export function digestOf(run: FinishedRun, file: string): string {
  return createHash('sha256')
    .update(readFileSync(join(run.folder, file)))
    .digest('hex');
}

/** sha256 of the model as the last step left it. */
export function weightsOf(run: FinishedRun): string {
  const steps = metricsOf(run).filter(({ kind }) => kind === 'step').length;
  return digestOf(run, `${checkpointFolder(steps)}model.safetensors`);
}

/** Rows of all epochs, in the order of the epochs. */
function rowsBelow<T>(run: FinishedRun, folder: string): T[] {
  const files = readdirSync(join(run.folder, folder)).sort();
  return files.flatMap((file) => rowsOf<T>(run, `${folder}${file}`));
}

function rowsOf<T>({ folder }: FinishedRun, name: string): T[] {
  const text = readFileSync(join(folder, name), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}
