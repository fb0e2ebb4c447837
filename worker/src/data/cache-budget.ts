/**
 * How much memory bags may be kept in: what the job says, and no more than a part of what this process may hold at
 * all, so that a pod is not killed for the sake of a cache. It never changes a result. Pure.
 * In: the job's wish, the memory limit of the container or machine, how many workers share it. Out: bytes.
 */

/** Of a worker's share of the limit; the rest is for parameters, gradients, bags in work and TensorFlow. */
const PART = 0.4;

/** `limit` in bytes; null or beyond all machines where there is none. */
export function cacheBudget(wanted: number, limit: number | null, workers: number): number {
  if (limit === null || !Number.isFinite(limit) || limit <= 0) return wanted;
  return Math.min(wanted, Math.floor((PART * limit) / Math.max(1, workers)));
}
