/**
 * The tensors of a safetensors file as stored arrays.
 * In: a byte source. Out: the names, and each array when it is asked for; only the header is read before.
 */

import { headerLength, LENGTH_BYTES, parseHeader } from '../../safetensors/safetensors-header.js';
import { type BagFile, bagError } from '../bag-file.js';
import type { ByteSource } from '../formats/bag-format.js';
import { arrayBytes, type NamedArrays, type NumberType } from '../formats/stored-array.js';

const TYPES: { readonly [dtype: string]: NumberType } = {
  BOOL: 'bool',
  U8: 'uint8',
  I8: 'int8',
  U16: 'uint16',
  I16: 'int16',
  U32: 'uint32',
  I32: 'int32',
  U64: 'uint64',
  I64: 'int64',
  F16: 'float16',
  BF16: 'bfloat16',
  F32: 'float32',
  F64: 'float64',
};
/** Of a bag, which has a handful of tensors and perhaps some metadata. */
const LONGEST_HEADER = 2 ** 20;
const SAVE_AGAIN = 'Save it again with safetensors.numpy.save_file or safetensors.torch.save_file.';

export async function openSafetensors(source: ByteSource, file: BagFile): Promise<NamedArrays> {
  const refuse = (fault: 'cut' | 'wrong', message: string, cause?: unknown) =>
    bagError(fault === 'cut' ? 'bag-truncated' : 'bag-format', file, message, SAVE_AGAIN, cause);
  const start = await source.read(0, Math.min(LENGTH_BYTES, source.bytes));
  const length = headerLength(start, source.bytes, LONGEST_HEADER, refuse);
  const dataStart = LENGTH_BYTES + length;
  const header = parseHeader(await source.read(LENGTH_BYTES, length), source.bytes - dataStart, refuse);
  return {
    names: header.tensors.map(({ name }) => name),
    async array(wanted) {
      const place = header.tensors.find(({ name }) => name === wanted);
      if (!place) throw new RangeError(`${wanted} is none of this file's tensors`);
      const { name, dtype, shape, from, to } = place;
      if (!Object.hasOwn(TYPES, dtype))
        throw refuse('wrong', `its ${name} is ${dtype}; known are ${Object.keys(TYPES).join(', ')}`);
      const type = TYPES[dtype];
      if (arrayBytes(type, shape) !== to - from)
        throw refuse(
          'wrong',
          `its ${name} has ${to - from} bytes, its shape (${shape.join(', ')}) wants others`,
        );
      return { name, type, shape, read: () => source.read(dataStart + from, to - from) };
    },
  };
}
