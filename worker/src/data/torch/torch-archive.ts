/**
 * The archive that torch.save writes (since PyTorch 1.6): a ZIP file with a pickle and one record per storage.
 * In: a byte source. Out: what the pickle holds, and the records; only the pickle has been read.
 */
import { type BagFile, bagError } from '../bag-file.js';
import type { ByteSource } from '../formats/bag-format.js';
import { NUMBER_BYTES } from '../formats/stored-array.js';
import { openZip, type ZipArchive } from '../zip/zip-archive.js';
import type { ZipEntry } from '../zip/zip-entry.js';
import { pickleWrong, printable } from './pickle-errors.js';
import type { PickleValue, TorchTensor } from './pickle-values.js';
import { unpickle } from './unpickle.js';

export interface TorchArchive {
  readonly content: PickleValue;
  /** The record of a tensor's storage, as long as the tensor says. */
  record(tensor: TorchTensor): ZipEntry;
  read(record: ZipEntry, signal?: AbortSignal): Promise<Uint8Array>;
}

/** A bag's has hundreds of bytes. */
const LONGEST_PICKLE = 16 * 2 ** 20;
const PICKLE_PROTOCOL = 0x80;
const SAVE_AGAIN = 'Save it again with PyTorch 1.6 or later: torch.save(torch.load(file), file).';

export async function openTorch(source: ByteSource, file: BagFile): Promise<TorchArchive> {
  await refuseLegacy(source, file);
  const zip = await openZip(source, file);
  const root = rootOf(zip, file);
  refuseScript(zip, root, file);
  const content = unpickle(await readPickle(zip, root, file), file);
  await refuseBigEndian(zip, root, file);
  return {
    content,
    record: (tensor) => recordOf(zip, root, tensor, file),
    read: (record, signal) => zip.read(record, signal),
  };
}

/** Before 1.6, or with _use_new_zipfile_serialization=False: several pickles in a row. */
async function refuseLegacy(source: ByteSource, file: BagFile): Promise<void> {
  if (source.bytes === 0 || (await source.read(0, 1))[0] !== PICKLE_PROTOCOL) return;
  throw bagError('bag-format', file, 'it is a plain pickle, or in the old form of torch.save', SAVE_AGAIN);
}

/** All entries lie in one folder, named after the file that torch wrote. */
function rootOf(zip: ZipArchive, file: BagFile): string {
  const roots = [...zip.entries.keys()].flatMap((name) => /^([^/]+)\/data\.pkl$/.exec(name)?.[1] ?? []);
  if (roots.length === 1) return roots[0];
  throw bagError('bag-format', file, 'it is a ZIP archive, but not one of torch.save', SAVE_AGAIN);
}

function refuseScript(zip: ZipArchive, root: string, file: BagFile): void {
  const script = [...zip.entries.keys()].some(
    (name) => name === `${root}/constants.pkl` || name.startsWith(`${root}/code/`),
  );
  if (!script) return;
  throw bagError(
    'bag-format',
    file,
    'it is a TorchScript program, not tensors',
    'Save the features as a tensor: torch.save(features, file).',
  );
}

async function readPickle(zip: ZipArchive, root: string, file: BagFile): Promise<Uint8Array> {
  const entry = zip.entries.get(`${root}/data.pkl`);
  if (entry && entry.bytes <= LONGEST_PICKLE) return zip.read(entry);
  throw pickleWrong(file, `its pickle has ${entry?.bytes} bytes, more than any bag's`);
}

/** Since 2.1 the order is told; before, all files were little-endian. */
async function refuseBigEndian(zip: ZipArchive, root: string, file: BagFile): Promise<void> {
  const entry = zip.entries.get(`${root}/byteorder`);
  if (!entry) return;
  const order = Buffer.from(await zip.readStart(entry, 16)).toString('latin1');
  if (order === 'little') return;
  throw bagError(
    'bag-format',
    file,
    `its numbers are ${JSON.stringify(order)}-endian`,
    'Save it again on a little-endian machine.',
  );
}

function recordOf(
  zip: ZipArchive,
  root: string,
  { key, type, storageCount }: TorchTensor,
  file: BagFile,
): ZipEntry {
  const record = zip.entries.get(`${root}/data/${key}`);
  const place = `data/${printable(key)}`;
  if (!record) throw pickleWrong(file, `it has no record ${place}, which its tensor lies in`);
  const bytes = storageCount * NUMBER_BYTES[type];
  if (record.bytes === bytes) return record;
  throw pickleWrong(file, `its record ${place} has ${record.bytes} bytes, the pickle says ${bytes}`);
}
