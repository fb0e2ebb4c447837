/**
 * Finds the directory of a ZIP archive from its end.
 * In: a byte source. Out: the directory's bytes, where they begin, and how many entries they are said to hold.
 */
import type { BagFile } from '../bag-file.js';
import type { ByteSource } from '../formats/bag-format.js';
import { zipCut, zipWrong } from './zip-errors.js';

const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
const LOCATOR_BYTES = 20;
const END64_BYTES = 56;
/** Holds the end records and, in an archive of up to some hundred entries, the directory: one request. */
const TAIL_BYTES = 16_384;
/** Some hundred thousand entries: more than any bag has tiles, and read without a long pause. */
const LONGEST_DIRECTORY = 32 * 2 ** 20;

interface Tail {
  /** Where in the file it begins. */
  readonly start: number;
  readonly view: DataView;
  readonly bytes: Uint8Array;
}

interface Place {
  readonly start: number;
  readonly bytes: number;
  readonly count: number;
  /** Where the first end record begins: the directory lies before it. */
  readonly end: number;
}

export async function findDirectory(
  source: ByteSource,
  file: BagFile,
): Promise<{ directory: Uint8Array; start: number; count: number }> {
  const { tail, at } = await findEnd(source, file);
  const place = (await placeFrom64(source, tail, at, file)) ?? placeFrom(tail, at, file);
  const { start, bytes, count, end } = place;
  if (!Number.isSafeInteger(start + bytes) || start + bytes > end)
    throw zipWrong(file, 'its ZIP directory is said to lie beyond its end');
  if (bytes > LONGEST_DIRECTORY)
    throw zipWrong(file, `its ZIP directory is said to have ${bytes} bytes, more than is read`);
  return { directory: await bytesAt(source, tail, start, bytes), start, count };
}

/** The end record is last in the file, but for its own comment. */
async function findEnd(source: ByteSource, file: BagFile): Promise<{ tail: Tail; at: number }> {
  for (const length of [TAIL_BYTES, END_BYTES + LONGEST_COMMENT]) {
    const tail = await readTail(source, length);
    for (let at = tail.bytes.length - END_BYTES; at >= 0; at--)
      if (tail.view.getUint32(at, true) === 0x06054b50) {
        const comment = tail.view.getUint16(at + 20, true);
        if (at + END_BYTES + comment === tail.bytes.length) return { tail, at };
      }
    if (tail.start === 0) break;
  }
  throw await withoutEnd(source, file);
}

async function readTail(source: ByteSource, length: number): Promise<Tail> {
  const start = Math.max(0, source.bytes - length);
  const bytes = await source.read(start, source.bytes - start);
  return { start, bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

async function withoutEnd(source: ByteSource, file: BagFile) {
  const first = await source.read(0, Math.min(4, source.bytes));
  const begins = [0x50, 0x4b, 0x03, 0x04].slice(0, first.length).every((byte, i) => first[i] === byte);
  return begins
    ? zipCut(file, `the ZIP archive has no directory at its end, after ${source.bytes} bytes`)
    : zipWrong(file, 'it does not begin as a ZIP archive does', 'Write it again with the tool that made it.');
}

function placeFrom({ view, start }: Tail, at: number, file: BagFile): Place {
  if (view.getUint16(at + 4, true) !== 0 || view.getUint16(at + 6, true) !== 0) throw severalVolumes(file);
  return {
    count: view.getUint16(at + 10, true),
    bytes: view.getUint32(at + 12, true),
    start: view.getUint32(at + 16, true),
    end: start + at,
  };
}

/** What the zip64 records say, where the archive has them. */
async function placeFrom64(source: ByteSource, tail: Tail, at: number, file: BagFile): Promise<Place | null> {
  const locatorStart = tail.start + at - LOCATOR_BYTES;
  if (locatorStart < 0) return null;
  const locator = viewOf(await bytesAt(source, tail, locatorStart, LOCATOR_BYTES));
  if (locator.getUint32(0, true) !== 0x07064b50) return null;
  const end = Number(locator.getBigUint64(8, true));
  if (end > locatorStart - END64_BYTES)
    throw zipWrong(file, 'its zip64 records do not lie where they should');
  const record = viewOf(await bytesAt(source, tail, end, END64_BYTES));
  if (record.getUint32(0, true) !== 0x06064b50)
    throw zipWrong(file, 'its zip64 records do not lie where they should');
  if (record.getUint32(16, true) !== 0 || record.getUint32(20, true) !== 0) throw severalVolumes(file);
  const [count, bytes, start] = [32, 40, 48].map((offset) => Number(record.getBigUint64(offset, true)));
  return { count, bytes, start, end };
}

/** From the tail where it reaches that far; never beyond the file, since the place lies before the tail's end. */
function bytesAt(source: ByteSource, tail: Tail, start: number, length: number): Promise<Uint8Array> {
  if (start < tail.start) return source.read(start, length);
  return Promise.resolve(tail.bytes.subarray(start - tail.start, start - tail.start + length));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function severalVolumes(file: BagFile) {
  return zipWrong(file, 'it is one of several volumes of a ZIP archive', 'Pack it into one file.');
}
