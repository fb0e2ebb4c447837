/**
 * Which buffers of a state lie in which file. model.safetensors has what is validated and predicted with: the average of
 * the weights where the job keeps one (`train.ema`), else the parameters. All else lies in optimizer.safetensors: the
 * moments and, beside an average, the parameters that training goes on with.
 */
import { WEIGHT_AVERAGE } from '../train/weight-average.js';

interface StateBuffers<Floats> {
  readonly parameters: Floats;
  readonly moments: Readonly<Record<string, Floats>>;
}

interface StoredBuffers<Floats> {
  readonly model: Floats;
  /** By name; a tensor is named `<name>.<parameter>`. */
  readonly optimizer: Readonly<Record<string, Floats>>;
}

/** The parameters' name in optimizer.safetensors, where the model's file has their average. */
const UNAVERAGED = 'unaveraged';

export function storedBuffers<Floats>({ parameters, moments }: StateBuffers<Floats>): StoredBuffers<Floats> {
  if (!Object.hasOwn(moments, WEIGHT_AVERAGE)) return { model: parameters, optimizer: moments };
  const { [WEIGHT_AVERAGE]: model, ...others } = moments;
  return { model, optimizer: { ...others, [UNAVERAGED]: parameters } };
}

/** The way back. */
export function stateBuffers<Floats>({ model, optimizer }: StoredBuffers<Floats>): StateBuffers<Floats> {
  if (!Object.hasOwn(optimizer, UNAVERAGED)) return { parameters: model, moments: optimizer };
  const { [UNAVERAGED]: parameters, ...others } = optimizer;
  return { parameters, moments: { ...others, [WEIGHT_AVERAGE]: model } };
}
