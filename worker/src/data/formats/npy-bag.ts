/**
 * A bag in a NumPy .npy file: (instances, features) or (instances, height, width, channels).
 */
import { setImmediate as letOthersRun } from 'node:timers/promises';
import type { BagContent, FeatureType } from '../bag.js';
import { type BagFile, bagError } from '../bag-file.js';
import {
  checkNpyLength,
  NPY_PREFIX_BYTES,
  type NpyHeader,
  npyDataStart,
  readNpyHeader,
} from '../npy-header.js';
import { npyToFloat32 } from '../npy-values.js';
import type { BagFormat, ByteSource, FileHeader } from './bag-format.js';
import { sharedFeatures } from './shared-features.js';

/** Values that are converted before other work of the thread (heartbeats, transfers) gets its turn: 1-4 ms. */
const VALUES_PER_TURN = 1 << 20;

/** float64 has no use for its precision here: it is rounded to float32. */
const TYPES = { '|u1': 'uint8', '<f2': 'float16', '<f4': 'float32', '<f8': 'float32' } as const;

export const npyBag: BagFormat = {
  name: 'npy',
  suffixes: ['.npy'],
  async open(source, file) {
    const npy = await headerOf(source, file);
    checkNpyLength(npy, source.bytes, file);
    const header = fileHeader(npy, file);
    return { header, decode: (signal) => decode(source, npy, header, signal) };
  },
};

async function headerOf(source: ByteSource, file: BagFile): Promise<NpyHeader> {
  const prefix = await source.read(0, Math.min(source.bytes, NPY_PREFIX_BYTES));
  const needed = npyDataStart(prefix, file);
  const whole = needed > prefix.length ? await source.read(0, Math.min(source.bytes, needed)) : prefix;
  return readNpyHeader(whole, file);
}

function fileHeader({ shape, dtype }: NpyHeader, file: BagFile): FileHeader {
  if ((shape.length < 2 || shape.length > 4) && shape[0] !== 0)
    throw bagError(
      'bag-width',
      file,
      `its shape is (${shape.join(', ')})`,
      'A bag is (instances, features) or (instances, height, width, channels): save it again in that shape.',
    );
  const [instances, ...instanceShape] = shape;
  const type: FeatureType = TYPES[dtype];
  return { instances, instanceShape, type, hasCoords: false, hasInstanceLabels: false, hasEdges: false };
}

async function decode(
  source: ByteSource,
  npy: NpyHeader,
  { instances, instanceShape, type }: FileHeader,
  signal: AbortSignal | undefined,
): Promise<BagContent> {
  const features = sharedFeatures(type, instances, instanceShape); // [instances, ...instanceShape]
  const bytes = await source.read(npy.dataStart, npy.dataBytes);
  const values = { ...npy, dataStart: 0 };
  if (npy.dtype === '<f8')
    for (let first = 0; first < features.length; first += VALUES_PER_TURN) {
      npyToFloat32(bytes, values, first, (features as Float32Array).subarray(first, first + VALUES_PER_TURN));
      await letOthersRun(undefined, signal ? { signal } : {});
    }
  else new Uint8Array(features.buffer).set(bytes);
  return { instances, instanceShape, type, features, coords: null, instanceLabels: null, edges: null };
}
