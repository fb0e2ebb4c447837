/**
 * A model with the weights of a reference fixture, as a training step sees it.
 * In: the fixture's facts and tensors. Out: flat parameters, and loss and gradient of a bag by plain TensorFlow.js.
 */
import { type ModelConfig, parseJob } from '@bagfleet/proto';
import { createModel } from '@bagfleet/worker/models/create-model';
import type { MilModel } from '@bagfleet/worker/models/model';
import { bagLoss } from '@bagfleet/worker/train/losses';
import { layoutOf, type ParameterLayout } from '@bagfleet/worker/train/parameter-layout';
import * as tf from '@tensorflow/tfjs-core';
import { type ReferenceTensor, under } from './reference-fixture.js';

export interface Variant {
  readonly bag: number;
  readonly label: number;
  readonly model: { hidden: number; attention: number; gated: boolean; outputs: number };
  readonly logits: number[];
  readonly attention: number[];
  readonly loss: number;
  readonly gradientNorms: Record<string, number>;
}

export function modelOf(
  name: ModelConfig['name'],
  instanceShape: readonly number[],
  variant: Variant,
): MilModel {
  const { hidden, attention, gated, outputs } = variant.model;
  const job = parseJob({ data: { manifest: 'none' }, model: { name, hidden, attention, gated } }, 'test');
  return createModel(job.model, { instanceShape, outputs });
}

/** The fixture's weights in the layout's places; every parameter must be there. */
export function flatWeights(
  layout: ParameterLayout,
  weights: ReadonlyMap<string, ReferenceTensor>,
): Float32Array {
  const flat = new Float32Array(layout.length);
  for (const { name, offset, shape } of layout.places) {
    const weight = weights.get(name);
    if (weight === undefined || weight.shape.join() !== shape.join())
      throw new Error(`${name}: [${shape}] here, [${weight?.shape}] in the fixture`);
    flat.set(weight.values, offset);
  }
  return flat;
}

/** Features [n, ...instanceShape]; tiles are stored as bytes and scaled to 0 … 1. */
export function bagOf(tensors: ReadonlyMap<string, ReferenceTensor>, index: number): tf.Tensor {
  const { shape, values } = under(tensors, 'bag.').get(String(index)) as ReferenceTensor;
  const divisor = shape.length === 4 ? 255 : 1;
  return tf.tensor(
    Float32Array.from(values, (value) => value / divisor),
    [...shape],
  ); // [n, ...instanceShape]
}

export interface BagResult {
  readonly loss: number;
  readonly logits: Float32Array;
  readonly attention: Float32Array;
  /** Flat, in the layout's places. */
  readonly gradient: Float32Array;
}

export function differentiate(
  model: MilModel,
  flat: Float32Array,
  features: tf.Tensor,
  label: number,
): BagResult {
  const layout = layoutOf(model.parameters);
  const names = layout.places.map(({ name }) => name);
  return tf.tidy(() => {
    const values = layout.places.map(({ offset, length, shape }) =>
      tf.tensor(flat.slice(offset, offset + length), [...shape]),
    );
    const forward = (tensors: tf.Tensor[]) =>
      model.forward(
        Object.fromEntries(names.map((name, i) => [name, tensors[i]])),
        { features, graph: null },
        null,
      );
    const { value, grads } = tf.valueAndGrads((...tensors) => bagLoss(forward(tensors).logits, label, 1))(
      values,
    );
    const gradient = new Float32Array(layout.length);
    for (const [i, tensor] of grads.entries())
      gradient.set(tensor.dataSync() as Float32Array, layout.places[i].offset);
    const { logits, attention } = forward(values);
    return {
      loss: value.dataSync()[0],
      logits: logits.dataSync() as Float32Array,
      attention: attention?.dataSync() as Float32Array,
      gradient,
    };
  });
}
