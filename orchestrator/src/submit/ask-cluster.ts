/**
 * Why nobody is heard of a run on Kubernetes, asked from its cluster.
 * In: the store, a run's record, a context of the kubeconfig. Out: the record, with what the cluster says in its problem,
 * where a run has not begun or is lost; unchanged for all others.
 */
import { BagfleetError, type JobSpec } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { answerSoon } from '../kubernetes/answer-soon.js';
import { openCluster } from '../kubernetes/open-cluster.js';
import { coordinatorName } from '../launch/kubernetes/manifests/names.js';
import { jobOfRun } from '../registry/job-of-run.js';
import type { RunRecord } from '../registry/read-run.js';
import { lookAtCoordinator } from './look-at-coordinator.js';

export async function askCluster(
  store: ObjectStore,
  record: RunRecord,
  context: string | null,
): Promise<RunRecord> {
  if (record.problem === null || record.state === 'unreadable') return record;
  const job = await jobOfRun(store, record.run).catch(() => null);
  if (job?.fleet.engine !== 'kubernetes') return record;
  const said = await whatHoldsUp(job, record.run, context);
  return said === null ? record : { ...record, problem: `${record.problem}; ${said}` };
}

async function whatHoldsUp(job: JobSpec, run: string, context: string | null): Promise<string | null> {
  try {
    const cluster = openCluster({ context, namespace: job.fleet.kubernetes.namespace });
    const seen = await answerSoon(lookAtCoordinator(cluster, coordinatorName(run)));
    return seen.heldUpBy;
  } catch (thrown) {
    const { culprit, message } = BagfleetError.from(thrown);
    return `its cluster can't be asked why: ${culprit === undefined ? '' : `${culprit}: `}${message}`;
  }
}
