/**
 * A job that is to run on Kubernetes, settled before anything is created: it has an image, a namespace, and places that
 * pods can reach.
 * In: a resolved job, the namespace that the kubeconfig gives. Out: the job as it is stored with the run, or an error
 * that names the field.
 */
import { BagfleetError, type JobSpec } from '@bagfleet/proto';
import { computeEnvironment } from '@bagfleet/worker/engine/compute-environment';
import { visibleGpu } from '@bagfleet/worker/engine/visible-gpu';
import { refuseHalfPods } from './whole-pods.js';

export function settleInCluster(job: JobSpec, namespace: string): JobSpec {
  const { kubernetes } = job.fleet;
  if (kubernetes.image === null)
    throw misfit('fleet.kubernetes.image', 'is not given, and pods need one', 'Set it, or give --image.');
  const { workers } = job.fleet;
  refuseHalfPods(job.fleet, { workers, culprit: 'job field fleet.workers', code: 'job-invalid' });
  refuseOurOwn(Object.keys(kubernetes.environment));
  refuseUnreachable(job, 'store.uri', job.store.uri);
  refuseUnreachable(job, 'data.manifest', job.data.manifest);
  if (job.data.validation !== null) refuseUnreachable(job, 'data.validation', job.data.validation);
  if (job.data.folder !== null) refuseUnreachable(job, 'data.folder', job.data.folder);
  if (job.model.initial !== null) refuseUnreachable(job, 'model.initial', job.model.initial.checkpoint);
  return { ...job, fleet: { ...job.fleet, kubernetes: { ...kubernetes, namespace } } };
}

/** What decides the result, or who a process is, is set by what the job says of it. */
function refuseOurOwn(names: readonly string[]): void {
  const own = { ...computeEnvironment(1), ...visibleGpu(0, 0, {}) };
  const ours = names.find((name) => name.startsWith('BAGFLEET_') || name in own);
  if (ours === undefined) return;
  throw misfit(
    `fleet.kubernetes.environment.${ours}`,
    'is set by bagfleet itself',
    'Remove it; threads are fleet.threadsPerWorker, GPUs fleet.gpusPerNode.',
  );
}

/** A folder is there in pods only where a volume of the job brings it. `field`: of the job, or a flag. */
export function refuseUnreachable({ fleet }: JobSpec, field: string, place: string): void {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(place) && !place.startsWith('file:')) return;
  if (fleet.engine !== 'kubernetes') return;
  const path = place.replace(/^file:\/\//, '');
  const mounts = fleet.kubernetes.volumes.map(({ mountPath }) => mountPath.replace(/\/+$/, ''));
  if (mounts.some((mount) => path === mount || path.startsWith(`${mount}/`))) return;
  throw misfit(
    field,
    `${place} is a folder of this machine, which pods don't have`,
    'Put it into a bucket (s3://…), or bring the folder with fleet.kubernetes.volumes.',
  );
}

function misfit(field: string, message: string, hint: string): BagfleetError {
  return new BagfleetError('job-invalid', message, {
    culprit: field.startsWith('--') ? field : `job field ${field}`,
    hint,
  });
}
