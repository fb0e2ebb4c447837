/**
 * The optimizer port: one update of flat parameters from the flat averaged gradient.
 * Plain arithmetic in float64, rounded once to float32 per entry: the same bits on every backend.
 */

/** All of one length: that of the layout, or of a range of it. */
export interface UpdateBuffers {
  readonly parameters: Float32Array;
  readonly gradient: Float32Array;
  readonly moments: Readonly<Record<string, Float32Array>>;
}

export interface Optimizer {
  /** Names of the moment buffers, as PyTorch's optimizer state calls them. */
  readonly moments: readonly string[];
  /**
   * Updates `parameters` and `moments` in place, each entry by itself; padding stays zero.
   * `step` counts updates from 1; `rate` is this step's learning rate.
   */
  update(args: UpdateBuffers & { readonly step: number; readonly rate: number }): void;
}
