/**
 * A ZIP archive over a byte source: its list of entries, and one entry's content when it is asked for.
 * In: the archive's bytes, in memory or in a store. Out: a ZipArchive, or an error that names bag and file.
 *
 * Opening reads the directory at the archive's end (one range in nearly all cases, two if it is long). Only
 * entries that are asked for are read, by ranges of their own; all others are never looked at, and nothing is
 * ever written to a disk.
 * Format: PKWARE APPNOTE 6.3.10, with zip64; entries stored or deflated, one volume, not encrypted.
 */
import type { BagFile } from '../bag-file.js';
import type { ByteSource } from '../formats/bag-format.js';
import { readDirectory } from './central-directory.js';
import { findDirectory } from './end-record.js';
import { readEntry, readEntryStart } from './entry-content.js';
import type { ZipEntry } from './zip-entry.js';

export interface ZipArchive {
  /** By name, in the order of the directory; folders are left out. */
  readonly entries: ReadonlyMap<string, ZipEntry>;
  /**
   * The whole content, length and checksum compared with the directory; a view of the source where it is stored.
   * Allocates at most about twice `entry.bytes`: whoever reads from strangers looks at that first.
   * @throws BagfleetError `bag-format` for what is not as the directory says, or packed in a way that is not read
   */
  read(entry: ZipEntry, signal?: AbortSignal): Promise<Uint8Array>;
  /** The first `length` bytes, or all where there are fewer; no checksum. Reads little more than them. */
  readStart(entry: ZipEntry, length: number): Promise<Uint8Array>;
}

/**
 * @throws BagfleetError `bag-truncated` for an archive without its end; `bag-format` for what is no archive, for
 * names that lead out of it (`..`, absolute, backslashes), names given twice, and entries that overlap
 */
export async function openZip(source: ByteSource, file: BagFile): Promise<ZipArchive> {
  const { directory, start, count } = await findDirectory(source, file);
  const entries = readDirectory(directory, start, count, file);
  return {
    entries: new Map(entries.map((entry) => [entry.name, entry])),
    read: (entry, signal) => readEntry(source, entry, file, signal),
    readStart: (entry, length) => readEntryStart(source, entry, length, file),
  };
}
