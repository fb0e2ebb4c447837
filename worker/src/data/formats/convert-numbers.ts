/**
 * Stored numbers of any type as the one type that a bag keeps them in.
 * In: little-endian bytes at any alignment. Out: arrays in shared memory; what does not fit is told by its index.
 */
import { endianness } from 'node:os';
import { setImmediate as letOthersRun } from 'node:timers/promises';
import { BagfleetError } from '@bagfleet/proto/errors';
import { float16Table } from '../float16.js';
import type { NumberType } from './stored-array.js';

/** Values that are converted before other work of the thread (heartbeats, transfers) gets its turn: 1-4 ms. */
const VALUES_PER_TURN = 1 << 20;
const BYTES_PER_TURN = 8 * 2 ** 20;

/** Called with an index and the number there, of which it is the first that does not fit. */
export type Refuse = (index: number, value: number) => Error;

/** A copy of the bytes, in turns. */
export async function copyBytes(from: Uint8Array, to: Uint8Array, signal?: AbortSignal): Promise<void> {
  for (let at = 0; at < from.length; at += BYTES_PER_TURN) {
    if (at > 0) await letOthersRun(undefined, signal ? { signal } : {});
    to.set(from.subarray(at, at + BYTES_PER_TURN), at);
  }
}

/** float64 rounded to the nearest float32; beyond its range infinite, which is looked for later. */
export async function roundFloat64(bytes: Uint8Array, to: Float32Array, signal?: AbortSignal): Promise<void> {
  for (let first = 0; first < to.length; first += VALUES_PER_TURN) {
    if (first > 0) await letOthersRun(undefined, signal ? { signal } : {});
    const end = Math.min(first + VALUES_PER_TURN, to.length);
    to.set(new Float64Array(...aligned(bytes.subarray(first * 8, end * 8), 8)), first);
  }
}

/** Finite numbers, rounded to float32. */
export async function toFiniteFloat32(
  bytes: Uint8Array,
  type: NumberType,
  count: number,
  refuse: Refuse,
  signal?: AbortSignal,
): Promise<Float32Array<SharedArrayBuffer>> {
  const out = new Float32Array(new SharedArrayBuffer(count * 4));
  const fits = (value: number) => Number.isFinite(Math.fround(value));
  await convert(bytes, type, out, fits, refuse, signal);
  return out;
}

/** Whole numbers from `least` to `most`, both within int32. */
export async function toInt32(
  bytes: Uint8Array,
  type: NumberType,
  count: number,
  { least, most }: { readonly least: number; readonly most: number },
  refuse: Refuse,
  signal?: AbortSignal,
): Promise<Int32Array<SharedArrayBuffer>> {
  const out = new Int32Array(new SharedArrayBuffer(count * 4));
  const fits = (value: number) => value >= least && value <= most && Number.isInteger(value);
  await convert(bytes, type, out, fits, refuse, signal);
  return out;
}

async function convert(
  bytes: Uint8Array,
  type: NumberType,
  out: Float32Array | Int32Array,
  fits: (value: number) => boolean,
  refuse: Refuse,
  signal: AbortSignal | undefined,
): Promise<void> {
  const valueAt = NUMBERS[type](bytes);
  for (let i = 0; i < out.length; i++) {
    if (i > 0 && i % VALUES_PER_TURN === 0) await letOthersRun(undefined, signal ? { signal } : {});
    const value = valueAt(i);
    if (!fits(value)) throw refuse(i, value);
    out[i] = value;
  }
}

/** From bytes to a function of the index; 64-bit integers beyond 2^53 come rounded, which fits nowhere here. */
const NUMBERS: { readonly [type in NumberType]: (bytes: Uint8Array) => (index: number) => number } = {
  bool: (bytes) => (i) => (bytes[i] === 0 ? 0 : 1),
  uint8: (bytes) => (i) => bytes[i],
  int8: (bytes) => entriesOf(new Int8Array(...aligned(bytes, 1))),
  uint16: (bytes) => entriesOf(new Uint16Array(...aligned(bytes, 2))),
  int16: (bytes) => entriesOf(new Int16Array(...aligned(bytes, 2))),
  uint32: (bytes) => entriesOf(new Uint32Array(...aligned(bytes, 4))),
  int32: (bytes) => entriesOf(new Int32Array(...aligned(bytes, 4))),
  uint64: (bytes) => {
    const words = new Uint32Array(...aligned(bytes, 4));
    return (i) => words[2 * i + 1] * 2 ** 32 + words[2 * i];
  },
  int64: (bytes) => {
    const words = new Uint32Array(...aligned(bytes, 4));
    return (i) => (words[2 * i + 1] | 0) * 2 ** 32 + words[2 * i];
  },
  float16: (bytes) => {
    const [bits, values] = [new Uint16Array(...aligned(bytes, 2)), float16Table()];
    return (i) => values[bits[i]];
  },
  bfloat16: (bytes) => {
    const bits = new Uint16Array(...aligned(bytes, 2));
    const word = new Uint32Array(1);
    const value = new Float32Array(word.buffer);
    return (i) => {
      word[0] = bits[i] << 16; // the upper half of a float32
      return value[0];
    };
  },
  float32: (bytes) => entriesOf(new Float32Array(...aligned(bytes, 4))),
  float64: (bytes) => entriesOf(new Float64Array(...aligned(bytes, 8))),
};

function entriesOf(values: ArrayLike<number>): (index: number) => number {
  return (i) => values[i];
}

/** Arguments of a typed array over these bytes; copies them only where they lie unaligned. */
function aligned(bytes: Uint8Array, size: number): [ArrayBufferLike, number, number] {
  const placed = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return [placed.buffer, placed.byteOffset, placed.byteLength / size];
}

if (endianness() !== 'LE')
  throw new BagfleetError('bug', 'bagfleet reads and writes little-endian numbers in place', {
    hint: 'Run it on x86-64 or ARM64.',
  });
