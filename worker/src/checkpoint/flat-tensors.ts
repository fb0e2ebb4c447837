/**
 * Between the flat buffers that workers compute on and the named tensors that files hold.
 * In: a layout. Out: tensors without padding, or a flat buffer whose padding is zero.
 */
import { BagfleetError } from '@bagfleet/proto/errors';
import type { SharedFloats } from '../engine/compute-protocol.js';
import type { ParameterLayout } from '../train/parameter-layout.js';
import type { NamedTensor } from './safetensors-format.js';

/** `prefix` goes before each parameter's name: `exp_avg.` for a moment, nothing for the parameters themselves. */
export function tensorsOf(layout: ParameterLayout, flat: Float32Array, prefix = ''): NamedTensor[] {
  if (flat.length !== layout.length)
    throw new BagfleetError('bug', `a flat buffer has ${flat.length} entries, its layout ${layout.length}`);
  return layout.places.map(({ name, shape, offset, length }) => ({
    name: `${prefix}${name}`,
    shape,
    data: flat.subarray(offset, offset + length),
  }));
}

/**
 * The flat buffer of exactly these tensors, in shared memory.
 * Throws `state-mismatch` if the layout has other names or shapes: the file is of another model.
 */
export function flatOf(
  layout: ParameterLayout,
  tensors: ReadonlyMap<string, Pick<NamedTensor, 'shape' | 'data'>>,
  source: string,
  prefix = '',
): SharedFloats {
  const flat = new Float32Array(new SharedArrayBuffer(layout.length * 4));
  for (const { name, shape, offset } of layout.places) {
    const tensor = tensors.get(`${prefix}${name}`);
    if (tensor === undefined) throw mismatch(source, `it has no tensor ${prefix}${name}`);
    if (tensor.shape.join() !== shape.join() || !(tensor.data instanceof Float32Array))
      throw mismatch(source, `its tensor ${prefix}${name} is [${tensor.shape}], the model's is [${shape}]`);
    flat.set(tensor.data, offset);
  }
  return flat;
}

/** Throws `state-mismatch` if there are tensors that no parameter asked for. */
export function demandAllUsed(
  layout: ParameterLayout,
  tensors: ReadonlyMap<string, NamedTensor>,
  source: string,
  prefixes: readonly string[] = [''],
): void {
  const known = new Set(prefixes.flatMap((prefix) => layout.places.map(({ name }) => `${prefix}${name}`)));
  const odd = [...tensors.keys()].find((name) => !known.has(name));
  if (odd !== undefined) throw mismatch(source, `it has a tensor ${odd}, which the model lacks`);
}

function mismatch(source: string, message: string): BagfleetError {
  return new BagfleetError('state-mismatch', message, {
    culprit: source,
    hint: 'The checkpoint is of another model: check the job (field model) against the one that trained it.',
  });
}
