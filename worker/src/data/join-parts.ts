/**
 * Several files of instances as one bag, in their order.
 * In: what each file holds. Out: the bag's content and where each file's instances begin.
 */
import type { BagContent, FeatureValues } from './bag.js';
import { sharedFeatures } from './formats/shared-features.js';

/** The parts have equal types and instance shapes; coordinates, labels and edges stay only if all parts have them. */
export function joinParts(
  parts: readonly BagContent[],
): BagContent & { readonly offsets: readonly number[] } {
  const offsets = [0];
  for (const part of parts) offsets.push(offsets[offsets.length - 1] + part.instances);
  if (parts.length === 1) return { ...parts[0], offsets };
  const [{ type, instanceShape }] = parts;
  const instances = offsets[parts.length];
  const features = sharedFeatures(type, instances, instanceShape); // [instances, ...instanceShape]
  const width = features.length / instances;
  for (const [i, part] of parts.entries()) setValues(features, part.features, offsets[i] * width);
  return {
    instances,
    instanceShape,
    type,
    features,
    offsets,
    coords: joined<Float32Array<SharedArrayBuffer>>(parts, ({ coords }) => coords, Float32Array),
    instanceLabels: joined<Int32Array<SharedArrayBuffer>>(
      parts,
      ({ instanceLabels }) => instanceLabels,
      Int32Array,
    ),
    edges: joinedEdges(parts, offsets),
  };
}

function setValues(into: FeatureValues, values: FeatureValues, at: number): void {
  into.set(values, at);
}

function joined<T extends Float32Array<SharedArrayBuffer> | Int32Array<SharedArrayBuffer>>(
  parts: readonly BagContent[],
  of: (part: BagContent) => T | null,
  Kind: new (buffer: SharedArrayBuffer) => T,
): T | null {
  const arrays = parts.map(of).filter((array) => array !== null);
  if (arrays.length < parts.length) return null;
  const all = new Kind(new SharedArrayBuffer(arrays.reduce((sum, array) => sum + array.byteLength, 0)));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}

/** Each file's edges, moved to where its instances are now; rows of sources and targets stay apart. */
function joinedEdges(
  parts: readonly BagContent[],
  offsets: readonly number[],
): Int32Array<SharedArrayBuffer> | null {
  const lists = parts.map(({ edges }) => edges).filter((edges) => edges !== null);
  if (lists.length < parts.length) return null;
  const count = lists.reduce((sum, edges) => sum + edges.length / 2, 0);
  const all = new Int32Array(new SharedArrayBuffer(count * 2 * 4)); // [2, edges]
  let at = 0;
  for (const [part, edges] of lists.entries()) {
    const own = edges.length / 2;
    for (let i = 0; i < own; i++) {
      all[at + i] = edges[i] + offsets[part];
      all[count + at + i] = edges[own + i] + offsets[part];
    }
    at += own;
  }
  return all;
}
