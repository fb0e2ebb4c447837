/**
 * Writes a safetensors file: the same tensors give the same bytes.
 * In: tensors with distinct names, and metadata (text). Out: the file's bytes.
 * Wide dtypes come first, then names in the order of their UTF-8 bytes, as the reference implementation does;
 * the header is padded with spaces so that each tensor is aligned in the file.
 */
import { BagfleetError } from '@bagfleet/proto/errors';
import { METADATA } from '../safetensors/safetensors-header.js';
import { compareKeys } from '../storage/object-key.js';
import { demandLittleEndian, dtypeOf, ENTRY_BYTES, type NamedTensor } from './safetensors-format.js';

const ALIGNMENT = 8;

export function writeSafetensors(
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  demandLittleEndian();
  const ordered = [...tensors].sort(inFileOrder);
  const header = headerOf(ordered, metadata);
  const dataBytes = ordered.reduce((sum, { data }) => sum + data.byteLength, 0);
  const file = new Uint8Array(8 + header.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  let at = 8 + header.length;
  for (const { data } of ordered) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

function inFileOrder(a: NamedTensor, b: NamedTensor): number {
  const width = ({ data }: NamedTensor) => ENTRY_BYTES[dtypeOf(data)];
  return width(b) - width(a) || compareKeys(a.name, b.name);
}

function headerOf(tensors: readonly NamedTensor[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const names = new Set<string>([METADATA]);
  const entries: string[] = [`${JSON.stringify(METADATA)}:${JSON.stringify(metadata)}`];
  let at = 0;
  for (const { name, shape, data } of tensors) {
    if (names.has(name)) throw new BagfleetError('bug', `two tensors are called ${name}`);
    names.add(name);
    const length = shape.reduce((product, size) => product * size, 1);
    if (length !== data.length)
      throw new BagfleetError(
        'bug',
        `tensor ${name} has ${data.length} entries, its shape [${shape}] says ${length}`,
      );
    const entry = { dtype: dtypeOf(data), shape, data_offsets: [at, at + data.byteLength] };
    entries.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`); // in this order, whatever the names look like
    at += data.byteLength;
  }
  const text = new TextEncoder().encode(`{${entries.join(',')}}`);
  const padded = new Uint8Array(Math.ceil(text.length / ALIGNMENT) * ALIGNMENT).fill(0x20);
  padded.set(text);
  return padded;
}
