/**
 * Whether a new hold-out can still tell something about production: what has trained may not judge.
 * In: the cron's nights so far, the hold-out. Out: a sentence if bags of it, or of its patients, have trained; else null.
 */
import type { DatasetManifest, Night } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { readCronManifest } from './night-data.js';
import { lastDecided } from './plan-night.js';

export async function trainedBefore(
  runs: ObjectStore,
  cron: string,
  nights: readonly Night[],
  holdOut: DatasetManifest,
): Promise<string | null> {
  const last = lastDecided(nights);
  if (!last?.plan) return null;
  const trained = (await readCronManifest(runs, cron, last.plan.data.manifest)).bags;
  const ids = new Set(holdOut.bags.map(({ id }) => id));
  const patients = new Set(holdOut.bags.flatMap(({ patient }) => patient ?? []));
  const seen = trained.filter(
    ({ id, patient }) => ids.has(id) || (patient !== undefined && patients.has(patient)),
  );
  if (seen.length === 0) return null;
  const bags = seen.length === 1 ? '1 bag' : `${seen.length} bags`;
  return `the night ${last.key} trained with ${bags} of this hold-out or of its patients: models that begin with production have seen them; begin with --from scratch`;
}
