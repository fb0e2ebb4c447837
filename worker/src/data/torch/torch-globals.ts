/**
 * The few names that a pickle of tensors speaks of, and what a call of one of them means here. Nothing is ever
 * imported or run: a name that is not on the list is refused before anything is done with it.
 * In: values of the pickle. Out: values of the pickle.
 */
import type { BagFile } from '../bag-file.js';
import { countOf, NUMBER_BYTES, type NumberType } from '../formats/stored-array.js';
import { neverRun, pickleWrong, printable } from './pickle-errors.js';
import type { PickleGlobal, PickleTuple, PickleValue, TorchStorage, TorchTensor } from './pickle-values.js';

const STORAGES: ReadonlyMap<string, NumberType | null> = new Map<string, NumberType | null>([
  ['torch.BoolStorage', 'bool'],
  ['torch.ByteStorage', 'uint8'],
  ['torch.CharStorage', 'int8'],
  ['torch.ShortStorage', 'int16'],
  ['torch.IntStorage', 'int32'],
  ['torch.LongStorage', 'int64'],
  ['torch.HalfStorage', 'float16'],
  ['torch.BFloat16Storage', 'bfloat16'],
  ['torch.FloatStorage', 'float32'],
  ['torch.DoubleStorage', 'float64'],
  ['torch.storage.UntypedStorage', null],
]);
const REBUILD_V2 = 'torch._utils._rebuild_tensor_v2';
/** For types that have no storage class: the type stands beside the tensor. */
const REBUILD_V3 = 'torch._utils._rebuild_tensor_v3';
const ORDERED_DICT = 'collections.OrderedDict';
const CALLED: ReadonlySet<string> = new Set([REBUILD_V2, REBUILD_V3, ORDERED_DICT]);
const MOST_AXES = 8;

/** @throws BagfleetError `bag-format` for every name that is not on the list */
export function findGlobal(module: string, name: string, file: BagFile): PickleGlobal {
  const full = `${module}.${name}`;
  if (CALLED.has(full) || STORAGES.has(full) || dtypeOf(full)) return { kind: 'global', name: full };
  if (/^torch\.\w+Storage$/.test(full))
    throw pickleWrong(file, `its tensor is a ${printable(full)}, a type that is not read`);
  throw neverRun(file, full);
}

/** `torch.float16`, as the newer tensors name their type. */
function dtypeOf(name: string): NumberType | undefined {
  const type = name.startsWith('torch.') ? name.slice('torch.'.length) : '';
  return Object.hasOwn(NUMBER_BYTES, type) ? (type as NumberType) : undefined;
}

export function callGlobal(called: PickleValue, args: PickleTuple, file: BagFile): PickleValue {
  const name = isKind(called, 'global') ? called.name : 'something without a name';
  if (name === ORDERED_DICT && args.items.length === 0) return { kind: 'dict', items: [] };
  if (name === REBUILD_V2) return rebuild(args.items.slice(0, 4), undefined, args.items.slice(6), file);
  if (name === REBUILD_V3) return rebuild(args.items.slice(0, 4), args.items[6], args.items.slice(7), file);
  throw neverRun(file, name);
}

/** ('storage', class, key, device, count) */
export function loadStorage(id: PickleValue, file: BagFile): TorchStorage {
  const [what, storage, key, , count] = isKind(id, 'tuple') ? id.items : [];
  const type = isKind(storage, 'global') ? STORAGES.get(storage.name) : undefined;
  if (what !== 'storage' || type === undefined || typeof key !== 'string' || !isCount(count))
    throw pickleWrong(file, 'the pickle refers to something outside of it that is no tensor storage');
  return { kind: 'storage', type, key, count };
}

function rebuild(
  [storage, offset, size, stride]: readonly PickleValue[],
  dtype: PickleValue | undefined,
  [metadata = null]: readonly PickleValue[],
  file: BagFile,
): TorchTensor {
  const [shape, strides] = [countsIn(size), countsIn(stride)];
  if (!isKind(storage, 'storage') || !isCount(offset) || !shape || shape.length !== strides?.length)
    throw pickleWrong(file, 'the pickle has a tensor that is not described as torch does');
  if (metadata !== null && !(isKind(metadata, 'dict') && metadata.items.length === 0))
    throw pickleWrong(file, 'its tensor is a lazy conjugate or negative view, which is not read');
  const type = storage.type ?? (isKind(dtype, 'global') ? dtypeOf(dtype.name) : undefined);
  if (!type) throw pickleWrong(file, 'the pickle has a tensor without a type');
  const storageCount = storage.type ? storage.count : storage.count / NUMBER_BYTES[type];
  const tensor: TorchTensor = {
    kind: 'tensor',
    type,
    key: storage.key,
    storageCount,
    offset,
    shape,
    strides,
  };
  refuseOutside(tensor, file);
  return tensor;
}

/** A view never reaches beyond its storage, and never makes many numbers of few. */
function refuseOutside({ shape, strides, offset, storageCount }: TorchTensor, file: BagFile): void {
  const count = countOf(shape);
  const last = shape.reduce((at, length, axis) => at + (length - 1) * strides[axis], offset);
  if (count > 0 && !(last < storageCount))
    throw pickleWrong(
      file,
      `its tensor (${shape.join(', ')}) reaches beyond the ${storageCount} stored numbers`,
    );
  if (count > storageCount)
    throw pickleWrong(
      file,
      `its tensor (${shape.join(', ')}) is expanded from ${storageCount} stored numbers: save x.contiguous()`,
    );
}

function countsIn(value: PickleValue | undefined): number[] | undefined {
  const items = isKind(value, 'tuple') ? value.items : [];
  const counts = items.filter(isCount);
  const whole = isKind(value, 'tuple') && counts.length === items.length && items.length <= MOST_AXES;
  return whole ? counts : undefined;
}

function isCount(value: PickleValue | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

type Kinds = Extract<PickleValue, { kind: string }>;

export function isKind<K extends Kinds['kind']>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<Kinds, { kind: K }> {
  return typeof value === 'object' && value !== null && value.kind === kind;
}
