/**
 * The graph between the instances that a model sees.
 * In: the bag's edges, the instances that were chosen. Out: the edges between those, by their new places.
 */

/** Directed edges; indices of instances as the model sees them. */
export interface BagGraph {
  /** [edges], as are targets. */
  readonly sources: Int32Array;
  readonly targets: Int32Array;
}

/**
 * @param edges [2, edges], sources then targets
 * @param chosen indices of the instances that the model sees, in its order; null for all
 */
export function graphBetween(edges: Int32Array, instances: number, chosen: Uint32Array | null): BagGraph {
  const count = edges.length / 2;
  const [sources, targets] = [edges.subarray(0, count), edges.subarray(count)];
  if (chosen === null) return { sources, targets };
  const place = new Int32Array(instances).fill(-1);
  for (const [at, instance] of chosen.entries()) place[instance] = at;
  const kept = Int32Array.from({ length: count }, (_, edge) => edge).filter(
    (edge) => place[sources[edge]] >= 0 && place[targets[edge]] >= 0,
  );
  return {
    sources: kept.map((edge) => place[sources[edge]]),
    targets: kept.map((edge) => place[targets[edge]]),
  };
}
