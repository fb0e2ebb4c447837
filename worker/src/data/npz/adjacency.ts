/**
 * The edges of a graph from a sparse adjacency matrix in COO form, as scipy.sparse.save_npz writes it: `row` and
 * `col` of each entry (`data`, the weights, and `shape` are not looked at).
 * In: the arrays of a file. Out: the same and, where it has such a matrix and no edges else, `edge_index` [2, edges].
 */
import { type BagFile, bagError } from '../bag-file.js';
import { nameOf } from '../formats/array-names.js';
import type { NamedArrays, StoredArray } from '../formats/stored-array.js';

export function withAdjacency(arrays: NamedArrays, file: BagFile): NamedArrays {
  const { names } = arrays;
  if (!names.includes('row') || !names.includes('col') || nameOf('edges', names) !== undefined) return arrays;
  return {
    names: [...names, 'edge_index'],
    array: (name) => (name === 'edge_index' ? edgesOf(arrays, file) : arrays.array(name)),
  };
}

async function edgesOf(arrays: NamedArrays, file: BagFile): Promise<StoredArray> {
  const [row, col] = [await arrays.array('row'), await arrays.array('col')];
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
