/**
 * The directory of a ZIP archive: from its bytes to entries that are known to lie apart and to have honest names.
 */
import type { BagFile } from '../bag-file.js';
import { entryName } from './entry-name.js';
import type { ZipEntry } from './zip-entry.js';
import { zipWrong } from './zip-errors.js';

const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const IN_ZIP64 = 0xffffffff;

type Listed = Omit<ZipEntry, 'end'> & {
  /** Bytes that it takes at least: local header, name, content. */
  readonly least: number;
};

/** `start` is where the directory begins in the file: all entries end before it. */
export function readDirectory(
  directory: Uint8Array,
  start: number,
  count: number,
  file: BagFile,
): ZipEntry[] {
  const listed: Listed[] = [];
  const view = new DataView(directory.buffer, directory.byteOffset, directory.byteLength);
  for (let at = 0; at < directory.length; ) {
    const next = entryEnd(view, at, file);
    listed.push(readListed(view, directory, at, next, file));
    at = next;
  }
  if (listed.length !== count)
    throw zipWrong(file, `its ZIP directory has ${listed.length} entries, but claims ${count}`);
  refuseSameNames(listed, file);
  return withEnds(listed, start, file).filter(({ name }) => !name.endsWith('/'));
}

function entryEnd(view: DataView, at: number, file: BagFile): number {
  if (at + ENTRY_BYTES > view.byteLength || view.getUint32(at, true) !== 0x02014b50) throw unreadable(file);
  const sizes = [28, 30, 32].map((offset) => view.getUint16(at + offset, true)); // name, extra, comment
  const end = at + ENTRY_BYTES + sizes[0] + sizes[1] + sizes[2];
  if (end > view.byteLength) throw unreadable(file);
  return end;
}

function readListed(view: DataView, directory: Uint8Array, at: number, end: number, file: BagFile): Listed {
  const nameEnd = at + ENTRY_BYTES + view.getUint16(at + 28, true);
  const extraEnd = Math.min(end, nameEnd + view.getUint16(at + 30, true));
  const name = entryName(directory.subarray(at + ENTRY_BYTES, nameEnd), file);
  const wide = wideNumbers(view, nameEnd, extraEnd);
  // In this order; those that fit stand in the entry itself and are left out of the zip64 field.
  const [bytes, packedBytes, start] = [24, 20, 42].map((offset) => {
    const number = view.getUint32(at + offset, true);
    return number === IN_ZIP64 && wide ? Number(wide.shift() ?? -1n) : number;
  });
  if (![bytes, packedBytes, start].every((number) => Number.isSafeInteger(number) && number >= 0))
    throw zipWrong(file, `its entry ${name} has sizes that cannot be`);
  return {
    name,
    bytes,
    packedBytes,
    start,
    method: view.getUint16(at + 10, true),
    encrypted: (view.getUint16(at + 8, true) & 1) === 1,
    crc32: view.getUint32(at + 16, true),
    least: LOCAL_BYTES + (nameEnd - at - ENTRY_BYTES) + packedBytes,
  };
}

/** The numbers of the zip64 field (id 1) among an entry's extra fields; null where there is none. */
function wideNumbers(view: DataView, from: number, end: number): bigint[] | null {
  for (let at = from; at + 4 <= end; ) {
    const fieldEnd = at + 4 + view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1) {
      const numbers: bigint[] = [];
      for (let i = at + 4; i + 8 <= Math.min(fieldEnd, end); i += 8) numbers.push(view.getBigUint64(i, true));
      return numbers;
    }
    at = fieldEnd;
  }
  return null;
}

function refuseSameNames(listed: readonly Listed[], file: BagFile): void {
  const seen = new Set<string>();
  for (const { name } of listed) {
    if (seen.has(name)) throw zipWrong(file, `its ZIP archive has two entries ${name}`);
    seen.add(name);
  }
}

/** Overlapping entries are how small archives unpack to huge ones: refused, as in no tool's output they occur. */
function withEnds(listed: readonly Listed[], directoryStart: number, file: BagFile): ZipEntry[] {
  const inOrder = listed.map((_, i) => i).sort((a, b) => listed[a].start - listed[b].start);
  const ends = new Map(
    inOrder.map((index, i) => [
      index,
      i + 1 < inOrder.length ? listed[inOrder[i + 1]].start : directoryStart,
    ]),
  );
  return listed.map(({ least, ...entry }, i) => {
    const end = ends.get(i) ?? directoryStart;
    if (entry.start + least > end)
      throw zipWrong(file, `its entry ${entry.name} reaches into what comes after it`);
    return { ...entry, end };
  });
}

function unreadable(file: BagFile) {
  return zipWrong(file, 'its ZIP directory is not readable');
}
