/**
 * The model port: a model declares its parameters in PyTorch's names and layouts and maps a bag to logits.
 * In: parameter tensors, a bag's features. Out: logits, attention per instance.
 */
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';

/** PyTorch's defaults: kaiming_uniform(a=√5) weights = U(±1/√fanIn); biases U(±1/√fanIn); or xavier, zeros. */
export type Initialiser =
  | { readonly kind: 'uniform'; readonly bound: number }
  | { readonly kind: 'xavierUniform'; readonly fanIn: number; readonly fanOut: number }
  | { readonly kind: 'constant'; readonly value: number };

export interface Parameter {
  /** As PyTorch's state_dict names it. */
  readonly name: string;
  /** PyTorch's layout: Linear [out, in], Conv2d [out, in, height, width]. */
  readonly shape: readonly number[];
  readonly init: Initialiser;
}

export type ParameterTensors = Readonly<Record<string, Tensor>>;

/** What a forward pass may draw from: `mask` is 0 or 1/(1-rate) per entry, keyed by (seed, epoch, bag, purpose). */
export interface Training {
  mask(purpose: string, shape: readonly number[], rate: number): Tensor;
}

export interface BagOutput {
  /** [outputs]: one logit for two classes, else one per class. */
  readonly logits: Tensor1D;
  /** [instances], non-negative, sums to 1; null for models without attention. */
  readonly attention: Tensor1D | null;
}

export interface MilModel {
  /** In their one global order: the order of the flat gradient and of the optimizer's moments. */
  readonly parameters: readonly Parameter[];
  /** Runs inside tf.tidy; `features` is [instances, ...instanceShape] float32; `training` is null for inference. */
  forward(parameters: ParameterTensors, features: Tensor, training: Training | null): BagOutput;
}
