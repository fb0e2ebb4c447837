/**
 * Refuses NaN and infinity in a bag's features, as they are stored: bad input never trains.
 * In: features of any type. Out: nothing, or `bag-not-finite` that names bag, file, instance and value.
 */
import { setImmediate as letOthersRun } from 'node:timers/promises';
import type { BagContent } from './bag.js';
import { type BagFile, bagError } from './bag-file.js';
import { toFloat32 } from './instances/to-float32.js';

/** Values looked at before other work of the thread (heartbeats, transfers) gets its turn: 1-4 ms. */
const VALUES_PER_TURN = 1 << 20;

export async function refuseNotFinite(bag: BagContent, file: BagFile, signal?: AbortSignal): Promise<void> {
  const { features, type, instanceShape } = bag;
  if (type === 'uint8') return;
  for (let first = 0; first < features.length; first += VALUES_PER_TURN) {
    const end = Math.min(first + VALUES_PER_TURN, features.length);
    const found =
      type === 'float32'
        ? firstNotFinite(features as Float32Array, first, end)
        : firstAllOnes(features as Uint16Array, first, end, type === 'float16' ? 0x7c00 : 0x7f80);
    if (found >= 0) throw notFinite(bag, found, instanceShape, file);
    if (end < features.length) await letOthersRun(undefined, signal ? { signal } : {});
  }
}

function firstNotFinite(values: Float32Array, first: number, end: number): number {
  for (let i = first; i < end; i++) if (!Number.isFinite(values[i])) return i;
  return -1;
}

/** An exponent of all ones is infinity or NaN. */
function firstAllOnes(bits: Uint16Array, first: number, end: number, exponent: number): number {
  for (let i = first; i < end; i++) if ((bits[i] & exponent) === exponent) return i;
  return -1;
}

function notFinite({ features, type }: BagContent, index: number, shape: readonly number[], file: BagFile) {
  const width = shape.reduce((product, size) => product * size, 1);
  const [value] = toFloat32({ features, type }, index, 1);
  const place = `instance ${Math.floor(index / width)}, value ${index % width}`;
  return bagError(
    'bag-not-finite',
    file,
    `${place} holds ${value}, which float32 training cannot use`,
    'Make the features of this bag again, or take the bag out of the dataset.',
  );
}
