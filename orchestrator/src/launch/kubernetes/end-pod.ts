/**
 * Ends a pod at once: it is deleted with a second's grace, and taken out of the API server's books if its node does
 * not answer (what it then still computes is refused by its peers: it is of an earlier generation).
 * In: a pod, the turns that such requests take, whether it is still known. Out: nothing; while the API server is away it is tried again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Pod } from '@kubernetes/client-node';
import type { FewAtOnce } from '../../kubernetes/few-at-once.js';
import type { Cluster } from '../../kubernetes/open-cluster.js';

const GRACE_SECONDS = 1;
const AGAIN_MS = 2000;
const NODE_SILENT_MS = 10_000;
const GIVE_UP_MS = 120_000;

export function endPod(cluster: Cluster, pod: V1Pod, ending: FewAtOnce, isThere: () => boolean): void {
  void untilGone(cluster, pod.metadata?.name ?? '', ending, isThere);
}

async function untilGone(
  cluster: Cluster,
  name: string,
  ending: FewAtOnce,
  isThere: () => boolean,
): Promise<void> {
  const begun = performance.now();
  for (let age = 0; isThere() && age < GIVE_UP_MS; age = performance.now() - begun) {
    const graceSeconds = age >= NODE_SILENT_MS ? 0 : GRACE_SECONDS;
    const request = { apiVersion: 'v1', kind: 'Pod', name, graceSeconds };
    // It may have gone while others were ended.
    const end = async () => (isThere() ? cluster.objects.delete(request) : undefined);
    const isHeard = await ending.do(end).then(
      () => true,
      () => false,
    );
    await sleep(isHeard ? NODE_SILENT_MS : AGAIN_MS, undefined, { ref: false });
  }
}
