/**
 * Reads a checkpoint's safetensors file, and believes nothing that it says about itself without checking.
 * In: the file's bytes, and its name for errors. Out: its tensors by name, and its metadata.
 * Errors: `checkpoint-corrupt`, which names the file and what is wrong with it.
 */
import { BagfleetError } from '@bagfleet/proto/errors';
import {
  headerLength,
  LENGTH_BYTES,
  parseHeader,
  type TensorPlace,
} from '../safetensors/safetensors-header.js';
import {
  demandLittleEndian,
  ENTRY_BYTES,
  LONGEST_HEADER,
  type NamedTensor,
  type TensorDtype,
} from './safetensors-format.js';

export interface TensorFile {
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The tensors are views of `bytes` where their alignment allows it, copies otherwise. */
export function readSafetensors(bytes: Uint8Array, source: string): TensorFile {
  demandLittleEndian();
  const refuse = (_: 'cut' | 'wrong', message: string, cause?: unknown) => corrupt(source, message, cause);
  const dataStart = LENGTH_BYTES + headerLength(bytes, bytes.length, LONGEST_HEADER, refuse);
  const header = bytes.subarray(LENGTH_BYTES, dataStart);
  const { tensors, metadata } = parseHeader(header, bytes.length - dataStart, refuse);
  const read = tensors.map((place) => tensorOf(place, bytes.subarray(dataStart), source));
  return { tensors: new Map(read.map((tensor) => [tensor.name, tensor])), metadata };
}

function tensorOf(
  { name, dtype, shape, from, to }: TensorPlace,
  data: Uint8Array,
  source: string,
): NamedTensor {
  if (!Object.hasOwn(ENTRY_BYTES, dtype))
    throw corrupt(
      source,
      `tensor ${name} is ${dtype}; bagfleet reads ${Object.keys(ENTRY_BYTES).join(' and ')}`,
    );
  const width = ENTRY_BYTES[dtype as TensorDtype];
  const length = shape.reduce((product, size) => product * size, 1);
  if (!Number.isSafeInteger(length * width) || length * width !== to - from)
    throw corrupt(
      source,
      `tensor ${name} has ${to - from} bytes, its shape [${shape}] wants ${length * width}`,
    );
  const bytes = data.subarray(from, to);
  const { buffer, byteOffset } = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
  const entries =
    dtype === 'F32'
      ? new Float32Array(buffer, byteOffset, length)
      : new BigInt64Array(buffer, byteOffset, length);
  return { name, shape, data: entries };
}

function corrupt(source: string, message: string, cause?: unknown): BagfleetError {
  return new BagfleetError('checkpoint-corrupt', message, {
    culprit: source,
    hint: 'Use another checkpoint (`bagfleet checkpoints list`), or fetch the file again.',
    cause,
  });
}
