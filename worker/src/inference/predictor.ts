/**
 * A trained model that answers: bags in, probabilities, decision and attention out.
 * In: a checkpoint's manifest and parameters; the backend is loaded (engine/backend.ts). It computes with the
 * very engine that training validates with, so both say the same of a bag, bit for bit.
 */
import { BagfleetError, type CheckpointManifest, outputsOf } from '@bagfleet/proto';
import type { Bag } from '../data/bag.js';
import type { SharedFloats } from '../engine/compute-protocol.js';
import { ModelEngine } from '../engine/model-engine.js';
import { sigmoid, softmax } from '../metrics/probability.js';

export interface TrainedModel {
  readonly manifest: CheckpointManifest;
  /** Flat, in the layout of the model's parameters. */
  readonly parameters: SharedFloats;
}

export interface Prediction {
  readonly bag: string;
  /** [1] for two classes (the logit of class 1), else [classes]. */
  readonly logits: readonly number[];
  /** [classes], their sum is 1. */
  readonly probabilities: readonly number[];
  /** Class index: 1 if its probability reaches the threshold; with several classes the most probable. */
  readonly predicted: number;
  /** [instances], non-negative, sums to 1; null for models without attention. */
  readonly attention: Float32Array | null;
  /** [instances, outputs], row-major; null for models that judge no instances. */
  readonly instanceLogits: Float32Array | null;
  /** [instances, 2] and [instances]; null where the bag has none. */
  readonly coords: Float32Array | null;
  readonly instanceLabels: Int32Array | null;
}

/** A prediction of a bag whose label is known. */
export interface LabelledPrediction extends Prediction {
  readonly label: number;
  /** The training objective: loss × weight, and the weight. */
  readonly loss: number;
  readonly weight: number;
}

/** Decision threshold of checkpoints that were never validated. */
const UNCHOSEN_THRESHOLD = 0.5;

export class Predictor {
  readonly manifest: CheckpointManifest;
  readonly #engine: ModelEngine;

  constructor({ manifest, parameters }: TrainedModel) {
    const { model, train, data, seed } = manifest.job;
    this.manifest = manifest;
    this.#engine = new ModelEngine({
      model,
      train,
      instances: data,
      seed,
      instanceShape: manifest.dataset.instanceShape,
      outputs: outputsOf(manifest.dataset),
      slots: 1,
      parameters,
      moments: {},
    });
  }

  /** Probability of class 1 from which on a bag is called positive; of no use with several classes. */
  get threshold(): number {
    return this.manifest.threshold ?? UNCHOSEN_THRESHOLD;
  }

  /** @throws BagfleetError `bag-width` for instances of another shape, `loss-not-finite` if the model overflows */
  predict(bag: Bag): Prediction {
    const { label: _label, loss: _loss, weight: _weight, ...prediction } = this.predictLabelled(bag, 0);
    return prediction;
  }

  /** `label` only enters the loss. */
  predictLabelled(bag: Bag, label: number): LabelledPrediction {
    this.#refuseOtherShape(bag);
    const { logits: floats, milliseconds: _time, ...told } = this.#engine.predict({ ...bag, label });
    const logits = Array.from(floats);
    if (!logits.every(Number.isFinite))
      throw new BagfleetError('loss-not-finite', `the model gives it the logits ${logits.join(', ')}`, {
        culprit: `bag ${bag.id}`,
        hint: 'Its values may be far from those that the model was trained on: compare data.normalize.',
      });
    const probabilities = probabilitiesOf(logits);
    return {
      bag: bag.id,
      logits,
      probabilities,
      predicted: this.#decide(probabilities),
      ...told,
      coords: bag.coords,
      instanceLabels: bag.instanceLabels,
      label,
    };
  }

  /** Frees the model's tensors. */
  dispose(): void {
    this.#engine.dispose();
  }

  #decide(probabilities: readonly number[]): number {
    if (probabilities.length === 2) return probabilities[1] >= this.threshold ? 1 : 0;
    return probabilities.indexOf(Math.max(...probabilities)); // of equals the first
  }

  #refuseOtherShape({ id, instanceShape }: Bag): void {
    const trained = this.manifest.dataset.instanceShape;
    if (instanceShape.join() === trained.join()) return;
    throw new BagfleetError(
      'bag-width',
      `its instances are [${instanceShape.join(', ')}], the model takes [${trained.join(', ')}]`,
      {
        culprit: `bag ${id}`,
        hint: 'Make its features with the extractor or tiler of the training bags.',
      },
    );
  }
}

/** [1] or [classes] logits → [classes] probabilities. */
function probabilitiesOf(logits: readonly number[]): number[] {
  if (logits.length > 1) return [...softmax(logits)];
  const positive = sigmoid(logits[0]);
  return [1 - positive, positive];
}
