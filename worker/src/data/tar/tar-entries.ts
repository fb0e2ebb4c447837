/**
 * The files of a tar archive over a byte source: only headers are read, and what lies near them.
 * In: the archive's bytes, in memory or in a store. Out: where each file lies, or an error that names bag and file.
 *
 * A tar has no directory, so its headers are found one after the other: for small files that is about all of it.
 * Format: POSIX.1-2001 ustar and pax, and GNU tar's long names. Nothing is ever written to a disk.
 */
import { wrongWithEntryName } from '../archive-entry-name.js';
import type { BagFile } from '../bag-file.js';
import type { ByteSource } from '../formats/bag-format.js';
import { readPaxRecords } from './pax-records.js';
import { readAhead } from './read-ahead.js';
import { tarCut, tarWrong } from './tar-errors.js';
import { BLOCK_BYTES, readTarHeader, type TarHeader } from './tar-header.js';

export interface TarEntry {
  /** Relative, with `/` between parts, no `..` part, no backslash. */
  readonly name: string;
  /** Where its content lies, whole within the archive. */
  readonly start: number;
  readonly bytes: number;
}

/** What headers of other kinds say of the entry after them. */
interface Announced {
  readonly name?: string | undefined;
  readonly bytes?: number | undefined;
}

const MOST_ENTRIES = 1_000_000;
const LONGEST_ANNOUNCEMENT = 65_536;

/**
 * @throws BagfleetError `bag-truncated` for an archive without its end; `bag-format` for what is no archive, for
 * links and devices, names that lead out of it, and names given twice
 */
export async function tarEntries(source: ByteSource, file: BagFile): Promise<TarEntry[]> {
  const ahead = readAhead(source);
  const entries = new Map<string, TarEntry>();
  let announced: Announced = {};
  for (let at = 0; ; ) {
    const block = await blockAt(ahead, at, file);
    if (isEmpty(block)) {
      if (isEmpty(await ahead.read(at + BLOCK_BYTES, BLOCK_BYTES))) break;
      throw tarWrong(file, `its tar archive has an empty block after ${at} bytes, but goes on`);
    }
    const header = readTarHeader(block, at, file);
    const bytes = announced.bytes ?? header.bytes;
    const start = at + BLOCK_BYTES;
    const next = start + Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
    if (next > source.bytes)
      throw tarCut(file, `its tar archive should go on to byte ${next}, but ends after ${source.bytes}`);
    const more = await announcement(ahead, header, start, file);
    if (!more) addEntry(entries, { name: announced.name ?? header.name, start, bytes }, header.kind, file);
    announced = more ? { ...announced, ...more } : {};
    at = next;
  }
  return [...entries.values()];
}

async function blockAt(source: ByteSource, at: number, file: BagFile): Promise<Uint8Array> {
  if (source.bytes % BLOCK_BYTES !== 0 || at + 2 * BLOCK_BYTES > source.bytes) {
    const first = await source.read(0, Math.min(BLOCK_BYTES, source.bytes));
    if (first.length === BLOCK_BYTES && !isEmpty(first)) readTarHeader(first, 0, file);
    throw tarCut(file, `its tar archive has no end after ${source.bytes} bytes`);
  }
  return source.read(at, BLOCK_BYTES);
}

/** Two of these end an archive; GNU tar pads with more. */
function isEmpty(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/** null for an entry that stands for itself. */
async function announcement(
  source: ByteSource,
  { kind, bytes }: TarHeader,
  start: number,
  file: BagFile,
): Promise<Announced | null> {
  if (kind === 'g') return {}; // of all entries: times, comments
  if (kind !== 'x' && kind !== 'L') return null;
  if (bytes > LONGEST_ANNOUNCEMENT) throw tarWrong(file, `a header in its tar archive has ${bytes} bytes`);
  const content = await source.read(start, bytes);
  if (kind === 'L') return { name: Buffer.from(content).toString('utf8').replace(/\0+$/, '') };
  const records = readPaxRecords(content, file);
  if ([...records.keys()].some((key) => key.startsWith('GNU.sparse')))
    throw tarWrong(file, 'its tar archive holds a sparse file', 'Pack it again without --sparse.');
  const size = records.get('size');
  if (size !== undefined && !/^[0-9]{1,15}$/.test(size))
    throw tarWrong(file, 'a size in its tar archive is no number');
  const name = records.get('path');
  return {
    ...(name === undefined ? {} : { name }),
    ...(size === undefined ? {} : { bytes: Number(size) }),
  };
}

function addEntry(entries: Map<string, TarEntry>, entry: TarEntry, kind: string, file: BagFile): void {
  const shown = JSON.stringify(entry.name.slice(0, 200));
  const wrong = wrongWithEntryName(entry.name);
  if (wrong)
    throw tarWrong(
      file,
      `its entry ${shown} ${wrong}`,
      'No tool that packs bags writes such a name: find out where the file comes from.',
    );
  if (kind === '5') return;
  if (kind !== '0' && kind !== '7')
    throw tarWrong(
      file,
      `its entry ${shown} is ${KINDS[kind] ?? 'of an unknown kind'}`,
      'Pack plain files alone: tar --dereference.',
    );
  if (entries.has(entry.name)) throw tarWrong(file, `its tar archive has two entries ${shown}`);
  if (entries.size === MOST_ENTRIES)
    throw tarWrong(file, `its tar archive has more than ${MOST_ENTRIES} entries`);
  entries.set(entry.name, entry);
}

const KINDS: Readonly<Record<string, string>> = {
  1: 'a hard link',
  2: 'a symbolic link',
  3: 'a device',
  4: 'a device',
  6: 'a pipe',
  K: 'a link',
  S: 'a sparse file',
};
