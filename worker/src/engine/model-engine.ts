/**
 * A model on a backend: bags in, gradients and predictions out; summed gradients in, new parameters out.
 * Everything here is a function of (parameters, bag, seed, epoch): never of the worker or of the order.
 */
import * as tf from '@tensorflow/tfjs-core';
import { blockExponents } from '../collective/block-exponent.js';
import { dequantise } from '../collective/dequantise.js';
import { quantiseInto } from '../collective/quantise.js';
import { createModel } from '../models/create-model.js';
import type { BagOutput, MilModel, ParameterTensors, Training } from '../models/model.js';
import { clipToNorm, globalNorm } from '../train/clip.js';
import { bagLoss } from '../train/losses.js';
import { dropoutMask } from '../train/mask.js';
import type { Optimizer } from '../train/optimizer.js';
import { createOptimizer } from '../train/optimizers/create-optimizer.js';
import { layoutOf, type ParameterLayout } from '../train/parameter-layout.js';
import type {
  BagMessage,
  BagPrediction,
  ComputeCalls,
  ModelSetup,
  SharedFloats,
  SharedInts,
  SlotGradient,
  UpdateOutcome,
} from './compute-protocol.js';

export class ModelEngine {
  readonly #setup: ModelSetup;
  readonly #model: MilModel;
  readonly #layout: ParameterLayout;
  readonly #optimizer: Optimizer;
  readonly #gradient: Float32Array;
  #tensors: tf.Tensor[] | null = null;

  constructor(setup: ModelSetup) {
    this.#setup = setup;
    this.#model = createModel(setup.model, { instanceShape: setup.instanceShape, outputs: setup.outputs });
    this.#layout = layoutOf(this.#model.parameters);
    this.#optimizer = createOptimizer(setup.train.optimizer);
    this.#gradient = new Float32Array(this.#layout.length);
  }

  /** Forward and backward of one bag; the gradient goes into `into` (flat layout, padding zero). */
  gradient(bag: BagMessage, epoch: number, into: SharedFloats): SlotGradient {
    const start = performance.now();
    const training = this.#trainingOf(bag.id, epoch);
    const { loss, weight, logits } = tf.tidy(() => {
      const features = this.#featuresOf(bag); // [n, ...instanceShape]
      const parameters = this.#parameterTensors();
      let output: BagOutput | undefined;
      let weight = 0;
      const forward = (...tensors: tf.Tensor[]): tf.Scalar => {
        output = this.#model.forward(this.#byName(tensors), features, training);
        const loss = bagLoss(output.logits, bag.label, this.#setup.train); // []
        weight = loss.weight;
        return loss.value;
      };
      // tf.valueAndGrads refuses parameters that a bag does not touch; their gradient is zero here.
      const { value, grads } = tf.engine().gradients(() => forward(...parameters), parameters, undefined, true);
      this.#readGradients(grads, into);
      return { loss: scalarOf(value), weight, logits: floatsOf((output as BagOutput).logits) };
    });
    const { exponents, finite } = blockExponents(into, this.#setup.slots);
    return { loss, weight, logits, finite, exponents, milliseconds: performance.now() - start };
  }

  predict(bag: BagMessage): BagPrediction {
    const start = performance.now();
    return tf.tidy(() => {
      const output = this.#model.forward(this.#byName(this.#parameterTensors()), this.#featuresOf(bag), null);
      const loss = bagLoss(output.logits, bag.label, this.#setup.train); // []
      return {
        loss: scalarOf(loss.value),
        weight: loss.weight,
        logits: floatsOf(output.logits),
        attention: output.attention ? floatsOf(output.attention) : null,
        milliseconds: performance.now() - start,
      };
    });
  }

  quantise(gradients: readonly SharedFloats[], exponents: Int8Array, into: SharedInts): Record<never, never> {
    into.fill(0);
    for (const gradient of gradients) quantiseInto(gradient, exponents, into);
    return {};
  }

  addFloats(gradients: readonly SharedFloats[], into: SharedFloats): Record<never, never> {
    into.fill(0);
    for (const gradient of gradients) for (let i = 0; i < into.length; i++) into[i] += gradient[i];
    return {};
  }

  update(request: ComputeCalls['update']['request']): UpdateOutcome {
    const { sum, exponents, weight, step, rate } = request;
    if (exponents) dequantise(sum as SharedInts, exponents, weight, this.#gradient);
    else for (let i = 0; i < sum.length; i++) this.#gradient[i] = sum[i] / weight;
    const gradientNorm = globalNorm(this.#gradient);
    const { clipNorm } = this.#setup.train;
    if (clipNorm !== null) clipToNorm(this.#gradient, gradientNorm, clipNorm);
    this.#dropTensors();
    const { parameters, moments } = this.#setup;
    this.#optimizer.update({ parameters, gradient: this.#gradient, moments, step, rate });
    return { gradientNorm };
  }

  dispose(): void {
    this.#dropTensors();
  }

  #featuresOf(bag: BagMessage): tf.Tensor {
    return tf.tensor(bag.features, [bag.instances, ...this.#setup.instanceShape], 'float32'); // [n, ...instanceShape]
  }

  /** The parameters as tensors, made once per update: an update writes the shared buffer, so they are dropped first. */
  #parameterTensors(): tf.Tensor[] {
    this.#tensors ??= this.#layout.places.map(({ offset, length, shape }) =>
      tf.keep(tf.tensor(this.#setup.parameters.slice(offset, offset + length), [...shape], 'float32')),
    );
    return this.#tensors;
  }

  #dropTensors(): void {
    for (const tensor of this.#tensors ?? []) tensor.dispose();
    this.#tensors = null;
  }

  #byName(tensors: readonly tf.Tensor[]): ParameterTensors {
    return Object.fromEntries(this.#layout.places.map(({ name }, i) => [name, tensors[i]]));
  }

  #readGradients(grads: readonly (tf.Tensor | null | undefined)[], into: SharedFloats): void {
    for (const [i, { offset, length }] of this.#layout.places.entries()) {
      const gradient = grads[i];
      if (gradient) into.set(floatsOf(gradient), offset);
      else into.fill(0, offset, offset + length);
    }
  }

  #trainingOf(bagId: string, epoch: number): Training {
    const { seed } = this.#setup;
    return { mask: (purpose, shape, rate) => dropoutMask({ seed, epoch, bagId, purpose, shape, rate }) };
  }
}

function floatsOf(tensor: tf.Tensor): Float32Array {
  return tensor.dataSync<'float32'>() as Float32Array;
}

function scalarOf(tensor: tf.Tensor): number {
  return floatsOf(tensor)[0];
}
