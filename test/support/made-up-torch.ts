/** Files as torch.save writes them, with a pickle that is written opcode by opcode: also such as Python would run. */
import { madeUpZip, type ZipPart } from './made-up-zip.js';

/** Opcodes as text (one character, one byte) and bytes, in a row. */
export function pickle(...parts: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
  );
}

/** Text, as BINUNICODE. */
export function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const head = Buffer.from('X\0\0\0\0', 'latin1');
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** A whole number below 2^31, as BININT. */
export function int(value: number): Buffer {
  const bytes = Buffer.from('J\0\0\0\0', 'latin1');
  bytes.writeInt32LE(value, 1);
  return bytes;
}

export function tuple(...items: readonly Uint8Array[]): Buffer {
  return pickle('(', ...items, 't');
}

export interface MadeUpTensor {
  readonly storage?: string;
  readonly key?: string;
  readonly count: number;
  readonly offset?: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** The opcodes of a tensor; `storage` is the class of its storage. */
export function tensor({
  storage = 'FloatStorage',
  key = '0',
  count,
  offset = 0,
  shape,
  strides,
}: MadeUpTensor): Buffer {
  const id = tuple(text('storage'), pickle(`ctorch\n${storage}\n`), text(key), text('cpu'), int(count));
  const hooks = pickle('ccollections\nOrderedDict\n)R');
  const args = tuple(
    pickle(id, 'Q'),
    int(offset),
    tuple(...shape.map(int)),
    tuple(...strides.map(int)),
    pickle('\x89'),
    hooks,
  );
  return pickle('ctorch._utils\n_rebuild_tensor_v2\n', args, 'R');
}

/** An archive with this pickle (without PROTO and STOP) and these records. */
export function madeUpTorch(
  body: Uint8Array,
  records: Record<string, Uint8Array> = {},
  more: readonly ZipPart[] = [],
) {
  return madeUpZip(
    [
      { name: 'bag/data.pkl', content: pickle('\x80\x02', body, '.') },
      { name: 'bag/byteorder', content: Buffer.from('little') },
      ...Object.entries(records).map(([key, content]) => ({ name: `bag/data/${key}`, content, padding: 13 })),
      ...more,
    ],
    { zip64: true },
  );
}
