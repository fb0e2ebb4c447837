/**
 * What bagfleet writes into safetensors files: dtypes and tensors. The form of the files: safetensors-header.ts.
 */
import { endianness } from 'node:os';
import { BagfleetError } from '@bagfleet/proto/errors';

/** The dtypes that bagfleet writes, and the bytes of an entry. */
export const ENTRY_BYTES = { I64: 8, F32: 4 } as const;
export type TensorDtype = keyof typeof ENTRY_BYTES;

/** Readers of the format refuse longer headers. */
export const LONGEST_HEADER = 100_000_000;

/** float32 for F32, int64 for I64; length = product of the shape. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

export function dtypeOf(data: NamedTensor['data']): TensorDtype {
  return data instanceof Float32Array ? 'F32' : 'I64';
}

/** Typed arrays are written and read as they lie in memory. */
export function demandLittleEndian(): void {
  if (endianness() === 'LE') return;
  throw new BagfleetError(
    'bug',
    'checkpoints are little-endian, and so must be the machine that handles them',
  );
}
