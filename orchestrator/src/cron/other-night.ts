/**
 * Nights are never stacked.
 * In: a cron's nights. Out: the other night that is still going, whose run a coordinator works on; null if none.
 */
import type { Cron, Night } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { isHeld } from '../submit/run-holder.js';

export async function nightStillGoing(
  runs: ObjectStore,
  cron: Cron,
  nights: readonly Night[],
  own: string,
  onWait: (run: string, seconds: number) => void,
): Promise<Night | null> {
  const termMs = cron.job.fleet.leaseTimeout * 1000;
  for (const night of nights.toReversed()) {
    if (night.key === own || night.outcome !== null || night.plan === null) continue;
    const { run } = night.plan;
    if (await isHeld(runs, run, termMs, (seconds) => onWait(run, seconds))) return night;
  }
  return null;
}
