/**
 * An array in a bag's file, whatever the format: what it is, and its values when they are asked for.
 * Readers of formats give these, and bags are assembled from them (assemble-bag.ts).
 */

/** Numbers as files store them, and the bytes of one. */
export const NUMBER_BYTES = {
  bool: 1,
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  uint64: 8,
  int64: 8,
  float16: 2,
  bfloat16: 2,
  float32: 4,
  float64: 8,
} as const;
export type NumberType = keyof typeof NUMBER_BYTES;

export interface StoredArray {
  /** As the file calls it; for error messages. */
  readonly name: string;
  readonly type: NumberType;
  readonly shape: readonly number[];
  /**
   * All values, row-major and little-endian: exactly `arrayBytes` of them, at any alignment, a view or a copy.
   * All of a shared buffer is whoever asked's, to keep without another copy.
   * Errors as those of a format's `decode`.
   */
  read(signal?: AbortSignal): Promise<Uint8Array>;
}

/** The arrays of one file. */
export interface NamedArrays {
  readonly names: readonly string[];
  /** `name` is one of `names`. */
  array(name: string): Promise<StoredArray>;
}

/** What values of this type and shape take; beyond the safe integers where a shape is a lie. */
export function arrayBytes(type: NumberType, shape: readonly number[]): number {
  return countOf(shape) * NUMBER_BYTES[type];
}

export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
