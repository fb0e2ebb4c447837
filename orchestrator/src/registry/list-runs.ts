/**
 * All runs of a store, newest first. Folders that are no run's (datasets, say) are passed over.
 */
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { type RunRecord, readRun } from './read-run.js';

/** Folders read at the same time. */
const AT_ONCE = 16;

export async function listRuns(store: ObjectStore, now: Date): Promise<RunRecord[]> {
  const folders = await runFolders(store);
  const records: (RunRecord | null)[] = [];
  for (let start = 0; start < folders.length; start += AT_ONCE) {
    const part = folders.slice(start, start + AT_ONCE);
    records.push(...(await Promise.all(part.map((folder) => readRun(store, folder, now)))));
  }
  return records.filter((record) => record !== null).sort(newestFirst);
}

/** Names of all folders in the store, runs or not. */
export async function runFolders(store: ObjectStore): Promise<string[]> {
  const folders = await store.folders('');
  return folders.map((folder) => folder.replace(/\/$/, ''));
}

/** Runs of which nothing is known come last; runs of the same moment by name. */
function newestFirst(a: RunRecord, b: RunRecord): number {
  const [started, other] = [a, b].map(({ run, status }) => status?.startedAt ?? submittedAt(run));
  if (started !== other) return started < other ? 1 : -1;
  return a.run < b.run ? -1 : 1;
}

/** As its id tells it, of a run that has not begun. */
function submittedAt(run: string): string {
  const [, date, time] = /-(\d{8})-(\d{6})-[0-9a-f]{4}$/.exec(run) ?? [];
  if (date === undefined || time === undefined) return '';
  const [year, month, day] = [date.slice(0, 4), date.slice(4, 6), date.slice(6)];
  return `${year}-${month}-${day}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}.000Z`;
}
