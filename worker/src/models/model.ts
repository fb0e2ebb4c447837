/**
 * The model port: a model declares its parameters in PyTorch's names and layouts, maps a bag to logits, attention and
 * instance scores, and says what it is trained by.
 * In: parameter tensors, a bag. Out: tensors; all runs inside tf.tidy.
 */
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { BagGraph } from '../data/instances/bag-graph.js';

/** PyTorch's defaults: kaiming_uniform(a=√5) weights = U(±1/√fanIn); biases U(±1/√fanIn); or xavier, zeros, N(0, 1). */
export type Initialiser =
  | { readonly kind: 'uniform'; readonly bound: number }
  | { readonly kind: 'xavierUniform'; readonly fanIn: number; readonly fanOut: number }
  | { readonly kind: 'normal' }
  | { readonly kind: 'constant'; readonly value: number };

export interface Parameter {
  /** As PyTorch's state_dict names it. */
  readonly name: string;
  /** PyTorch's layout: Linear [out, in], Conv2d [out, in, height, width]. */
  readonly shape: readonly number[];
  readonly init: Initialiser;
}

export type ParameterTensors = Readonly<Record<string, Tensor>>;

/** A bag as a model sees it. */
export interface BagTensors {
  /** [instances, ...instanceShape] float32 */
  readonly features: Tensor;
  /** Null where the bag has none: only a model that does not need one gets such a bag. */
  readonly graph: BagGraph | null;
}

/** What a forward pass in training may draw, keyed by (seed, epoch, bag, purpose). */
export interface Training {
  /** 0 or 1 / (1 - rate) per entry. */
  mask(purpose: string, shape: readonly number[], rate: number): Tensor;
  /** The numbers 0 … count-1 in any order. */
  permutation(purpose: string, count: number): Uint32Array;
}

/** What is known of a bag when it is trained on. */
export interface Truth {
  /** Class index. */
  readonly label: number;
  /** The task's loss of such logits [outputs], as a scalar. */
  loss(logits: Tensor1D): Scalar;
}

export interface BagOutput {
  /** [outputs]: one logit for two classes, else one per class. What metrics are computed from. */
  readonly logits: Tensor1D;
  /**
   * [instances], how much each counts; null for models without attention. Non-negative with sum 1, but for TransMIL,
   * whose attention is approximated and may lie a little outside.
   */
  readonly attention: Tensor1D | null;
  /** [instances, outputs]: logits of each instance, where a model has them. */
  readonly instanceLogits?: Tensor2D;
  /** What training minimises; the loss of the logits where a model has nothing to add. */
  objective?(truth: Truth): Scalar;
}

/** What a bag must have. */
export interface BagNeeds {
  readonly graph?: true;
  /** How many instances the model can be trained on, and the job field that says so; `most` is missing for any. */
  readonly instances?: { readonly least: number; readonly most?: number; readonly field: string };
}

export interface MilModel {
  /** In their one global order: the order of the flat gradient and of the optimizer's moments. */
  readonly parameters: readonly Parameter[];
  readonly needs?: BagNeeds;
  /** `training` is null for inference. */
  forward(parameters: ParameterTensors, bag: BagTensors, training: Training | null): BagOutput;
}
