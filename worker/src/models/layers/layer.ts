/**
 * What a layer with weights is: its parameters beside what it does with them.
 */
import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Parameter, ParameterTensors, Training } from '../model.js';

/** From rows [n, width] to rows [n, width]. */
export interface RowLayer {
  readonly parameters: readonly Parameter[];
  /** Width of the rows that come out. */
  readonly width: number;
  apply(parameters: ParameterTensors, x: Tensor2D, training: Training | null): Tensor2D;
}
