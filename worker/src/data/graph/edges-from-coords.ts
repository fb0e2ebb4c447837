/**
 * The edges of a bag that was read, built anew from its coordinates.
 * In: the bag, its files in their order, the job's data.graph. Out: edges, or an error that says what is missing.
 */
import type { BagPart } from '@bagfleet/proto/dataset-manifest';
import type { GraphSpec } from '@bagfleet/proto/graph-spec';
import type { Bag } from '../bag.js';
import { type BagFile, bagError } from '../bag-file.js';
import { buildEdges } from './build-edges.js';

/** @throws BagfleetError `bag-format` for a bag without coordinates, and as `buildEdges` does */
export async function edgesFromCoords(
  { id, coords, slides }: Pick<Bag, 'id' | 'coords' | 'slides'>,
  parts: readonly BagPart[],
  graph: GraphSpec,
  signal: AbortSignal | undefined,
): Promise<Int32Array<SharedArrayBuffer>> {
  const file: BagFile = { bag: id, file: parts[0].key };
  if (coords) return buildEdges({ coords, slides }, graph, file, signal);
  throw bagError(
    'bag-format',
    file,
    'it has no coordinates, from which job field data.graph builds edges',
    'Save coords with the features, name tiles by them (x_1024_y_2048.png), or leave out data.graph.',
  );
}
