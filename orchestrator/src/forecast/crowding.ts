/**
 * Workers that share a machine slow each other down even where each has a core: they share its memory and, on many
 * machines, halves of one core. In: what was measured. Out: by how much a fleet is slower than a worker alone. Pure.
 */
export interface Crowding {
  /** How many computed at the same time when it was measured. */
  readonly together: number;
  /** Time of a bag then, against the time of a bag of one alone: 1 or more. */
  readonly factor: number;
}

/**
 * Between one and `together` workers the slowdown grows with their number; beyond, it stays: a machine of many cores was
 * not filled when it was measured. Workers that have no core of their own wait for one instead, which is counted
 * elsewhere.
 */
export function slowdown(crowding: Crowding | null, workers: number, places: number): number {
  if (crowding === null || crowding.together < 2) return 1;
  const beside = Math.max(1, Math.min(workers, places));
  const share = Math.min(1, (beside - 1) / (crowding.together - 1));
  return 1 + share * (Math.max(1, crowding.factor) - 1);
}
