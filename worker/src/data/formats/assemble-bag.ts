/**
 * A bag from the arrays of its file, the same for all formats: so all refuse the same things in the same words.
 * In: arrays of any numeric type, their values not yet read. Out: an opened file, whose header has been checked
 * and whose `decode` reads the values: features as they are stored (float64 as float32), coordinates as float32,
 * labels and edges as int32.
 */
import type { BagContent } from '../bag.js';
import { type BagFile, bagError } from '../bag-file.js';
import type { FileHeader, OpenedFile } from './bag-format.js';
import {
  checkCoordsShape,
  checkEdgesShape,
  checkLabelsShape,
  featureShape,
  featureType,
} from './bag-shapes.js';
import { copyBytes, type Refuse, roundFloat64, toFiniteFloat32, toInt32 } from './convert-numbers.js';
import { keptFeatures, sharedFeatures } from './shared-features.js';
import { countOf, type StoredArray } from './stored-array.js';

export interface BagArrays {
  /** [N, D], [1, N, D] or [N, height, width, channels]; uint8, float16, bfloat16, float32, float64. */
  readonly features: StoredArray;
  /** [N, 2], finite. */
  readonly coords: StoredArray | null;
  /** [N], whole numbers of int32 or bool. */
  readonly instanceLabels: StoredArray | null;
  /** [2, edges], each from 0 to N - 1. */
  readonly edges: StoredArray | null;
}

/** @throws BagfleetError `bag-format` or `bag-width` where types or shapes are wrong or do not fit each other */
export function assembleBag(arrays: BagArrays, file: BagFile): OpenedFile {
  const { features, coords, instanceLabels, edges } = arrays;
  const { instances, instanceShape } = featureShape(features, file);
  if (coords) checkCoordsShape(coords, instances, file);
  if (instanceLabels) checkLabelsShape(instanceLabels, instances, file);
  if (edges) checkEdgesShape(edges, instances, file);
  const header: FileHeader = {
    instances,
    instanceShape,
    type: featureType(features, file),
    hasCoords: coords !== null,
    hasInstanceLabels: instanceLabels !== null,
    hasEdges: edges !== null,
  };
  return { header, decode: (signal) => decode(arrays, header, file, signal) };
}

async function decode(
  { features, coords, instanceLabels, edges }: BagArrays,
  header: FileHeader,
  file: BagFile,
  signal: AbortSignal | undefined,
): Promise<BagContent> {
  signal?.throwIfAborted();
  const { instances, instanceShape, type } = header;
  return {
    instances,
    instanceShape,
    type,
    features: await decodeFeatures(features, header, signal),
    coords: coords && (await decodeCoords(coords, file, signal)),
    instanceLabels: instanceLabels && (await decodeLabels(instanceLabels, file, signal)),
    edges: edges && (await decodeEdges(edges, instances, file, signal)),
  };
}

async function decodeFeatures(
  array: StoredArray,
  { instances, instanceShape, type }: FileHeader,
  signal: AbortSignal | undefined,
): Promise<BagContent['features']> {
  const bytes = await array.read(signal);
  const kept = array.type === 'float64' ? null : keptFeatures(type, bytes);
  if (kept) return kept;
  const features = sharedFeatures(type, instances, instanceShape); // [instances, ...instanceShape]
  if (array.type === 'float64') await roundFloat64(bytes, features as Float32Array, signal);
  else await copyBytes(bytes, new Uint8Array(features.buffer), signal);
  return features;
}

/** [instances, 2] */
export async function decodeCoords(array: StoredArray, file: BagFile, signal: AbortSignal | undefined) {
  const refuse = refusal(array, file, 'coordinates are finite');
  return toFiniteFloat32(await array.read(signal), array.type, countOf(array.shape), refuse, signal);
}

/** [instances] */
export async function decodeLabels(array: StoredArray, file: BagFile, signal: AbortSignal | undefined) {
  const refuse = refusal(array, file, 'labels are whole numbers');
  const range = { least: -(2 ** 31), most: 2 ** 31 - 1 };
  return toInt32(await array.read(signal), array.type, countOf(array.shape), range, refuse, signal);
}

/** [2, edges] */
export async function decodeEdges(
  array: StoredArray,
  instances: number,
  file: BagFile,
  signal: AbortSignal | undefined,
) {
  const refuse = refusal(array, file, `edges join instances 0 to ${instances - 1}`);
  const range = { least: 0, most: instances - 1 };
  return toInt32(await array.read(signal), array.type, countOf(array.shape), range, refuse, signal);
}

function refusal({ name }: StoredArray, file: BagFile, rule: string): Refuse {
  return (index, value) =>
    bagError(
      'bag-format',
      file,
      `value ${index} of its ${name} is ${value}, but ${rule}`,
      `Save ${name} again, or leave it out.`,
    );
}
