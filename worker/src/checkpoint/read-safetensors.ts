/**
 * Reads a safetensors file, and believes nothing that it says about itself without checking.
 * In: the file's bytes, and its name for errors. Out: its tensors by name, and its metadata.
 * Errors: `checkpoint-corrupt`, which names the file and what is wrong with it.
 */
import { BagfleetError } from '@bagfleet/proto/errors';
import { z } from 'zod';
import {
  demandLittleEndian,
  ENTRY_BYTES,
  type HeaderEntry,
  headerEntrySchema,
  LONGEST_HEADER,
  METADATA,
  type NamedTensor,
  type TensorDtype,
} from './safetensors-format.js';

const metadataSchema = z.record(z.string(), z.string());

export interface TensorFile {
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The tensors are views of `bytes` where their alignment allows it, copies otherwise. */
export function readSafetensors(bytes: Uint8Array, source: string): TensorFile {
  demandLittleEndian();
  const { header, dataStart } = readHeader(bytes, source);
  const { [METADATA]: metadata = {}, ...rest } = header;
  const told = metadataSchema.safeParse(metadata);
  if (!told.success) throw corrupt(source, 'its metadata are not text');
  const tensors = new Map<string, NamedTensor>();
  let end = 0;
  for (const { name, entry } of inDataOrder(rest, source)) {
    const [from, to] = entry.data_offsets;
    if (from !== end)
      throw corrupt(source, `tensor ${name} begins at byte ${from}, but the one before it ends at ${end}`);
    if (dataStart + to > bytes.length)
      throw corrupt(
        source,
        `tensor ${name} ends at byte ${to} of ${bytes.length - dataStart}: the file is cut off`,
      );
    tensors.set(name, tensorOf(name, entry, bytes.subarray(dataStart + from, dataStart + to), source));
    end = to;
  }
  if (dataStart + end !== bytes.length)
    throw corrupt(source, `${bytes.length - dataStart - end} bytes of it belong to no tensor`);
  return { tensors, metadata: told.data };
}

function readHeader(
  bytes: Uint8Array,
  source: string,
): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < 8) throw corrupt(source, `it has ${bytes.length} bytes, too few for a header`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > LONGEST_HEADER || Number(length) > bytes.length - 8)
    throw corrupt(source, `its header is said to have ${length} bytes, of ${bytes.length} in all`);
  const dataStart = 8 + Number(length);
  const header = parseHeader(bytes.subarray(8, dataStart), source);
  return { header, dataStart };
}

function parseHeader(bytes: Uint8Array, source: string): Record<string, unknown> {
  if (bytes[0] !== 0x7b) throw corrupt(source, 'its header does not begin with {');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Record<string, unknown>;
  } catch (cause) {
    throw corrupt(source, 'its header is not JSON', cause);
  }
}

function inDataOrder(
  header: Record<string, unknown>,
  source: string,
): { name: string; entry: HeaderEntry }[] {
  return Object.entries(header)
    .map(([name, value]) => {
      const entry = headerEntrySchema.safeParse(value);
      if (!entry.success) throw corrupt(source, `tensor ${name}: ${entry.error.issues[0].message}`);
      return { name, entry: entry.data };
    })
    .sort((a, b) => {
      const [aFrom, aTo] = a.entry.data_offsets;
      const [bFrom, bTo] = b.entry.data_offsets;
      return aFrom - bFrom || aTo - bTo; // empty tensors stand before the next one
    });
}

function tensorOf(
  name: string,
  { dtype, shape }: HeaderEntry,
  bytes: Uint8Array,
  source: string,
): NamedTensor {
  if (!Object.hasOwn(ENTRY_BYTES, dtype))
    throw corrupt(
      source,
      `tensor ${name} is ${dtype}; bagfleet reads ${Object.keys(ENTRY_BYTES).join(' and ')}`,
    );
  const width = ENTRY_BYTES[dtype as TensorDtype];
  const length = shape.reduce((product, size) => product * size, 1);
  if (!Number.isSafeInteger(length * width) || length * width !== bytes.length)
    throw corrupt(
      source,
      `tensor ${name} has ${bytes.length} bytes, its shape [${shape}] wants ${length * width}`,
    );
  const aligned = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
  const { buffer, byteOffset } = aligned;
  const data =
    dtype === 'F32'
      ? new Float32Array(buffer, byteOffset, length)
      : new BigInt64Array(buffer, byteOffset, length);
  return { name, shape, data };
}

function corrupt(source: string, message: string, cause?: unknown): BagfleetError {
  return new BagfleetError('checkpoint-corrupt', message, {
    culprit: source,
    hint: 'Use another checkpoint (`bagfleet checkpoints list`), or fetch the file again.',
    cause,
  });
}
