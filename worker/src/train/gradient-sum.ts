/**
 * The sum of a step's gradients over all workers, as a port: exact integers, or plain floats to compare with.
 * In: the float gradients of one's own slots and the agreed exponents. Out: what the update takes.
 */
import type { JobSpec } from '@bagfleet/proto';
import type { Collective, StepKey } from '../collective/collective.js';
import type { ComputeClient } from '../engine/compute-client.js';
import type { SharedFloats, SharedInts } from '../engine/compute-protocol.js';
import { sharedFloats } from './training-state.js';

export interface SummedGradient {
  readonly sum: SharedInts | SharedFloats;
  /** The scale of each block; null for a float sum. */
  readonly exponents: Int8Array | null;
}

export interface GradientSum {
  reduce(key: StepKey, own: readonly SharedFloats[], exponents: Int8Array): Promise<SummedGradient>;
}

export function createGradientSum(
  kind: JobSpec['train']['sum'],
  length: number,
  compute: ComputeClient,
  collective: Collective,
): GradientSum {
  return kind === 'exact'
    ? new ExactGradientSum(length, compute, collective)
    : new FloatGradientSum(length, compute, collective);
}

/** Integers over block scales: the same bits for any number of workers (docs/exact-all-reduce.md). */
class ExactGradientSum implements GradientSum {
  readonly #sum: SharedInts;
  readonly #compute: ComputeClient;
  readonly #collective: Collective;

  constructor(length: number, compute: ComputeClient, collective: Collective) {
    this.#sum = new Int32Array(new SharedArrayBuffer(length * 4));
    this.#compute = compute;
    this.#collective = collective;
  }

  async reduce(key: StepKey, own: readonly SharedFloats[], exponents: Int8Array): Promise<SummedGradient> {
    await this.#compute.call('quantise', { gradients: own, exponents, into: this.#sum });
    await this.#collective.allReduceInt32(key, this.#sum);
    return { sum: this.#sum, exponents };
  }
}

/** Floats in worker order: what others do; its bits change with the number of workers. */
class FloatGradientSum implements GradientSum {
  readonly #sum: SharedFloats;
  readonly #compute: ComputeClient;
  readonly #collective: Collective;

  constructor(length: number, compute: ComputeClient, collective: Collective) {
    this.#sum = sharedFloats(length);
    this.#compute = compute;
    this.#collective = collective;
  }

  async reduce(key: StepKey, own: readonly SharedFloats[]): Promise<SummedGradient> {
    await this.#compute.call('addFloats', { gradients: own, into: this.#sum });
    await this.#collective.allReduceFloat32(key, this.#sum);
    return { sum: this.#sum, exponents: null };
  }
}
