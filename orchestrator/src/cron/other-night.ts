/**
 * Nights are never stacked.
 * In: a cron's nights. Out: the other night that is still going, whose run a coordinator works on; null if none.
 */
import type { Cron, Night } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { isHeld } from '../submit/run-holder.js';

/** Since nights are never stacked, only the one that was attempted last can be going; others that are open have died. */
export async function nightStillGoing(
  runs: ObjectStore,
  cron: Cron,
  nights: readonly Night[],
  own: string,
  onWait: (run: string, seconds: number) => void,
): Promise<Night | null> {
  const open = nights.filter((night) => night.key !== own && night.outcome === null && night.plan !== null);
  const last = open.sort((a, b) => Date.parse(a.attemptedAt) - Date.parse(b.attemptedAt)).at(-1);
  if (!last?.plan) return null;
  const { run } = last.plan;
  const termMs = cron.job.fleet.leaseTimeout * 1000;
  return (await isHeld(runs, run, termMs, (seconds) => onWait(run, seconds))) ? last : null;
}
