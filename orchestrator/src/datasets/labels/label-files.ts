/**
 * Labels that lie in files of their own, one per bag, as torchmil writes them.
 * In: the store, the bags and their files of labels. Out: the table that they amount to, or an error that names bag and
 * file.
 */
import { BagfleetError } from '@bagfleet/proto/errors';
import { type BagFile, bagError } from '@bagfleet/worker/data/bag-file';
import { openArrayFile } from '@bagfleet/worker/data/formats/array-files';
import { bytesInMemory } from '@bagfleet/worker/data/formats/byte-sources';
import { toFiniteFloat32 } from '@bagfleet/worker/data/formats/convert-numbers';
import { countOf } from '@bagfleet/worker/data/formats/stored-array';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { eachConcurrently, type Progress } from '../each-concurrently.js';
import { folderOf } from '../layouts/key-names.js';
import type { FoundBags, FoundObject } from '../layouts/layout.js';
import type { LabelRow, LabelTable } from './labels-csv.js';

/** A class, or one number per class or target. */
const MOST_VALUES = 1024;

export async function readLabelFiles(
  store: ObjectStore,
  { bags, labelFiles }: FoundBags,
  progress: Progress,
): Promise<LabelTable> {
  if (labelFiles.size === 0) throw noLabels(store.uri);
  const files = bags.flatMap(({ id }) => {
    const object = labelFiles.get(id);
    return object ? [{ id, object }] : [];
  });
  const read = ({ id, object }: (typeof files)[number]) => readLabelFile(store, id, object);
  const rows = await eachConcurrently(files, read, { label: 'reading labels', progress });
  return { file: folderOf(files[0].object.key), rows, hasSplits: false };
}

async function readLabelFile(store: ObjectStore, id: string, { key, bytes }: FoundObject): Promise<LabelRow> {
  const file: BagFile = { bag: id, file: key };
  const refuse = (message: string) =>
    bagError('bag-format', file, message, 'Save it again: one number, or one per class or target.');
  if (bytes > 2 ** 16) throw refuse(`it has ${bytes} bytes, too many for a label`);
  const content = await store.get(key);
  const { names, array } = await openArrayFile(bytesInMemory(content.bytes), file);
  if (names.length !== 1) throw refuse(`it holds ${names.length} arrays`);
  const stored = await array(names[0]);
  const count = countOf(stored.shape);
  if (count < 1 || count > MOST_VALUES) throw refuse(`its shape is (${stored.shape.join(', ')})`);
  const numbers = await toFiniteFloat32(
    await stored.read(),
    stored.type,
    count,
    (index, value) => refuse(`value ${index} of it is ${value}`),
    undefined,
  );
  const values = [...numbers].map(String);
  return { id, label: values.join(' '), ...(count > 1 ? { values } : {}), line: 0 };
}

function noLabels(folder: string): BagfleetError {
  return new BagfleetError('usage', 'nothing says how its bags are labelled', {
    culprit: folder,
    hint: 'Name a CSV file with the columns id and label: --labels labels.csv.',
  });
}
