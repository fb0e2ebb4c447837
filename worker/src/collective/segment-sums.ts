/**
 * How the owner of a shard adds the segments that arrive: the one thing that differs between exact and plain.
 * In: contributions in any order. Out: the sum, in place, and word when a segment is complete.
 */
import type { Range } from './shards.js';

export interface SegmentSums {
  /** Takes the contribution of `sender` to a segment that lies at `range` of the buffer; true if that was the last. */
  add(sender: number, range: Range, payload: Uint8Array): boolean;
}

/** Adds at once, in the order of arrival: integer sums have none. */
export class Int32Sums implements SegmentSums {
  readonly #missing = new Map<number, number>();

  constructor(
    readonly data: Int32Array,
    readonly size: number,
  ) {}

  add(_sender: number, range: Range, payload: Uint8Array): boolean {
    addInt32(this.data.subarray(range.start, range.end), int32View(payload));
    const missing = (this.#missing.get(range.start) ?? this.size - 1) - 1;
    this.#missing.set(range.start, missing);
    return missing === 0;
  }
}

/** Keeps contributions until all are there, then adds them in rank order: float sums depend on it. */
export class Float32Sums implements SegmentSums {
  readonly #waiting = new Map<number, Map<number, Float32Array>>();

  constructor(
    readonly data: Float32Array,
    readonly rank: number,
    readonly size: number,
  ) {}

  add(sender: number, range: Range, payload: Uint8Array): boolean {
    const waiting = this.#waiting.get(range.start) ?? new Map<number, Float32Array>();
    this.#waiting.set(range.start, waiting);
    waiting.set(sender, float32View(payload));
    if (waiting.size < this.size - 1) return false;
    this.#waiting.delete(range.start);
    const own = this.data.subarray(range.start, range.end);
    const parts = waiting.set(this.rank, own.slice());
    own.set(parts.get(0) as Float32Array);
    for (let rank = 1; rank < this.size; rank++) addFloat32(own, parts.get(rank) as Float32Array);
    return true;
  }
}

/** Four entries a turn over a view of its own: a third of the time of the plain loop over the whole buffer. */
function addInt32(target: Int32Array, addend: Int32Array): void {
  const length = addend.length;
  const fours = length - (length % 4);
  for (let i = 0; i < fours; i += 4) {
    target[i] = (target[i] + addend[i]) | 0;
    target[i + 1] = (target[i + 1] + addend[i + 1]) | 0;
    target[i + 2] = (target[i + 2] + addend[i + 2]) | 0;
    target[i + 3] = (target[i + 3] + addend[i + 3]) | 0;
  }
  for (let i = fours; i < length; i++) target[i] = (target[i] + addend[i]) | 0;
}

function addFloat32(target: Float32Array, addend: Float32Array): void {
  for (let i = 0; i < addend.length; i++) target[i] += addend[i];
}

/** The bytes as integers: a view where they lie on a boundary of four, else a copy. */
export function int32View(bytes: Uint8Array): Int32Array {
  const aligned = alignedBytes(bytes);
  return new Int32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}

export function float32View(bytes: Uint8Array): Float32Array {
  const aligned = alignedBytes(bytes);
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}

/** Typed arrays demand offsets that are multiples of their size; gRPC's buffers promise none. */
function alignedBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
}
