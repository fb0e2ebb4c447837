/**
 * One slide's file: noise, in HDF5 where this build reads that, else in .npy.
 * In: id, instances, type, a seed. Out: the file's name and bytes.
 */
import { CounterRng } from '@bagfleet/proto';
import { formatOf } from '@bagfleet/worker/data/formats/bag-formats';
import { madeUpHdf5Bag } from '../../test/support/made-up-hdf5.js';
import { madeUpNpy } from '../../test/support/made-up-npy.js';

export const CORPUS_FEATURES = 1024;
/** Values that all files are cut from: noise is slow to draw. */
const POOL = 1 << 22;
const pools = new Map<string, Uint8Array>();

export function corpusFile(
  id: string,
  instances: number,
  type: 'float16' | 'float32',
  seed: number,
): { name: string; bytes: Uint8Array } {
  const shape = [instances, CORPUS_FEATURES];
  const values = noise(instances * CORPUS_FEATURES, type, seed);
  if (formatOf(`${id}.h5`)) return { name: `${id}.h5`, bytes: madeUpHdf5Bag({ type, shape, values }) };
  return { name: `${id}.npy`, bytes: madeUpNpy(type === 'float16' ? '<f2' : '<f4', shape, values) };
}

/** Finite, most of them within -1 … 1. */
function noise(count: number, type: 'float16' | 'float32', seed: number): Uint8Array {
  const pool = pools.get(type) ?? makePool(type);
  pools.set(type, pool);
  const width = type === 'float16' ? 2 : 4;
  const values = new Uint8Array(count * width);
  let from = ((seed * 7919) % 1000) * width;
  for (let at = 0; at < values.length; from = 0) {
    const piece = pool.subarray(from, from + values.length - at);
    values.set(piece, at);
    at += piece.length;
  }
  return values;
}

function makePool(type: 'float16' | 'float32'): Uint8Array {
  const normal = new CounterRng(6, ['corpus', type]).normal(POOL);
  if (type === 'float32') return new Uint8Array(Float32Array.from(normal, (value) => value / 3).buffer);
  // Sign and exponent of 0.25 … 2, any fraction: halves without a conversion.
  return new Uint8Array(
    Uint16Array.from(normal, (value) => (value < 0 ? 0x8000 : 0) | (0x3400 + (Math.abs(value * 1e6) % 0xc00)))
      .buffer,
  );
}
