/**
 * Writes arrays as numpy.save does.
 * In: values and their shape. Out: the bytes of a .npy file.
 */
import { BagfleetError } from '@bagfleet/proto/errors';

/** A .npy file (version 1.0) as numpy.save writes it, for uint8 and float32 arrays in C order. */
export function writeNpy(values: Uint8Array | Float32Array, shape: readonly number[]): Uint8Array {
  const count = shape.reduce((product, size) => product * size, 1);
  if (count !== values.length)
    throw new BagfleetError(
      'bug',
      `${values.length} values don't make an array of shape (${shape.join(', ')})`,
    );
  const dtype = values instanceof Uint8Array ? '|u1' : '<f4';
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dictionary = `{'descr': '${dtype}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const dataStart = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const file = Buffer.alloc(dataStart + values.byteLength, ' ', 'latin1');
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  file.writeUInt16LE(dataStart - 10, 8);
  file.write(dictionary, 10, 'latin1');
  file[dataStart - 1] = 0x0a;
  file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), dataStart);
  return new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
}
