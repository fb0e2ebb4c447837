/**
 * The edges of a graph from a dense adjacency matrix, as torchmil keeps them.
 * In: an array [N, N]. Out: an edge from row to column for each value that is not 0, row by row.
 */
import { setImmediate as letOthersRun } from 'node:timers/promises';
import { type BagFile, bagError } from '../bag-file.js';
import { NUMBER_BYTES, type StoredArray } from './stored-array.js';

const MOST_EDGES_PER_INSTANCE = 1024;
const VALUES_PER_TURN = 1 << 20;

/** A matrix of two instances is taken for a list of edges [2, 2], which is what it says otherwise. */
export function isDenseAdjacency({ shape }: StoredArray, instances: number): boolean {
  return shape.length === 2 && shape[0] === instances && shape[1] === instances && instances !== 2;
}

/**
 * @returns [2, edges]
 * @throws BagfleetError `bag-format` where the matrix is not sparse at all
 */
export async function edgesOfMatrix(
  matrix: StoredArray,
  instances: number,
  file: BagFile,
  signal: AbortSignal | undefined,
): Promise<Int32Array<SharedArrayBuffer>> {
  const bytes = await matrix.read(signal);
  const size = NUMBER_BYTES[matrix.type];
  const most = instances * Math.min(instances, MOST_EDGES_PER_INSTANCE);
  const cells: number[] = []; // row · instances + column
  for (let cell = 0; cell < instances * instances; cell++) {
    if (cell > 0 && cell % VALUES_PER_TURN === 0) await letOthersRun(undefined, signal ? { signal } : {});
    if (isZero(bytes, cell * size, size)) continue;
    cells.push(cell);
    if (cells.length > most) throw tooMany(matrix.name, most, instances, file);
  }
  const edges = new Int32Array(new SharedArrayBuffer(cells.length * 2 * 4)); // [2, edges]
  for (const [i, cell] of cells.entries()) {
    edges[i] = Math.floor(cell / instances);
    edges[cells.length + i] = cell % instances;
  }
  return edges;
}

/** Of any type: zero is all its bytes being zero. */
function isZero(bytes: Uint8Array, start: number, size: number): boolean {
  for (let i = start; i < start + size; i++) if (bytes[i] !== 0) return false;
  return true;
}

function tooMany(name: string, most: number, instances: number, file: BagFile) {
  return bagError(
    'bag-format',
    file,
    `its ${name} has more than ${most} edges for ${instances} instances`,
    'Leave out the diagonal and weak edges, or let job field data.graph build the graph.',
  );
}
