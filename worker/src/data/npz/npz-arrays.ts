/**
 * The arrays of an .npz file (numpy.savez, numpy.savez_compressed, scipy.sparse.save_npz): a ZIP archive of .npy files.
 * In: a byte source. Out: the arrays' names, and each array when it is asked for; headers of compressed ones are
 * unpacked without what follows them.
 */
import type { BagFile } from '../bag-file.js';
import type { ByteSource } from '../formats/bag-format.js';
import type { NamedArrays } from '../formats/stored-array.js';
import { npyArray } from '../npy/npy-array.js';
import { openZip } from '../zip/zip-archive.js';

const SUFFIX = '.npy';

export async function openNpz(source: ByteSource, file: BagFile): Promise<NamedArrays> {
  const zip = await openZip(source, file);
  const entries = new Map(
    [...zip.entries.values()]
      .filter(({ name }) => name.endsWith(SUFFIX))
      .map((entry) => [entry.name.slice(0, -SUFFIX.length), entry]),
  );
  return {
    names: [...entries.keys()],
    array(name) {
      const entry = entries.get(name);
      if (!entry) throw new RangeError(`${name} is none of this file's arrays`);
      const content = {
        bytes: entry.bytes,
        readStart: (length: number) => zip.readStart(entry, length),
        readAll: (signal?: AbortSignal) => zip.read(entry, signal),
      };
      return npyArray(content, name, file);
    },
  };
}
