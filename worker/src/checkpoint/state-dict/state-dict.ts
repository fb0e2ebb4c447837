/**
 * A state dict in memory: what PyTorch's `state_dict()` gives, as float32.
 */

export interface Weights {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: Float32Array;
}

export type StateDict = ReadonlyMap<string, Weights>;
