/**
 * Rows of a run's .jsonl files; ledger/ and work/ have one per epoch.
 * In: the store, a run, which file. Out: rows that fit their schema, in order; a redone step's row replaces
 * the earlier one. A half-written last line and lines that are no rows are passed over.
 */
import {
  BagfleetError,
  type EpochRow,
  type EventRow,
  epochRowSchema,
  eventRowSchema,
  type LedgerRow,
  ledgerRowSchema,
  RUN_FILES,
  type StepRow,
  stepRowSchema,
  type WorkRow,
  workRowSchema,
} from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { z } from 'zod';
import { eachConcurrently } from '../datasets/each-concurrently.js';

export interface RunMetrics {
  /** Sorted by (epoch, step), each once. */
  readonly steps: readonly StepRow[];
  /** Sorted by epoch, each once. */
  readonly epochs: readonly EpochRow[];
}

export async function readMetrics(store: ObjectStore, run: string): Promise<RunMetrics> {
  const schema = z.discriminatedUnion('kind', [stepRowSchema, epochRowSchema]);
  const rows = await rowsOf(store, `${run}/${RUN_FILES.metrics}`, schema);
  const steps = rows.filter((row) => row.kind === 'step');
  const epochs = rows.filter((row) => row.kind === 'epoch');
  return {
    steps: lastOfEach(steps, (row) => [row.epoch, row.step]),
    epochs: lastOfEach(epochs, (row) => [row.epoch]),
  };
}

/** Which bags counted: sorted by (epoch, step), each once. */
export async function readLedger(store: ObjectStore, run: string): Promise<LedgerRow[]> {
  return lastOfEach(await readAllLedgerRows(store, run), (row) => [row.epoch, row.step]);
}

/** With the rows of steps that were done again, epoch by epoch in the order in which they were written. */
export function readAllLedgerRows(store: ObjectStore, run: string): Promise<LedgerRow[]> {
  return rowsBelow(store, `${run}/${RUN_FILES.ledger}`, ledgerRowSchema);
}

/** What each worker did: sorted by (epoch, step, rank), each once. */
export async function readWork(store: ObjectStore, run: string): Promise<WorkRow[]> {
  const rows = await rowsBelow(store, `${run}/${RUN_FILES.work}`, workRowSchema);
  return lastOfEach(rows, (row) => [row.epoch, row.step, row.rank]);
}

/** In the order in which they happened. */
export function readEvents(store: ObjectStore, run: string): Promise<EventRow[]> {
  return rowsOf(store, `${run}/${RUN_FILES.events}`, eventRowSchema);
}

/**
 * The rows of all files of a folder, in the order of their names. The newest file is read first: it is begun
 * after the last write to the others, so what it follows on is read whole even while the run goes on.
 */
async function rowsBelow<T>(store: ObjectStore, folder: string, schema: z.ZodType<T>): Promise<T[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(folder)) if (/\/epoch-\d+\.jsonl$/.test(key)) keys.push(key);
  const newest = keys.pop();
  if (newest === undefined) return [];
  const last = await rowsOf(store, newest, schema);
  const told = { label: 'reading rows', progress: () => {} };
  const earlier = await eachConcurrently(keys, (key) => rowsOf(store, key, schema), told);
  return [...earlier.flat(), ...last];
}

async function rowsOf<T>(store: ObjectStore, key: string, schema: z.ZodType<T>): Promise<T[]> {
  const text = await textOf(store, key);
  return text.split('\n').flatMap((line) => {
    const parsed = schema.safeParse(parseLine(line));
    return parsed.success ? [parsed.data] : [];
  });
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** A file that is not there yet has no rows. */
async function textOf(store: ObjectStore, key: string): Promise<string> {
  try {
    return Buffer.from((await store.get(key)).bytes).toString('utf8');
  } catch (thrown) {
    if (thrown instanceof BagfleetError && thrown.code === 'store-missing') return '';
    throw thrown;
  }
}

function lastOfEach<T>(rows: readonly T[], keyOf: (row: T) => readonly number[]): T[] {
  const byKey = new Map(rows.map((row) => [keyOf(row).join(), row]));
  return [...byKey.values()].sort((a, b) => compareKeys(keyOf(a), keyOf(b)));
}

function compareKeys(a: readonly number[], b: readonly number[]): number {
  const differs = a.findIndex((part, index) => part !== b[index]);
  return differs < 0 ? 0 : a[differs] - b[differs];
}
