/**
 * Whether the arrays of a bag fit each other: judged by their headers alone, before any value is read.
 * In: shapes and types as the file claims them. Out: the bag's shape, or an error that names the array.
 */
import type { FeatureType } from '../bag.js';
import { type BagFile, bagError } from '../bag-file.js';
import { countOf, type NumberType, type StoredArray } from './stored-array.js';

/** float64 has no use for its precision here: it is rounded to float32. */
const FEATURE_TYPES: { readonly [type in NumberType]?: FeatureType } = {
  uint8: 'uint8',
  float16: 'float16',
  bfloat16: 'bfloat16',
  float32: 'float32',
  float64: 'float32',
};
/** Graphs of patches have 8 to some dozens; a file that claims more wants to fill the memory. */
const MOST_EDGES_PER_INSTANCE = 1024;

export function featureType({ type }: StoredArray, file: BagFile): FeatureType {
  const known = FEATURE_TYPES[type];
  if (known) return known;
  throw bagError(
    'bag-format',
    file,
    `its values are ${type}; known are ${Object.keys(FEATURE_TYPES).join(', ')}`,
    "Save it again as float32: astype('float32') in NumPy, x.float() in PyTorch.",
  );
}

/** [1, N, D], as some extractors save it, is [N, D]. */
export function featureShape(
  { shape }: StoredArray,
  file: BagFile,
): { instances: number; instanceShape: readonly number[] } {
  const [instances = 1, ...instanceShape] = shape.length === 3 && shape[0] === 1 ? shape.slice(1) : shape;
  const axes = instanceShape.length;
  if (axes === 1 || axes === 3 || shape[0] === 0) return { instances, instanceShape };
  throw bagError(
    'bag-width',
    file,
    `its shape is (${shape.join(', ')})`,
    'A bag is (instances, features) or (instances, height, width, channels): save it again in that shape.',
  );
}

/** [N, 2], and [1, N, 2] beside such features. */
export function checkCoordsShape({ name, shape }: StoredArray, instances: number, file: BagFile): void {
  if (shape.at(-1) === 2 && shape.length > 1 && isRow(shape.slice(0, -1), instances)) return;
  throw misfit(file, name, shape, `(${instances}, 2): x and y of each instance`);
}

/** [N], [N, 1] or [1, N]. */
export function checkLabelsShape({ name, shape }: StoredArray, instances: number, file: BagFile): void {
  if (isRow(shape, instances)) return;
  throw misfit(file, name, shape, `(${instances},): one label of each instance`);
}

/** [2, E], also with axes of 1 before them. */
export function checkEdgesShape({ name, shape }: StoredArray, instances: number, file: BagFile): void {
  if (shape.length < 2 || shape.at(-2) !== 2 || countOf(shape.slice(0, -2)) !== 1)
    throw misfit(file, name, shape, '(2, edges): sources and targets');
  const edges = shape[shape.length - 1];
  if (edges > instances * Math.min(instances, MOST_EDGES_PER_INSTANCE))
    throw bagError(
      'bag-format',
      file,
      `its ${name} has ${edges} edges for ${instances} instances`,
      `Save each edge once, and at most ${MOST_EDGES_PER_INSTANCE} per instance.`,
    );
}

/** `length` entries along one axis, all other axes being 1. */
function isRow(shape: readonly number[], length: number): boolean {
  return shape.length > 0 && countOf(shape) === length && shape.filter((size) => size !== 1).length <= 1;
}

function misfit(file: BagFile, name: string, shape: readonly number[], wanted: string) {
  return bagError(
    'bag-format',
    file,
    `its ${name} has the shape (${shape.join(', ')}), which is not ${wanted}`,
    `Save it again in that shape, or leave it out.`,
  );
}
