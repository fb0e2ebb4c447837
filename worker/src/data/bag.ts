/**
 * A bag in memory: what a reader of any format makes of an object's bytes, and what an engine computes on.
 */

/** Features as float32, row-major [instances, ...instanceShape], over shared memory (compute threads see it). */
export interface Bag {
  readonly id: string;
  readonly instances: number;
  readonly instanceShape: readonly number[];
  /** Length instances · Π instanceShape. */
  readonly features: Float32Array<SharedArrayBuffer>;
}
