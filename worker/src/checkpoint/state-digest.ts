/**
 * One digest of all that the next step depends on: two workers are in the same state if theirs are equal.
 * In: parameters, optimizer moments, progress. Out: sha256 in hex.
 *
 * It covers, in this order: the progress as canonical JSON; each tensor of a checkpoint's model, then of its optimizer
 * (stored-buffers.ts), as a line `name [shape]` and its float32 bytes (little-endian), names in the order of their UTF-8 bytes.
 * Nothing of the flat buffers' layout enters, so it can be computed from a checkpoint's files, too.
 */
import { createHash } from 'node:crypto';
import type { Progress } from '@bagfleet/proto/checkpoint-manifest';
import { compareKeys } from '../storage/object-key.js';
import type { ParameterLayout } from '../train/parameter-layout.js';
import { canonicalJson } from './canonical-json.js';
import { tensorsOf } from './flat-tensors.js';
import { demandLittleEndian, type NamedTensor } from './safetensors-format.js';
import { storedBuffers } from './stored-buffers.js';

export interface TrainedState {
  readonly layout: ParameterLayout;
  /** [layout.length] */
  readonly parameters: Float32Array;
  /** Each [layout.length], by the optimizer's names. */
  readonly moments: Readonly<Record<string, Float32Array>>;
  readonly progress: Progress;
}

export function stateDigest(state: TrainedState): string {
  return digestOfTensors(modelTensors(state), optimizerTensors(state), state.progress);
}

export function digestOfTensors(
  model: Iterable<NamedTensor>,
  optimizer: Iterable<NamedTensor>,
  progress: Progress,
): string {
  demandLittleEndian();
  const hash = createHash('sha256').update(canonicalJson(progress));
  for (const tensors of [model, optimizer])
    for (const { name, shape, data } of [...tensors].sort((a, b) => compareKeys(a.name, b.name)))
      hash.update(`${name} [${shape}]\n`).update(data);
  return hash.digest('hex');
}

export function modelTensors(state: TrainedState): NamedTensor[] {
  return tensorsOf(state.layout, storedBuffers(state).model);
}

/** Named `<moment>.<parameter>`, such as `exp_avg.classifier.weight`. */
export function optimizerTensors(state: TrainedState): NamedTensor[] {
  const buffers = Object.entries(storedBuffers(state).optimizer);
  return buffers.flatMap(([name, flat]) => tensorsOf(state.layout, flat, `${name}.`));
}
