/**
 * The tensors of a torch file as stored arrays: a tensor alone, those of a dict by their keys, the one of a list.
 * In: an opened archive. Out: names and arrays.
 */
import type { BagFile } from '../bag-file.js';
import { type NamedArrays, NUMBER_BYTES, type StoredArray } from '../formats/stored-array.js';
import { pickleWrong } from './pickle-errors.js';
import type { PickleValue, TorchTensor } from './pickle-values.js';
import { rowMajor } from './strided.js';
import type { TorchArchive } from './torch-archive.js';
import { isKind } from './torch-globals.js';

export function torchArrays(archive: TorchArchive, file: BagFile): NamedArrays {
  const tensors = namedTensors(archive.content, file);
  return {
    names: [...tensors.keys()],
    async array(name) {
      const tensor = tensors.get(name);
      if (!tensor) throw new RangeError(`${name} is none of this file's tensors`);
      return arrayOf(tensor, name, archive);
    },
  };
}

function arrayOf(tensor: TorchTensor, name: string, archive: TorchArchive): StoredArray {
  const record = archive.record(tensor);
  const { type, shape } = tensor;
  const read = async (signal?: AbortSignal) =>
    rowMajor(await archive.read(record, signal), NUMBER_BYTES[type], tensor, signal);
  return { name, type, shape, read };
}

function namedTensors(content: PickleValue, file: BagFile): Map<string, TorchTensor> {
  if (isKind(content, 'tensor')) return new Map([['tensor', content]]);
  if (isKind(content, 'dict')) return tensorsByKey(content.items);
  if (!isKind(content, 'list') && !isKind(content, 'tuple')) throw pickleWrong(file, 'it holds no tensor');
  const items: readonly PickleValue[] = content.items;
  const tensors = items.filter((item) => isKind(item, 'tensor'));
  if (tensors.length > 1)
    throw pickleWrong(file, `it holds ${tensors.length} tensors in a ${content.kind}, without names`);
  return new Map(tensors.map((tensor) => ['tensor', tensor]));
}

/** Numbers, text and whatever else stands in the dict is passed over. */
function tensorsByKey(items: readonly PickleValue[]): Map<string, TorchTensor> {
  const tensors = new Map<string, TorchTensor>();
  for (let i = 0; i + 1 < items.length; i += 2) {
    const [key, value] = [items[i], items[i + 1]];
    if (typeof key !== 'string') continue;
    if (isKind(value, 'tensor')) tensors.set(key, value);
    else tensors.delete(key); // of equal keys the last counts
  }
  return tensors;
}
