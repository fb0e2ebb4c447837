/**
 * Where each parameter lies in the flat buffers: in the model's order, each padded to whole blocks.
 * In: the model's parameters. Out: offsets that every worker shares; gradient, moments and sums use them.
 */
import type { Parameter } from '../models/model.js';

/** Entries that share one scale in the exact sum. */
export const BLOCK = 256;

export interface ParameterPlace {
  readonly name: string;
  readonly shape: readonly number[];
  /** First entry in the flat buffer, a multiple of BLOCK. */
  readonly offset: number;
  /** Entries, without padding. */
  readonly length: number;
}

export interface ParameterLayout {
  readonly places: readonly ParameterPlace[];
  /** Entries of the flat buffer, padding included: a multiple of BLOCK. */
  readonly length: number;
  readonly blocks: number;
}

export function layoutOf(parameters: readonly Parameter[]): ParameterLayout {
  const places: ParameterPlace[] = [];
  let offset = 0;
  for (const { name, shape } of parameters) {
    const length = shape.reduce((product, size) => product * size, 1);
    places.push({ name, shape, offset, length });
    offset += Math.ceil(length / BLOCK) * BLOCK;
  }
  return { places, length: offset, blocks: offset / BLOCK };
}
