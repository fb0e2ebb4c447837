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
  return featuresIn(type, new SharedArrayBuffer(count * FEATURE_BYTES[type]));
}

/** The values where they are, if they fill a shared buffer; null where they have to be copied. */
export function keptFeatures(type: FeatureType, { buffer, byteLength }: Uint8Array): FeatureValues | null {
  const whole = buffer instanceof SharedArrayBuffer && buffer.byteLength === byteLength;
  return whole ? featuresIn(type, buffer) : null;
}

function featuresIn(type: FeatureType, buffer: SharedArrayBuffer): FeatureValues {
  if (type === 'float32') return new Float32Array(buffer);
  return type === 'uint8' ? new Uint8Array(buffer) : new Uint16Array(buffer);
}
