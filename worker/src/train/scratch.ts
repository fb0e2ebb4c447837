/**
 * Buffers that a worker computes into, made when first needed and used again in every step and generation.
 * What an abandoned step still writes into them is over before the next step's requests begin: the compute
 * thread answers in order.
 */
import type { SharedFloats, SharedInts } from '../engine/compute-protocol.js';
import { sharedFloats } from './training-state.js';

export class Scratch {
  readonly #gradients: SharedFloats[] = [];
  #extra: SharedFloats | null = null;
  #quantised: SharedInts | null = null;

  /** `length` is that of the flat layout. */
  constructor(readonly length: number) {}

  /** For the gradient of the worker's k-th slot. */
  gradient(k: number): SharedFloats {
    this.#gradients[k] ??= sharedFloats(this.length);
    return this.#gradients[k];
  }

  /** For the gradient of a slot that another worker computes, too. */
  extra(): SharedFloats {
    this.#extra ??= sharedFloats(this.length);
    return this.#extra;
  }

  /** For one slot's gradient as integers. */
  quantised(): SharedInts {
    this.#quantised ??= new Int32Array(new SharedArrayBuffer(this.length * 4));
    return this.#quantised;
  }
}
