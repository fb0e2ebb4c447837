/**
 * The simplest graph in which every instance has neighbours, for made-up bags.
 * In: a number of instances. Out: edges as a bag has them.
 */

/** [2, 2 · instances], sources then targets: each instance and the next one are neighbours, the last and the first, too. */
export function ringEdges(instances: number): Int32Array<SharedArrayBuffer> {
  const edges = new Int32Array(new SharedArrayBuffer(4 * instances * 4));
  for (let i = 0; i < instances; i++) {
    const next = (i + 1) % instances;
    edges.set([i, next], 2 * i);
    edges.set([next, i], 2 * instances + 2 * i);
  }
  return edges;
}
