/**
 * The safetensors format (version of 2022, github.com/huggingface/safetensors): which parts a file has.
 * A file is: the header's length (uint64, little-endian), the header (JSON), the tensors' bytes one after the
 * other (little-endian, row-major) without holes. The header maps names to dtype, shape and place.
 */
import { endianness } from 'node:os';
import { BagfleetError } from '@bagfleet/proto/errors';
import { z } from 'zod';

/** The dtypes that bagfleet writes, and the bytes of an entry. */
export const ENTRY_BYTES = { I64: 8, F32: 4 } as const;
export type TensorDtype = keyof typeof ENTRY_BYTES;

/** Readers of the format refuse longer headers. */
export const LONGEST_HEADER = 100_000_000;
export const METADATA = '__metadata__';

export const headerEntrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  /** First byte and byte behind the last, counted from the end of the header. */
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
export type HeaderEntry = z.infer<typeof headerEntrySchema>;

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
