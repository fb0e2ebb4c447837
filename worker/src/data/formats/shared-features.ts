/**
 * Room for the features of a bag, in shared memory.
 */
import { FEATURE_BYTES, type FeatureType, type FeatureValues } from '../bag.js';

/** Zeros, [instances, ...instanceShape]. */
export function sharedFeatures(
  type: FeatureType,
  instances: number,
  instanceShape: readonly number[],
): FeatureValues {
  const count = instanceShape.reduce((product, size) => product * size, instances);
  const buffer = new SharedArrayBuffer(count * FEATURE_BYTES[type]);
  if (type === 'float32') return new Float32Array(buffer);
  return type === 'uint8' ? new Uint8Array(buffer) : new Uint16Array(buffer);
}
