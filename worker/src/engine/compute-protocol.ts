/**
 * What the main thread asks of the compute thread, and what it answers.
 * Bulk data lies in shared memory; messages carry views of it, never copies.
 */
import type { ModelConfig, Progress, TrainConfig } from '@bagfleet/proto';
import type { InstanceSettings } from '../data/instances/instance-rules.js';
import type { SampledBag } from '../data/instances/samplers/sampler.js';
import type { Backend } from './backend.js';

export type SharedFloats = Float32Array<SharedArrayBuffer>;
export type SharedInts = Int32Array<SharedArrayBuffer>;

/** What a compute thread must know before it can compute on bags. */
export interface ModelSetup {
  readonly model: ModelConfig;
  readonly train: TrainConfig;
  /** How bags become instances that the model sees. */
  readonly instances: InstanceSettings;
  readonly seed: number;
  /** As stored. */
  readonly instanceShape: readonly number[];
  readonly outputs: number;
  /** Slots of a full step: the S of the exact sum's scale. */
  readonly slots: number;
  /** Flat, in the layout of the model's parameters; the update writes them. */
  readonly parameters: SharedFloats;
  readonly moments: Readonly<Record<string, SharedFloats>>;
}

/** A bag as the compute thread gets it. */
export interface BagMessage extends SampledBag {
  readonly id: string;
  readonly label: number;
}

export interface SlotGradient {
  /** Sum over the slot's bags, weights included. */
  readonly loss: number;
  readonly weight: number;
  readonly logits: Float32Array;
  /** Whether every entry of the gradient is a finite number. */
  readonly finite: boolean;
  /** Exponent per block for this slot alone (section "scale" of docs/exact-all-reduce.md). */
  readonly exponents: Int8Array;
  readonly milliseconds: number;
}

export interface BagPrediction {
  readonly loss: number;
  readonly weight: number;
  readonly logits: Float32Array;
  /** [instances], or null for models without attention. */
  readonly attention: Float32Array | null;
  /** [instances, outputs], row-major, or null for models without. */
  readonly instanceLogits: Float32Array | null;
  readonly milliseconds: number;
}

export interface UpdateOutcome {
  /** L2 norm of the averaged gradient before clipping. */
  readonly gradientNorm: number;
}

/** Each request with its answer. */
export interface ComputeCalls {
  load: { request: Record<never, never>; answer: Backend };
  prepare: { request: ModelSetup; answer: Record<never, never> };
  /** Gradient of one bag into `into` (flat layout); epoch and repeat key all that is drawn. */
  gradient: {
    request: { bag: BagMessage; epoch: number; repeat: number; into: SharedFloats };
    answer: SlotGradient;
  };
  /** Sum of quantised gradients into `into`, which is overwritten. */
  quantise: {
    request: { gradients: readonly SharedFloats[]; exponents: Int8Array; into: SharedInts };
    answer: Record<never, never>;
  };
  /** Sum of float gradients, in the order given, into `into`, which is overwritten. */
  addFloats: {
    request: { gradients: readonly SharedFloats[]; into: SharedFloats };
    answer: Record<never, never>;
  };
  /** Averages, clips and applies the summed gradient; `exponents` is null for a float sum. */
  update: {
    request: {
      sum: SharedInts | SharedFloats;
      exponents: Int8Array | null;
      weight: number;
      step: number;
      rate: number;
    };
    answer: UpdateOutcome;
  };
  /** Digest of the state as it is (state-digest.ts), computed where it does not hold up the main thread. */
  digest: { request: { progress: Progress }; answer: { digest: string } };
  /** The parameters were replaced from outside: what was derived from them is dropped. */
  reload: { request: Record<never, never>; answer: Record<never, never> };
  /** Gradient of one bag at other parameters than the run's, which stay as they are. */
  probe: { request: { bag: BagMessage; parameters: SharedFloats; into: SharedFloats }; answer: SlotGradient };
  predict: { request: { bag: BagMessage }; answer: BagPrediction };
  /** Tensors that are alive now: leaks show here. */
  tensors: { request: Record<never, never>; answer: { alive: number } };
}

export type ComputeKind = keyof ComputeCalls;

export interface RequestEnvelope<K extends ComputeKind = ComputeKind> {
  readonly id: number;
  readonly kind: K;
  readonly request: ComputeCalls[K]['request'];
  /** How often gradients had been dropped when this was asked for. */
  readonly drops: number;
}

export type AnswerEnvelope =
  | { readonly id: number; readonly ok: true; readonly answer: unknown }
  | {
      readonly id: number;
      readonly ok: false;
      readonly error: { code: string; culprit?: string; message: string; hint?: string };
      readonly stack: string | undefined;
    };
