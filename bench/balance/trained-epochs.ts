/**
 * A run on this machine, as a user starts it, and what it recorded.
 * In: a folder for it, the fields of its job. Out: its epochs and its ledger; it runs alone on the machine.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EpochRow, type LedgerRow, RUN_FILES } from '@bagfleet/proto';

export const CLI = fileURLToPath(new URL('../../bin/bagfleet.js', import.meta.url));

export interface TrainedEpochs {
  /** Sorted, without the first: it compiles and reads. */
  readonly epochs: readonly EpochRow[];
  readonly ledger: readonly LedgerRow[];
  /** The store that holds this run alone. */
  readonly store: string;
}

export function trainEpochs(folder: string, job: Readonly<Record<string, unknown>>): TrainedEpochs {
  const runs = mkdtempSync(join(folder, 'runs-'));
  const file = join(runs, 'job.json');
  const store = join(runs, 'store');
  writeFileSync(file, JSON.stringify({ ...job, store: { uri: store } }));
  const { status, stderr } = spawnSync(process.execPath, [CLI, 'submit', file, '--json'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  const run = join(store, readdirSync(store)[0]);
  const rows = <T>(path: string): T[] =>
    readFileSync(join(run, path), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as T);
  const ledgers = readdirSync(join(run, RUN_FILES.ledger));
  return {
    epochs: rows<EpochRow>(RUN_FILES.metrics).filter((row) => row.kind === 'epoch' && row.epoch > 1),
    ledger: ledgers
      .flatMap((name) => rows<LedgerRow>(`${RUN_FILES.ledger}${name}`))
      .filter(({ epoch }) => epoch > 1),
    store,
  };
}
