/**
 * Reads the reference values that scripts/reference/make_fixtures.py wrote.
 * In: a fixture's name. Out: its facts, and its tensors as plain arrays.
 */
import { readFileSync } from 'node:fs';

const FOLDER = new URL('../fixtures/reference/', import.meta.url);

export interface ReferenceTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array | Float64Array | Int32Array;
}

/** The `values` of NAME.json. */
export function readFacts<T>(name: string): T {
  return (JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as { values: T }).values;
}

/** NAME.safetensors; bfloat16 and bytes come as float32. */
export function readTensors(name: string): Map<string, ReferenceTensor> {
  const file = readFileSync(new URL(`${name}.safetensors`, FOLDER));
  const bodyStart = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, bodyStart)) as Record<string, HeaderEntry>;
  const tensors = Object.entries(header).map(
    ([
      key,
      {
        dtype,
        shape,
        data_offsets: [from, to],
      },
    ]) => {
      const bytes = new Uint8Array(file.subarray(bodyStart + from, bodyStart + to)); // a copy, so that it is aligned
      return [key, { shape, values: DECODERS[dtype](bytes.buffer) }] as const;
    },
  );
  return new Map(tensors);
}

/** The tensors whose key begins with `prefix`, under the rest of their key. */
export function under(
  tensors: ReadonlyMap<string, ReferenceTensor>,
  prefix: string,
): Map<string, ReferenceTensor> {
  const inside = [...tensors].filter(([key]) => key.startsWith(prefix));
  return new Map(inside.map(([key, tensor]) => [key.slice(prefix.length), tensor]));
}

/** The largest |a - b|, and the largest |b|: what an error is to be measured by. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>): { largest: number; scale: number } {
  let largest = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  let scale = 0;
  for (let i = 0; i < b.length; i++) {
    largest = Math.max(largest, Number.isNaN(a[i]) ? Number.POSITIVE_INFINITY : Math.abs(a[i] - b[i]));
    scale = Math.max(scale, Math.abs(b[i]));
  }
  return { largest, scale };
}

interface HeaderEntry {
  readonly dtype: keyof typeof DECODERS;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const DECODERS = {
  F32: (buffer: ArrayBuffer) => new Float32Array(buffer),
  F64: (buffer: ArrayBuffer) => new Float64Array(buffer),
  I32: (buffer: ArrayBuffer) => new Int32Array(buffer),
  U8: (buffer: ArrayBuffer) => Float32Array.from(new Uint8Array(buffer)),
  /** The upper half of a float32. */
  BF16: (buffer: ArrayBuffer) =>
    new Float32Array(Uint32Array.from(new Uint16Array(buffer), (half) => half << 16).buffer),
};
