/**
 * The optimizer port: one update of the flat parameters from the flat averaged gradient.
 * Plain arithmetic in float64, rounded once to float32 per entry: the same bits on every backend.
 */

export interface Optimizer {
  /** Names of the moment buffers, as PyTorch's optimizer state calls them. */
  readonly moments: readonly string[];
  /**
   * Updates `parameters` and `moments` in place. All arrays have the layout's length; padding stays zero.
   * `step` counts updates from 1; `rate` is this step's learning rate.
   */
  update(args: {
    parameters: Float32Array;
    gradient: Float32Array;
    moments: Readonly<Record<string, Float32Array>>;
    step: number;
    rate: number;
  }): void;
}
