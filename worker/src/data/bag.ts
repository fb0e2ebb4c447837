/**
 * A bag in memory: what a reader of any format makes of an object's bytes, and what an engine computes on.
 * All arrays lie in shared memory: compute threads see them without a copy.
 */

/** How features are stored, and stay until they reach the device: half-size types are not widened before. */
export const FEATURE_BYTES = { uint8: 1, float16: 2, bfloat16: 2, float32: 4 } as const;
export type FeatureType = keyof typeof FEATURE_BYTES;

/** uint8 in Uint8Array, float16 and bfloat16 as their bits in Uint16Array, float32 in Float32Array. */
export type FeatureValues =
  | Uint8Array<SharedArrayBuffer>
  | Uint16Array<SharedArrayBuffer>
  | Float32Array<SharedArrayBuffer>;

/** What a bag is made of, whether it comes from one file or from several. */
export interface BagContent {
  readonly instances: number;
  /** [features], or [height, width, channels] for tiles. */
  readonly instanceShape: readonly number[];
  readonly type: FeatureType;
  /** As stored, row-major [instances, ...instanceShape]; uint8 means value / 255. Finite. */
  readonly features: FeatureValues;
  /** [instances, 2]: x, y as the file has them (pixels of level 0 in TRIDENT and CLAM); null where there are none. */
  readonly coords: Float32Array<SharedArrayBuffer> | null;
  /** [instances] class of each instance; null where there are none. */
  readonly instanceLabels: Int32Array<SharedArrayBuffer> | null;
  /** [2, edges]: source and target of each directed edge, row-major; null where there is no graph. */
  readonly edges: Int32Array<SharedArrayBuffer> | null;
}

export interface Bag extends BagContent {
  readonly id: string;
  /** Where the instances of each file begin, and their end: [0, n1, n1 + n2, …]. */
  readonly offsets: readonly number[];
  /** Where those of each slide begin, likewise: instances of different slides have no common coordinates. */
  readonly slides: readonly number[];
}

/** Bytes that a bag takes in memory. */
export function bytesOf({ features, coords, instanceLabels, edges }: BagContent): number {
  return [features, coords, instanceLabels, edges].reduce((sum, array) => sum + (array?.byteLength ?? 0), 0);
}
