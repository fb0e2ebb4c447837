/**
 * On Kubernetes a pod with several GPUs hosts one worker for each, so a fleet grows and shrinks by whole pods.
 * In: a job's fleet, how many workers are wanted, who says so. Out: nothing, or an error that names the nearest sizes.
 */
import { BagfleetError, type FleetSpec, MOST_WORKERS } from '@bagfleet/proto';
import { workersPerPod } from '../launch/worker-places.js';

export interface FleetWish {
  readonly workers: number;
  /** `--workers`, or the job field. */
  readonly culprit: string;
  readonly code: 'usage' | 'job-invalid';
}

export function refuseHalfPods(fleet: FleetSpec, { workers, culprit, code }: FleetWish): void {
  if (fleet.engine === 'local') return;
  const perPod = workersPerPod(fleet);
  if (workers % perPod === 0) return;
  const below = workers - (workers % perPod);
  const sizes = [below, below + perPod].filter((size) => size > 0 && size <= MOST_WORKERS);
  const message = `must be a multiple of ${perPod}, the workers of a pod (job field fleet.gpusPerNode), but ${workers} was given`;
  throw new BagfleetError(code, message, { culprit, hint: `Use ${sizes.join(' or ')}.` });
}
