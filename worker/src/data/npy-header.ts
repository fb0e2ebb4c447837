/**
 * The header of a NumPy .npy file: where the values begin, how they are stored, their shape.
 * In: the file's first bytes. Out: a NpyHeader, or a BagfleetError that names bag and file.
 * Format: numpy.lib.format, versions 1.0 (2-byte header length), 2.0 and 3.0 (4-byte length).
 */
import { type BagFile, bagError } from './bag-file.js';
import { arrayBytes, type NumberType } from './formats/stored-array.js';

/** NumPy's names of what we read: numbers, all little-endian. */
const NPY_TYPES: { readonly [descr: string]: NumberType } = {
  '|b1': 'bool',
  '|u1': 'uint8',
  '|i1': 'int8',
  '<u2': 'uint16',
  '<i2': 'int16',
  '<u4': 'uint32',
  '<i4': 'int32',
  '<u8': 'uint64',
  '<i8': 'int64',
  '<f2': 'float16',
  '<f4': 'float32',
  '<f8': 'float64',
};

export interface NpyHeader {
  readonly type: NumberType;
  readonly shape: readonly number[];
  /** Offset of the first value in the file, in bytes. */
  readonly dataStart: number;
  /** Length of the values in bytes. */
  readonly dataBytes: number;
}

/** Enough of a file to read any header that numpy.save writes for an array of numbers. */
export const NPY_PREFIX_BYTES = 256;
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** NumPy pads to 64 bytes; a header of numbers needs far less than this. */
const LONGEST_HEADER = 65_536;
const SAVE_AGAIN =
  "Save it again with numpy.save(file, x.astype('float32')), instances along the first axis.";

/** The length of magic, version, length field and dictionary together, from at least 12 bytes of the file. */
export function npyDataStart(prefix: Uint8Array, source: BagFile): number {
  if (prefix.length < MAGIC.length || MAGIC.some((byte, i) => prefix[i] !== byte))
    throw notNpy(prefix, source);
  const major = prefix[6];
  if (prefix.length < 12)
    throw cut(`the file has only ${prefix.length} bytes: its header is cut off`, source);
  if (major < 1 || major > 3)
    throw bagError('bag-format', source, `it is an .npy file of version ${major}.${prefix[7]}`, SAVE_AGAIN);
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  const start = major === 1 ? 10 + view.getUint16(8, true) : 12 + view.getUint32(8, true);
  if (start > LONGEST_HEADER)
    throw bagError('bag-format', source, `its .npy header claims ${start} bytes`, SAVE_AGAIN);
  return start;
}

/** Reads the header from the file's first bytes, which must reach to `npyDataStart` at least. */
export function readNpyHeader(prefix: Uint8Array, source: BagFile): NpyHeader {
  const dataStart = npyDataStart(prefix, source);
  if (prefix.length < dataStart)
    throw cut(`the file has only ${prefix.length} bytes of the ${dataStart} that its header takes`, source);
  const text = Buffer.from(prefix.subarray(prefix[6] === 1 ? 10 : 12, dataStart)).toString('latin1');
  const { descr, fortran, shape } = parseDictionary(text, source);
  if (!Object.hasOwn(NPY_TYPES, descr))
    throw bagError(
      'bag-format',
      source,
      `its values are ${descr}; known are ${Object.keys(NPY_TYPES).join(', ')}`,
      SAVE_AGAIN,
    );
  if (fortran)
    throw bagError(
      'bag-format',
      source,
      'its values are in Fortran order, column by column',
      'Save it again with numpy.save(file, numpy.ascontiguousarray(x)).',
    );
  const type = NPY_TYPES[descr];
  const dataBytes = arrayBytes(type, shape);
  if (!Number.isSafeInteger(dataBytes))
    throw bagError('bag-format', source, `its shape (${shape.join(', ')}) is beyond any memory`, SAVE_AGAIN);
  return { type, shape, dataStart, dataBytes };
}

/** Refuses a file that is shorter or longer than its header says. */
export function checkNpyLength(header: NpyHeader, fileBytes: number, source: BagFile): void {
  const wanted = header.dataStart + header.dataBytes;
  if (fileBytes < wanted)
    throw cut(
      `the file has ${fileBytes} bytes, but its header speaks of ${wanted}: ${wanted - fileBytes} are missing`,
      source,
    );
  if (fileBytes > wanted)
    throw bagError(
      'bag-truncated',
      source,
      `the file has ${fileBytes - wanted} bytes after its values`,
      'One .npy file holds one array: write the file again.',
    );
}

/** The Python dictionary of the header, with exactly its three keys, in any order. */
function parseDictionary(
  text: string,
  source: BagFile,
): { descr: string; fortran: boolean; shape: number[] } {
  const rest = /^\s*\{(.*)\}\s*\n?$/s.exec(text)?.[1];
  const entry =
    /\s*'(descr|fortran_order|shape)'\s*:\s*(?:'([^']*)'|(True|False)|\(([\d\s,]*)\)|(\[.*?\](?=\s*,\s*'|\s*$)))\s*(,|$)/sy;
  const found = new Map<string, RegExpExecArray>();
  let at = 0;
  while (rest !== undefined && at < rest.trimEnd().length) {
    entry.lastIndex = at;
    const match = entry.exec(rest);
    if (!match || found.has(match[1])) throw badHeader(text, source);
    found.set(match[1], match);
    at = entry.lastIndex;
  }
  const [descr, fortran, shape] = ['descr', 'fortran_order', 'shape'].map((key) => found.get(key));
  if (descr?.[5] !== undefined)
    throw bagError('bag-format', source, 'its values are records of several fields', SAVE_AGAIN);
  if (descr?.[2] === undefined || fortran?.[3] === undefined || shape?.[4] === undefined)
    throw badHeader(text, source);
  return { descr: descr[2], fortran: fortran[3] === 'True', shape: parseShape(shape[4], text, source) };
}

/** `` is (), `3,` is (3,), `3, 4` is (3, 4); `3` alone is no tuple. */
function parseShape(inner: string, text: string, source: BagFile): number[] {
  const trimmed = inner.trim();
  if (trimmed === '') return [];
  if (!/^\d+\s*,(\s*\d+\s*,)*(\s*\d+)?$/.test(trimmed)) throw badHeader(text, source);
  return trimmed
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
}

function notNpy(prefix: Uint8Array, source: BagFile) {
  if (prefix.length < MAGIC.length && MAGIC.slice(0, prefix.length).every((byte, i) => prefix[i] === byte))
    return cut(`the file has only ${prefix.length} bytes: its header is cut off`, source);
  return bagError('bag-format', source, 'it does not begin as an .npy file does', SAVE_AGAIN);
}

function badHeader(text: string, source: BagFile) {
  return bagError(
    'bag-format',
    source,
    `its .npy header is not readable: ${JSON.stringify(text.trim().slice(0, 80))}`,
    SAVE_AGAIN,
  );
}

function cut(message: string, source: BagFile) {
  return bagError(
    'bag-truncated',
    source,
    message,
    'Copy or write the file again: an upload may have ended early.',
  );
}
