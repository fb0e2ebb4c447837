/**
 * The run that a user means: its id, the beginning of it, or `latest`.
 * In: the store, what was typed (nothing means `latest`). Out: the run, or an error that lists what there is.
 */
import { BagfleetError, nearestWord } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { listRuns, runFolders } from './list-runs.js';
import { type RunRecord, readRun } from './read-run.js';

const SHOWN = 5;

export async function findRun(store: ObjectStore, typed: string | undefined, now: Date): Promise<RunRecord> {
  const name = typed?.replace(/\/$/, '') || 'latest';
  const found =
    name === 'latest' ? ((await listRuns(store, now))[0] ?? null) : await byName(store, name, now);
  if (found) return found;
  throw await missing(store, name, now);
}

async function byName(store: ObjectStore, name: string, now: Date): Promise<RunRecord | null> {
  const folders = await runFolders(store);
  if (folders.includes(name)) {
    const exact = await readRun(store, name, now);
    if (exact) return exact;
  }
  const begun = folders.filter((folder) => folder.startsWith(name));
  const runs = (await Promise.all(begun.map((folder) => readRun(store, folder, now)))).filter(
    (run) => run !== null,
  );
  if (runs.length > 1)
    throw ambiguous(
      name,
      runs.map((record) => record.run),
    );
  return runs[0] ?? null;
}

function ambiguous(name: string, runs: readonly string[]): BagfleetError {
  return new BagfleetError('run-missing', `${runs.length} runs begin like this`, {
    culprit: name,
    hint: `They are ${listed(runs)}.`,
  });
}

async function missing(store: ObjectStore, name: string, now: Date): Promise<BagfleetError> {
  const runs = (await listRuns(store, now)).map((record) => record.run);
  if (runs.length === 0)
    return new BagfleetError('run-missing', 'there are no runs', {
      culprit: store.uri,
      hint: 'Start one with `bagfleet submit`, or name another store with --store.',
    });
  const nearest = nearestWord(name, runs);
  return new BagfleetError('run-missing', `there is no such run in ${store.uri}`, {
    culprit: name,
    hint: `${nearest ? `Did you mean ${nearest}? ` : ''}Newest runs: ${listed(runs)}.`,
  });
}

function listed(runs: readonly string[]): string {
  return runs.length > SHOWN
    ? `${runs.slice(0, SHOWN).join(', ')} and ${runs.length - SHOWN} more`
    : runs.join(', ');
}
