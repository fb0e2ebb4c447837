/**
 * The edges of a bag's graph, from where its instances lie.
 * In: coordinates, where each slide of the bag begins, the job's data.graph. Out: directed edges in shared memory, all
 * edges to the first instance first; instances of two slides are never neighbours.
 */
import { setImmediate as letOthersRun } from 'node:timers/promises';
import type { GraphSpec } from '@bagfleet/proto/graph-spec';
import { type BagFile, bagError } from '../bag-file.js';
import type { Points } from './cell-grid.js';
import { onGrid, withinRadius } from './near-neighbours.js';
import { nearest } from './nearest-neighbours.js';
import type { Neighbours } from './neighbours.js';
import { tileStep } from './tile-step.js';

/** Graphs of tissue have 8 to some dozens. */
const MOST_NEIGHBOURS = 256;
/** What is searched before other work of the thread gets its turn: some milliseconds. */
const POINTS_PER_TURN = 256;

export interface PlacedInstances {
  /** [instances, 2] */
  readonly coords: Float32Array;
  /** Where the instances of each slide begin, and their end: [0, n1, n1 + n2, …]. */
  readonly slides: readonly number[];
}

/**
 * @returns [2, edges]: sources, then targets
 * @throws BagfleetError `bag-format` where an instance has more neighbours than a graph of tissue ever has
 */
export async function buildEdges(
  { coords, slides }: PlacedInstances,
  graph: GraphSpec,
  file: BagFile,
  signal?: AbortSignal,
): Promise<Int32Array<SharedArrayBuffer>> {
  const sources: number[] = [];
  const targets: number[] = [];
  for (let slide = 0; slide + 1 < slides.length; slide++) {
    const [first, end] = [slides[slide], slides[slide + 1]];
    const neighbours = neighboursOn(
      { coords: coords.subarray(2 * first, 2 * end), count: end - first },
      graph,
    );
    for (let point = 0; point < end - first; point++) {
      if (point > 0 && point % POINTS_PER_TURN === 0) await letOthersRun(undefined, signal ? { signal } : {});
      const found = neighbours(point);
      if (found.length > MOST_NEIGHBOURS) throw tooMany(found.length, first + point, file);
      for (const other of found) {
        sources.push(first + other);
        targets.push(first + point);
      }
    }
  }
  const edges = new Int32Array(new SharedArrayBuffer(sources.length * 2 * 4)); // [2, edges]
  edges.set(sources);
  edges.set(targets, sources.length);
  return edges;
}

function neighboursOn(points: Points, { kind, k, radius, step }: GraphSpec): Neighbours {
  if (kind === 'knn') return nearest(points, k);
  if (kind === 'radius') return withinRadius(points, radius);
  const found = step === null ? tileStep(points) : { x: step, y: step };
  return found === null ? () => [] : onGrid(points, found);
}

function tooMany(count: number, instance: number, file: BagFile) {
  return bagError(
    'bag-format',
    file,
    `instance ${instance} has ${count} neighbours, more than ${MOST_NEIGHBOURS}`,
    'Take a smaller job field data.graph.radius or data.graph.step, or kind knn; coordinates are in pixels of level 0.',
  );
}
