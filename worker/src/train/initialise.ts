/**
 * Initial values of all parameters: a function of (seed, parameter name) alone.
 * In: the model's parameters, their layout, the job's seed. Out: the flat buffer; padding is zero.
 */
import { CounterRng } from '@bagfleet/proto';
import type { Initialiser, Parameter } from '../models/model.js';
import type { ParameterLayout } from './parameter-layout.js';

/** Float32, length of the layout. */
export function initialParameters(
  parameters: readonly Parameter[],
  layout: ParameterLayout,
  seed: number,
): Float32Array<ArrayBuffer> {
  const flat = new Float32Array(layout.length);
  layout.places.forEach(({ name, offset, length }, index) => {
    fill(
      flat.subarray(offset, offset + length),
      parameters[index].init,
      new CounterRng(seed, ['init', name]),
    );
  });
  return flat;
}

function fill(values: Float32Array, init: Initialiser, rng: CounterRng): void {
  if (init.kind === 'constant') values.fill(init.value);
  else if (init.kind === 'normal') values.set(rng.normal(values.length));
  else fillUniform(values, boundOf(init), rng);
}

/** Uniform in [-bound, bound). */
function fillUniform(values: Float32Array, bound: number, rng: CounterRng): void {
  const draws = rng.uniform(values.length);
  for (let i = 0; i < values.length; i++) values[i] = bound * (2 * draws[i] - 1);
}

/** Glorot and Bengio (2010) for Xavier. */
function boundOf(init: Extract<Initialiser, { kind: 'uniform' | 'xavierUniform' }>): number {
  return init.kind === 'uniform' ? init.bound : Math.sqrt(6 / (init.fanIn + init.fanOut));
}
