/**
 * What `submit` would create on Kubernetes, for people to read: the coordinator's Job, and the workers' Job that the
 * coordinator makes (its owner's uid is not known yet).
 * In: a settled job, the run's name. Out: manifests.
 */
import type { JobSpec } from '@bagfleet/proto';
import type { V1Job } from '@kubernetes/client-node';
import { coordinatorJob } from '../launch/kubernetes/manifests/coordinator-job.js';
import { coordinatorName } from '../launch/kubernetes/manifests/names.js';
import type { RunPlace } from '../launch/kubernetes/manifests/pod-parts.js';
import { workersJob } from '../launch/kubernetes/manifests/workers-job.js';
import { podsFor, workersPerPod } from '../launch/worker-places.js';

const UNKNOWN_UID = '00000000-0000-0000-0000-000000000000';

export function manifestsOf(job: JobSpec, place: RunPlace): V1Job[] {
  const { namespace } = job.fleet.kubernetes;
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: coordinatorName(place.run), uid: UNKNOWN_UID };
  const pods = podsFor(job.fleet.workers, workersPerPod(job.fleet));
  const jobs = [coordinatorJob(job, place), workersJob(job, place, pods, owner)];
  return jobs.map((manifest) => ({
    ...manifest,
    metadata: { ...manifest.metadata, ...(namespace === null ? {} : { namespace }) },
  }));
}
