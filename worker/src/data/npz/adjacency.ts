/**
 * The edges of a graph from a sparse adjacency matrix in COO form, as scipy.sparse.save_npz writes it: `row` and
 * `col` of each entry (`data`, the weights, and `shape` are not looked at).
 * In: an opened .npz file. Out: its edges as one array [2, edges], or null where it has no such matrix.
 */
import { type BagFile, bagError } from '../bag-file.js';
import type { StoredArray } from '../formats/stored-array.js';
import type { NpzFile } from './npz-arrays.js';

export async function adjacencyOf(npz: NpzFile, file: BagFile): Promise<StoredArray | null> {
  if (!npz.names.includes('row') || !npz.names.includes('col')) return null;
  const [row, col] = [await npz.array('row'), await npz.array('col')];
  const alike = row.type === col.type && row.shape.length === 1 && row.shape.join() === col.shape.join();
  if (!alike)
    throw bagError(
      'bag-format',
      file,
      `its row is ${row.type} (${row.shape.join(', ')}), its col ${col.type} (${col.shape.join(', ')})`,
      'Save the graph again with scipy.sparse.save_npz(file, matrix.tocoo()), or as edge_index.',
    );
  return {
    name: 'row and col',
    type: row.type,
    shape: [2, row.shape[0]],
    async read(signal) {
      const [sources, targets] = [await row.read(signal), await col.read(signal)];
      const both = new Uint8Array(sources.length + targets.length);
      both.set(sources);
      both.set(targets, sources.length);
      return both;
    },
  };
}
