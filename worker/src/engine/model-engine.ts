/**
 * A model on a backend: bags in, gradients and predictions out; summed gradients in, new parameters out.
 * Everything here is a function of (parameters, bag, seed, epoch): never of the worker or of the order.
 */
import type { Progress } from '@bagfleet/proto';
import * as tf from '@tensorflow/tfjs-core';
import { stateDigest } from '../checkpoint/state-digest.js';
import { blockExponents } from '../collective/block-exponent.js';
import { dequantise } from '../collective/dequantise.js';
import { addQuantised } from '../collective/quantise.js';
import { type InstanceRules, makeInstanceRules } from '../data/instances/instance-rules.js';
import { type PreparedInstances, prepareInstances } from '../data/instances/prepare-instances.js';
import type { Visit } from '../data/instances/visit.js';
import { createModel } from '../models/create-model.js';
import type { BagOutput, BagTensors, MilModel, ParameterTensors, Training, Truth } from '../models/model.js';
import { refuseOtherCount, refuseWithoutGraph } from '../models/refuse-unfit-bag.js';
import { clipFactor, globalNorm } from '../train/clip.js';
import { trainingDraws } from '../train/draws.js';
import { scaleGradient } from '../train/gradient-scale.js';
import { BAG_WEIGHT, bagLoss } from '../train/losses.js';
import { layoutOf, type ParameterLayout } from '../train/parameter-layout.js';
import { ParameterUpdate } from '../train/parameter-update.js';
import { WEIGHT_AVERAGE } from '../train/weight-average.js';
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

/** Before anything was read out of a tensor. */
const NO_FLOATS: Float32Array = new Float32Array();

export class ModelEngine {
  readonly #setup: ModelSetup;
  readonly #model: MilModel;
  readonly #layout: ParameterLayout;
  readonly #update: ParameterUpdate;
  readonly #gradient: Float32Array;
  readonly #rules: InstanceRules;
  #tensors: tf.Tensor[] | null = null;
  #averages: tf.Tensor[] | null = null;

  constructor(setup: ModelSetup) {
    this.#setup = setup;
    this.#rules = makeInstanceRules(setup.instances, setup.instanceShape);
    this.#model = createModel(setup.model, { instanceShape: this.#rules.shape, outputs: setup.outputs });
    this.#layout = layoutOf(this.#model.parameters);
    this.#update = new ParameterUpdate(setup.train, this.#layout);
    this.#gradient = new Float32Array(this.#layout.length);
  }

  /** Forward and backward of one bag; the gradient goes into `into` (flat layout, padding zero). */
  gradient(bag: BagMessage, when: Pick<Visit, 'epoch' | 'repeat'>, into: SharedFloats): SlotGradient {
    const start = performance.now();
    const visit = { seed: this.#setup.seed, bag: bag.id, ...when };
    const prepared = prepareInstances(bag, this.#rules, visit);
    this.#refuseUnfit(bag, prepared);
    const gradient = this.#gradientOf(prepared, bag.label, trainingDraws(visit), into);
    return { ...gradient, milliseconds: performance.now() - start };
  }

  #gradientOf(
    prepared: PreparedInstances,
    label: number,
    training: Training,
    into: SharedFloats,
  ): Omit<SlotGradient, 'milliseconds'> {
    const read = { loss: 0, weight: BAG_WEIGHT, logits: NO_FLOATS };
    tf.tidy(() => {
      const bag = this.#tensorsOf(prepared);
      const parameters = this.#parameterTensors();
      const forward = (): tf.Scalar => {
        const output = this.#model.forward(this.#byName(parameters), bag, training);
        read.logits = floatsOf(output.logits);
        return objectiveOf(output, { label, loss: (logits) => this.#lossOf(logits, label) }); // []
      };
      // tf.valueAndGrads refuses parameters that a bag does not touch; their gradient is zero here.
      const { value, grads } = tf.engine().gradients(forward, parameters, undefined, true);
      read.loss = scalarOf(value);
      this.#readGradients(grads, into);
    });
    const { exponents, finite } = blockExponents(into, this.#setup.slots);
    return { ...read, finite, exponents };
  }

  predict(bag: BagMessage): BagPrediction {
    const start = performance.now();
    const prepared = prepareInstances(bag, this.#rules, null);
    refuseWithoutGraph(this.#model.needs, this.#setup.model.name, bag.id, prepared);
    const read = {
      loss: 0,
      weight: BAG_WEIGHT,
      logits: NO_FLOATS,
      attention: null as Float32Array | null,
      instanceLogits: null as Float32Array | null,
    };
    tf.tidy(() => {
      const seen = this.#tensorsOf(prepared);
      const output = this.#model.forward(this.#byName(this.#predictingTensors()), seen, null);
      read.loss = scalarOf(this.#lossOf(output.logits, bag.label));
      read.logits = floatsOf(output.logits);
      read.attention = output.attention && floatsOf(output.attention);
      read.instanceLogits = output.instanceLogits ? floatsOf(output.instanceLogits) : null;
    });
    return { ...read, milliseconds: performance.now() - start };
  }

  #lossOf(logits: tf.Tensor1D, label: number): tf.Scalar {
    return bagLoss(logits, label, this.#setup.train.posWeight);
  }

  quantise(gradients: readonly SharedFloats[], exponents: Int8Array, into: SharedInts): Record<never, never> {
    into.fill(0);
    for (const gradient of gradients) addQuantised(into, gradient, exponents);
    return {};
  }

  addFloats(gradients: readonly SharedFloats[], into: SharedFloats): Record<never, never> {
    into.fill(0);
    for (const gradient of gradients) for (let i = 0; i < into.length; i++) into[i] += gradient[i];
    return {};
  }

  update(request: ComputeCalls['update']['request']): UpdateOutcome {
    const { sum, exponents, weight, step, rate } = request;
    if (exponents) dequantise(this.#gradient, sum as SharedInts, exponents, weight);
    else for (let i = 0; i < sum.length; i++) this.#gradient[i] = sum[i] / weight;
    this.#update.leaveOutFrozen(this.#gradient);
    const gradientNorm = globalNorm(this.#gradient);
    const { clipNorm } = this.#setup.train;
    if (clipNorm !== null) scaleGradient(this.#gradient, clipFactor(gradientNorm, clipNorm));
    this.#dropTensors();
    const { parameters, moments } = this.#setup;
    this.#update.apply({ parameters, gradient: this.#gradient, moments, step, rate });
    return { gradientNorm };
  }

  digest(progress: Progress): { digest: string } {
    const { parameters, moments } = this.#setup;
    return { digest: stateDigest({ layout: this.#layout, parameters, moments, progress }) };
  }

  reload(): Record<never, never> {
    this.#dropTensors();
    return {};
  }

  /** Of the probe bag nothing is drawn but dropout: it shows the machine, not the job's chance. */
  probe(bag: BagMessage, parameters: SharedFloats, into: SharedFloats): SlotGradient {
    const other = new ModelEngine({ ...this.#setup, parameters });
    try {
      const start = performance.now();
      const visit = { seed: this.#setup.seed, bag: bag.id, epoch: 0, repeat: 0 };
      const prepared = prepareInstances(bag, this.#rules, null);
      const gradient = other.#gradientOf(prepared, bag.label, trainingDraws(visit), into);
      return { ...gradient, milliseconds: performance.now() - start };
    } finally {
      other.dispose();
    }
  }

  dispose(): void {
    this.#dropTensors();
  }

  #refuseUnfit({ id }: BagMessage, prepared: PreparedInstances): void {
    const { needs } = this.#model;
    refuseWithoutGraph(needs, this.#setup.model.name, id, prepared);
    refuseOtherCount(needs, this.#setup.model.name, id, prepared.instances);
  }

  #tensorsOf({ instances, features, graph }: PreparedInstances): BagTensors {
    return { features: tf.tensor(features, [instances, ...this.#rules.shape], 'float32'), graph }; // [n, ...rules.shape]
  }

  /** The parameters as tensors, made once per update: an update writes the shared buffer, so they are dropped first. */
  #parameterTensors(): tf.Tensor[] {
    this.#tensors ??= this.#tensorsFrom(this.#setup.parameters);
    return this.#tensors;
  }

  /** The average of the weights where the run keeps one, else the parameters. */
  #predictingTensors(): tf.Tensor[] {
    const average = this.#setup.moments[WEIGHT_AVERAGE];
    if (!average) return this.#parameterTensors();
    this.#averages ??= this.#tensorsFrom(average);
    return this.#averages;
  }

  #tensorsFrom(flat: SharedFloats): tf.Tensor[] {
    return this.#layout.places.map(({ offset, length, shape }) =>
      tf.keep(tf.tensor(flat.slice(offset, offset + length), [...shape], 'float32')),
    );
  }

  #dropTensors(): void {
    for (const tensor of [...(this.#tensors ?? []), ...(this.#averages ?? [])]) tensor.dispose();
    this.#tensors = null;
    this.#averages = null;
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
}

/** [] */
function objectiveOf(output: BagOutput, truth: Truth): tf.Scalar {
  return output.objective ? output.objective(truth) : truth.loss(output.logits);
}

function floatsOf(tensor: tf.Tensor): Float32Array {
  return tensor.dataSync<'float32'>() as Float32Array;
}

function scalarOf(tensor: tf.Tensor): number {
  return floatsOf(tensor)[0];
}
