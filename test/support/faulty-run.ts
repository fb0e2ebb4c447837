/**
 * A run whose workers fail by script: faults ordered beforehand, a deadline, and afterwards what its folder tells.
 * In: the orders, the job's fields. Out: the finished run with its events, the final weights' digest and the marks
 * of the orders that were carried out; an error that tells how far it came, if it had no end by the deadline.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { checkpointFolder, type FaultOrder, RUN_FILES } from '@bagfleet/proto';
import { runCli } from './run-cli.js';
import { endProcess, processesOf } from './run-processes.js';
import { digestOf, type FinishedRun, submitJob } from './trained-run.js';

/** As written in the file: defaults may be left out, and the id, if it is the only order of its kind. */
export type Order = WithDefaults<FaultOrder>;
type WithDefaults<T> = T extends unknown
  ? Omit<T, LeftOut> & Partial<Pick<T, Extract<keyof T, LeftOut>>>
  : never;
type LeftOut = 'id' | 'always' | 'times';

interface EventRow {
  readonly time: string;
  readonly event: string;
  readonly message: string;
  readonly worker?: string;
}

export interface FaultyRun extends FinishedRun {
  readonly events: readonly EventRow[];
  /** Orders that were carried out, by their ids, and where. */
  readonly marks: ReadonlyMap<string, FaultOrder & { readonly where: string }>;
  readonly seconds: number;
}

export interface FaultySetting {
  /** An empty or absent folder of this run's own. */
  readonly folder: string;
  readonly manifest: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly orders?: readonly Order[];
  /** Seconds in which the run must have ended, one way or another. */
  readonly within: number;
  /** Called at once with the folder of runs. */
  readonly meanwhile?: (runs: string) => Promise<unknown>;
}

export async function faultyRun(setting: FaultySetting): Promise<FaultyRun> {
  const { folder, manifest, fields, orders = [], within, meanwhile } = setting;
  mkdirSync(folder, { recursive: true });
  const script = join(folder, 'faults.json');
  writeFileSync(script, JSON.stringify(orders.map((order) => ({ id: nameOf(order), ...order }))));
  const runs = join(folder, 'runs');
  const started = performance.now();
  const submitted = submitJob(runs, manifest, fields, { env: { BAGFLEET_FAULTS: script } });
  const [run] = await Promise.all([inTime(submitted, runs, within), meanwhile?.(runs)]);
  const seconds = (performance.now() - started) / 1000;
  return { ...run, events: eventsIn(run.folder), marks: marksOf(script), seconds };
}

/** Digest of the weights that the run ended with. */
export function weightsOf(run: FinishedRun): string {
  const last = readdirSync(join(run.folder, RUN_FILES.checkpoints))
    .flatMap((name) => /^step-(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
    .at(-1);
  assert.ok(last !== undefined, `${run.status.run} has no checkpoint`);
  return digestOf(run, `${checkpointFolder(last)}model.safetensors`);
}

/** Messages of the events of one kind, of one worker if named. */
export function told(run: FaultyRun, event: string, worker?: string): string[] {
  return run.events
    .filter((row) => row.event === event && (worker === undefined || row.worker === worker))
    .map(({ message }) => message);
}

/** What `bagfleet audit` says; fails unless all is well. */
export async function auditOf(run: FinishedRun): Promise<{ skipped: { bag: string }[]; counted: number }> {
  const options = { env: { BAGFLEET_STORE: dirname(run.folder) } };
  const { code, stdout, stderr } = await runCli(['audit', basename(run.folder), '--json'], options);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as { skipped: { bag: string }[]; counted: number };
}

/** All that is known of a run, for the message of an assertion. */
export function story(run: Pick<FaultyRun, 'events' | 'stderr' | 'code'>): string {
  const lines = run.events.filter(({ event }) => event !== 'fingerprint').map(lineOf);
  return `exit code ${run.code}\n${run.stderr}\n${lines.join('\n')}`;
}

function lineOf({ event, message }: EventRow): string {
  return `  ${event}: ${message}`;
}

/** `drop-session.join`, `kill-checkpoint`, … */
function nameOf(order: Order): string {
  if (order.act === 'drop') return `drop-${order.message}`;
  return 'phase' in order ? `${order.act}-${order.phase}` : order.act;
}

async function inTime(submitted: Promise<FinishedRun>, runs: string, within: number): Promise<FinishedRun> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(hung(runs, within))), within * 1000);
  });
  try {
    return await Promise.race([submitted, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Ends a run that has no end, and says how far it came. */
function hung(runs: string, within: number): string {
  submittedRuns(runs).forEach(endAll);
  const far = submittedRuns(runs).map((run) =>
    eventsIn(join(runs, run))
      .filter(({ event }) => event !== 'fingerprint')
      .map(lineOf)
      .join('\n'),
  );
  return `the run did not end within ${within} s:\n${far.join('\n')}`;
}

function endAll(run: string): void {
  for (const pid of processesOf(run)) endProcess(pid, 'SIGKILL');
}

function submittedRuns(runs: string): string[] {
  return existsSync(runs) ? readdirSync(runs) : [];
}

function eventsIn(folder: string): EventRow[] {
  const file = join(folder, RUN_FILES.events);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as EventRow);
}

function marksOf(script: string): FaultyRun['marks'] {
  const folder = `${script}.fired`;
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return new Map(names.map((name) => [name, JSON.parse(readFileSync(join(folder, name), 'utf8'))]));
}
