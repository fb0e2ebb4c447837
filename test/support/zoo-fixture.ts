/**
 * The models of the zoo with the weights of scripts/reference/make_zoo_fixtures.py, and what they gave there.
 * In: a variant and a bag's size. Out: the model, its results here, and the reference in float64.
 */
import { type ModelConfig, parseJob } from '@bagfleet/proto';
import { createModel } from '@bagfleet/worker/models/create-model';
import type { BagOutput, BagTensors, MilModel, Training } from '@bagfleet/worker/models/model';
import { bagLoss } from '@bagfleet/worker/train/losses';
import * as tf from '@tensorflow/tfjs-core';
import { type ReferenceTensor, readFacts, readTensors, under } from './reference-fixture.js';

export interface ZooCase {
  readonly size: number;
  readonly label: number;
  /** How far float32 PyTorch is from the float64 that is compared with, the largest entry per tensor. */
  readonly float32Errors: Readonly<Record<string, number>>;
}

export interface ZooVariant {
  readonly variant: string;
  readonly model: Partial<ModelConfig>;
  readonly outputs: number;
  readonly tiles: boolean;
  readonly cases: readonly ZooCase[];
}

const FACTS = readFacts<{ instanceShapes: Record<string, number[]>; variants: ZooVariant[] }>('zoo');
const TENSORS = readTensors('zoo');

export const ZOO: readonly ZooVariant[] = FACTS.variants;

export function zooModel({ model, outputs, tiles }: ZooVariant): MilModel {
  const { model: config } = parseJob({ data: { manifest: 'none' }, model }, 'zoo');
  return createModel(config, { instanceShape: FACTS.instanceShapes[tiles ? 'tiles' : 'vectors'], outputs });
}

/** The weights by name, as the fixture has them. */
export function zooWeights({ variant }: ZooVariant): Map<string, ReferenceTensor> {
  return under(TENSORS, `${variant}/weight/`);
}

/** `gradient/NAME`, `logits`, `loss`, and where the model has them `attention` and `instances`. */
export function zooReference({ variant }: ZooVariant, { size }: ZooCase): Map<string, ReferenceTensor> {
  return under(TENSORS, `${variant}/${size}/`);
}

/** The same results of our model; the caller wraps it in tf.tidy. */
export function zooResults(variant: ZooVariant, zooCase: ZooCase): Map<string, Float32Array> {
  const model = zooModel(variant);
  const weights = zooWeights(variant);
  const { bag, draws } = zooBag(variant, zooCase);
  const names = model.parameters.map(({ name }) => name);
  const values = names.map((name) => {
    const { values: flat, shape } = weights.get(name) as ReferenceTensor;
    return tf.tensor(Float32Array.from(flat), [...shape]);
  });
  const byName = Object.fromEntries(names.map((name, i) => [name, values[i]]));
  const results = new Map<string, Float32Array>();
  const forward = (): tf.Scalar => {
    const output = model.forward(byName, bag, draws);
    keepOutputs(output, results);
    const loss = (logits: tf.Tensor1D) => bagLoss(logits, zooCase.label, 1);
    return output.objective?.({ label: zooCase.label, loss }) ?? loss(output.logits);
  };
  const { value, grads } = tf.engine().gradients(forward, values, undefined, true);
  results.set('loss', floats(value));
  for (const [i, name] of names.entries())
    results.set(`gradient/${name}`, grads[i] ? floats(grads[i]) : new Float32Array(values[i].size));
  return results;
}

function keepOutputs(
  { logits, attention, instanceLogits }: BagOutput,
  into: Map<string, Float32Array>,
): void {
  into.set('logits', floats(logits));
  if (attention) into.set('attention', floats(attention));
  if (instanceLogits) into.set('instances', floats(instanceLogits));
}

/** The fixture's bag, and draws that give its order of pseudo-bags. */
function zooBag({ tiles }: ZooVariant, { size }: ZooCase): { bag: BagTensors; draws: Training } {
  const of = (what: string) =>
    TENSORS.get(`bag/${tiles ? 'tiles' : 'vectors'}/${size}/${what}`) as ReferenceTensor;
  const { values, shape } = of('features');
  const edges = Int32Array.from(of('edges').values); // [2, edges]
  const graph = { sources: edges.slice(0, edges.length / 2), targets: edges.slice(edges.length / 2) };
  return {
    bag: { features: tf.tensor(Float32Array.from(values), [...shape]), graph },
    draws: {
      mask: () => {
        throw new Error('the fixtures are without dropout');
      },
      permutation: () => Uint32Array.from(of('order').values),
    },
  };
}

function floats(tensor: tf.Tensor): Float32Array {
  return tensor.dataSync<'float32'>() as Float32Array;
}
