/**
 * The header of a safetensors file, and where each tensor lies: nothing that it says is believed unchecked.
 * A file is: the header's length (uint64, little-endian), the header (JSON), the tensors' bytes one after the
 * other (little-endian, row-major) without holes. The header maps names to dtype, shape and place.
 * Format: github.com/huggingface/safetensors. In: bytes, and how a refusal is worded as an error. Out: tensors.
 */
import { z } from 'zod';

/** What is wrong: the file ends too early, or it is not what it claims. */
export type Refuse = (fault: 'cut' | 'wrong', message: string, cause?: unknown) => Error;

export interface TensorPlace {
  readonly name: string;
  /** As the file spells it: `F32`, `BF16`, …; not checked. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** First byte and byte behind the last, counted from the end of the header: contiguous over all tensors. */
  readonly from: number;
  readonly to: number;
}

export interface SafetensorsHeader {
  /** In the order of their bytes. */
  readonly tensors: readonly TensorPlace[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** What stands before the header. */
export const LENGTH_BYTES = 8;
export const METADATA = '__metadata__';

const metadataSchema = z.record(z.string(), z.string());
const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});

/** The header's length in bytes, from the file's first eight (fewer where it has no more). */
export function headerLength(start: Uint8Array, fileBytes: number, longest: number, refuse: Refuse): number {
  if (fileBytes < LENGTH_BYTES) throw refuse('cut', `it has ${fileBytes} bytes, too few for a header`);
  const length = new DataView(start.buffer, start.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  const said = `its header is said to have ${length} bytes, of ${fileBytes} in all`;
  if (length > longest) throw refuse('wrong', said);
  if (Number(length) > fileBytes - LENGTH_BYTES) throw refuse('cut', said);
  return Number(length);
}

/** `header` is the JSON alone; `dataBytes` is all that comes after it in the file. */
export function parseHeader(header: Uint8Array, dataBytes: number, refuse: Refuse): SafetensorsHeader {
  const { [METADATA]: metadata = {}, ...rest } = parseJson(header, refuse);
  const told = metadataSchema.safeParse(metadata);
  if (!told.success) throw refuse('wrong', 'its metadata are not text');
  const tensors = inDataOrder(rest, refuse);
  refuseHoles(tensors, dataBytes, refuse);
  return { tensors, metadata: told.data };
}

function parseJson(bytes: Uint8Array, refuse: Refuse): Record<string, unknown> {
  if (bytes[0] !== 0x7b) throw refuse('wrong', 'its header does not begin with {');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Record<string, unknown>;
  } catch (cause) {
    throw refuse('wrong', 'its header is not JSON', cause);
  }
}

function inDataOrder(header: Record<string, unknown>, refuse: Refuse): TensorPlace[] {
  return Object.entries(header)
    .map(([name, value]): TensorPlace => {
      const entry = entrySchema.safeParse(value);
      if (!entry.success) throw refuse('wrong', `tensor ${short(name)}: ${entry.error.issues[0].message}`);
      const { dtype, shape, data_offsets } = entry.data;
      return { name, dtype, shape, from: data_offsets[0], to: data_offsets[1] };
    })
    .sort((a, b) => a.from - b.from || a.to - b.to); // empty tensors stand before the next one
}

function refuseHoles(tensors: readonly TensorPlace[], dataBytes: number, refuse: Refuse): void {
  let end = 0;
  for (const { name, from, to } of tensors) {
    if (from !== end)
      throw refuse(
        'wrong',
        `tensor ${short(name)} begins at byte ${from}, but the one before it ends at ${end}`,
      );
    if (to > dataBytes)
      throw refuse('cut', `tensor ${short(name)} ends at byte ${to} of ${dataBytes}: the file is cut off`);
    if (to < from) throw refuse('wrong', `tensor ${short(name)} ends at byte ${to}, before it begins`);
    end = to;
  }
  if (end !== dataBytes) throw refuse('wrong', `${dataBytes - end} bytes of it belong to no tensor`);
}

/** A name may be as long as the header. */
function short(name: string): string {
  return name.length > 100 ? `${name.slice(0, 100)}…` : name;
}
