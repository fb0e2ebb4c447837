/**
 * What a forward pass draws: a function of (seed, visit, purpose), never of the worker or of what was drawn before.
 * In: the key. Out: masks of dropout, and orders.
 */
import * as tf from '@tensorflow/tfjs-core';
import { rngOf, type Visit } from '../data/instances/visit.js';
import type { Training } from '../models/model.js';

/** What is drawn for one bag differs from visit to visit. */
export function trainingDraws(visit: Visit): Training {
  return {
    mask(purpose, shape, rate) {
      const count = shape.reduce((product, size) => product * size, 1);
      const bits = rngOf(visit, 'dropout', purpose).uint32(count);
      return tf.tensor(maskValues(bits, rate), [...shape], 'float32'); // shape
    },
    permutation: (purpose, count) => rngOf(visit, 'permutation', purpose).permutation(count),
  };
}

/** Zero with probability `rate`, else 1 / (1 - rate), so that the expected sum stays. */
function maskValues(bits: Uint32Array, rate: number): Float32Array {
  const threshold = rate * 2 ** 32;
  const kept = 1 / (1 - rate);
  const values = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) values[i] = bits[i] < threshold ? 0 : kept;
  return values;
}
