/**
 * Where each worker of a fleet computes: pod i of an Indexed Job hosts w(i·G) and the G-1 after it, one on each of its
 * G GPUs; on one machine all workers share its GPUs, in turn. Pure.
 * In: `fleet` of a job. Out: pods, workers, GPUs.
 */
import type { FleetSpec } from '@bagfleet/proto';

export interface WorkerPlace {
  readonly worker: string;
  /** null on one machine. */
  readonly pod: number | null;
  /** Of its pod or machine; null computes on CPUs. */
  readonly gpu: number | null;
}

export function workersPerPod({ gpusPerNode }: Pick<FleetSpec, 'gpusPerNode'>): number {
  return Math.max(1, gpusPerNode);
}

export function podsFor(ids: number, perPod: number): number {
  return Math.ceil(ids / perPod);
}

export function workersOfPod(index: number, perPod: number): string[] {
  return Array.from({ length: perPod }, (_, k) => `w${index * perPod + k}`);
}

export function placesOf({ engine, workers, gpusPerNode }: FleetSpec): WorkerPlace[] {
  const perPod = workersPerPod({ gpusPerNode });
  return Array.from({ length: workers }, (_, k) => ({
    worker: `w${k}`,
    pod: engine === 'local' ? null : Math.floor(k / perPod),
    gpu: gpusPerNode === 0 ? null : k % gpusPerNode,
  }));
}
