/**
 * Values of a .npy file as float32.
 * In: the file's bytes, its header, a range of values. Out: float32 written into the caller's array.
 * uint8 (images) becomes value / 255, in 0 … 1; other types keep their values, rounded to float32.
 */
import { endianness } from 'node:os';
import { BagfleetError } from '@bagfleet/proto/errors';
import { float16Table } from './float16.js';
import { NPY_DTYPES, type NpyDtype, type NpyHeader } from './npy-header.js';

/** The raw value (as stored, not rounded) number `index` of the file; what error messages show. */
export function npyValueAt(file: Uint8Array, header: NpyHeader, index: number): number {
  const view = new DataView(file.buffer, file.byteOffset + header.dataStart, header.dataBytes);
  const at = index * NPY_DTYPES[header.dtype];
  switch (header.dtype) {
    case '|u1':
      return view.getUint8(at);
    case '<f2':
      return float16Table()[view.getUint16(at, true)];
    case '<f4':
      return view.getFloat32(at, true);
    case '<f8':
      return view.getFloat64(at, true);
  }
}

/** Fills `out` with values `first` … `first + out.length - 1` of the file. */
export function npyToFloat32(file: Uint8Array, header: NpyHeader, first: number, out: Float32Array): void {
  const size = NPY_DTYPES[header.dtype];
  const from = header.dataStart + first * size;
  const bytes = file.subarray(from, from + out.length * size);
  if (header.dtype === '<f4') new Uint8Array(out.buffer, out.byteOffset, out.byteLength).set(bytes);
  else if (header.dtype === '|u1') for (let i = 0; i < out.length; i++) out[i] = bytes[i] / 255;
  else if (header.dtype === '<f2') lookUp(aligned(bytes, 2), out);
  else out.set(new Float64Array(...aligned(bytes, 8)));
}

function lookUp(halves: [ArrayBufferLike, number, number], out: Float32Array): void {
  const values = float16Table();
  const bits = new Uint16Array(...halves);
  for (let i = 0; i < out.length; i++) out[i] = values[bits[i]];
}

/** Arguments of a typed array over these bytes; copies them only where they lie unaligned. */
function aligned(bytes: Uint8Array, size: number): [ArrayBufferLike, number, number] {
  const placed = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return [placed.buffer, placed.byteOffset, placed.byteLength / size];
}

/** A .npy file (version 1.0) as numpy.save writes it, for uint8 and float32 arrays in C order. */
export function writeNpy(values: Uint8Array | Float32Array, shape: readonly number[]): Uint8Array {
  const count = shape.reduce((product, size) => product * size, 1);
  if (count !== values.length)
    throw new BagfleetError(
      'bug',
      `${values.length} values don't make an array of shape (${shape.join(', ')})`,
    );
  const dtype: NpyDtype = values instanceof Uint8Array ? '|u1' : '<f4';
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

if (endianness() !== 'LE')
  throw new BagfleetError('bug', 'bagfleet reads and writes little-endian numbers in place', {
    hint: 'Run it on x86-64 or ARM64.',
  });
