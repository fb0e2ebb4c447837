/** ZIP archives from parts, also such as no tool would write: every claim of an entry can be a lie. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipPart {
  readonly name: string;
  readonly content: Uint8Array;
  readonly deflate?: boolean;
  /** What the archive says in place of the truth. */
  readonly claims?: Partial<{
    bytes: number;
    packedBytes: number;
    crc32: number;
    method: number;
    flags: number;
    start: number;
    nameInHeader: string;
  }>;
  /** Bytes that stand between local header and content, as torch aligns its tensors. */
  readonly padding?: number;
}

export interface ZipForm {
  /** With zip64 records and fields for everything, as torch writes them. */
  readonly zip64?: boolean;
  readonly comment?: string;
  /** Number of entries that the end record claims. */
  readonly count?: number;
}

export function madeUpZip(
  parts: readonly ZipPart[],
  { zip64 = false, comment = '', count }: ZipForm = {},
): Buffer {
  const pieces: Buffer[] = [];
  const listed: Buffer[] = [];
  let at = 0;
  for (const part of parts) {
    const start = part.claims?.start ?? at;
    const local = localEntry(part);
    pieces.push(local);
    listed.push(directoryEntry(part, start, zip64));
    at += local.length;
  }
  const directory = Buffer.concat(listed);
  const entries = count ?? parts.length;
  const records = zip64 ? end64(entries, directory.length, at) : Buffer.alloc(0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(zip64 ? 0xffff : entries, 8);
  end.writeUInt16LE(zip64 ? 0xffff : entries, 10);
  end.writeUInt32LE(zip64 ? 0xffffffff : directory.length, 12);
  end.writeUInt32LE(zip64 ? 0xffffffff : at, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...pieces, directory, records, end, Buffer.from(comment, 'latin1')]);
}

function packedContent({ content, deflate }: ZipPart): Buffer {
  return deflate ? deflateRawSync(content) : Buffer.from(content);
}

function factsOf(part: ZipPart) {
  const facts = {
    bytes: part.content.length,
    packedBytes: packedContent(part).length,
    crc32: crc32(part.content),
    method: part.deflate ? 8 : 0,
    flags: 0x800,
  };
  return { ...facts, ...part.claims };
}

function localEntry(part: ZipPart): Buffer {
  const { bytes, packedBytes, crc32: sum, method, flags, nameInHeader = part.name } = factsOf(part);
  const name = Buffer.from(nameInHeader);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(flags, 6);
  header.writeUInt16LE(method, 8);
  header.writeUInt32LE(sum, 14);
  header.writeUInt32LE(Math.min(packedBytes, 0xffffffff), 18);
  header.writeUInt32LE(Math.min(bytes, 0xffffffff), 22);
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(part.padding ?? 0, 28);
  return Buffer.concat([header, name, Buffer.alloc(part.padding ?? 0), packedContent(part)]);
}

function directoryEntry(part: ZipPart, start: number, zip64: boolean): Buffer {
  const { bytes, packedBytes, crc32: sum, method, flags } = factsOf(part);
  const name = Buffer.from(part.name);
  const wide = Buffer.alloc(zip64 ? 28 : 0);
  if (zip64) {
    wide.writeUInt16LE(1, 0);
    wide.writeUInt16LE(24, 2);
    for (const [i, number] of [bytes, packedBytes, start].entries())
      wide.writeBigUInt64LE(BigInt(number), 4 + 8 * i);
  }
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(flags, 8);
  entry.writeUInt16LE(method, 10);
  entry.writeUInt32LE(sum, 16);
  entry.writeUInt32LE(zip64 ? 0xffffffff : packedBytes, 20);
  entry.writeUInt32LE(zip64 ? 0xffffffff : bytes, 24);
  entry.writeUInt16LE(name.length, 28);
  entry.writeUInt16LE(wide.length, 30);
  entry.writeUInt32LE(zip64 ? 0xffffffff : start, 42);
  return Buffer.concat([entry, name, wide]);
}

function end64(entries: number, directoryBytes: number, directoryStart: number): Buffer {
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  for (const [i, number] of [entries, entries, directoryBytes, directoryStart].entries())
    record.writeBigUInt64LE(BigInt(number), 24 + 8 * i);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(directoryStart + directoryBytes), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([record, locator]);
}
