/**
 * Starts what carries a run whose folder is ready: a keeper on this machine, or the coordinator's Job in a cluster.
 * In: a resolved job, the run, which cluster if it is one. Out: the started run.
 */
import type { JobSpec } from '@bagfleet/proto';
import { startKeeper } from './start-keeper.js';
import type { StartedRun } from './started-run.js';

/** Somebody else starts it, on the first host. */
function awaitHosts(place: { readonly run: string; readonly uri: string }): StartedRun {
  return {
    ...place,
    words: async () => '',
    ended: () => false,
    heldUpBy: () => `it begins when \`bagfleet host ${place.uri}\` is started on each host`,
    withdraw: async () => undefined,
    letGo: () => undefined,
  };
}

/** `context` of the kubeconfig; null takes the current one. */
export async function startCoordinator(
  job: JobSpec,
  place: { readonly run: string; readonly uri: string },
  context: string | null,
): Promise<StartedRun> {
  const { store, fleet } = job;
  if (fleet.engine === 'local') return startKeeper({ ...place, store, leaseTimeout: fleet.leaseTimeout });
  if (fleet.engine === 'hosts') return awaitHosts(place);
  const { startInCluster } = await import('./start-in-cluster.js'); // the client takes half a second to load
  return startInCluster(job, place, context);
}
