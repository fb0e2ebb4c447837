/**
 * Reads the weights that another tool saved: a safetensors file, or a state dict by torch.save.
 * In: a path. Out: the tensors by name as float32, and what was taken off or converted, in sentences.
 * Nothing of a pickle is run (data/torch/unpickle.ts).
 */
import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { BagfleetError } from '@bagfleet/proto/errors';
import { bytesInMemory } from '../../data/formats/byte-sources.js';
import { toFiniteFloat32 } from '../../data/formats/convert-numbers.js';
import { countOf, type NamedArrays } from '../../data/formats/stored-array.js';
import { openSafetensors } from '../../data/safetensors/safetensors-arrays.js';
import type { PickleValue } from '../../data/torch/pickle-values.js';
import { openTorch } from '../../data/torch/torch-archive.js';
import { torchArrays } from '../../data/torch/torch-arrays.js';
import { isKind } from '../../data/torch/torch-globals.js';
import { localFailure } from '../../storage/local-errors.js';
import { sha256Of } from '../checkpoint-files.js';
import type { StateDict, Weights } from './state-dict.js';

interface NamedWeights {
  readonly tensors: StateDict;
  readonly remarks: readonly string[];
}

export interface ForeignWeights extends NamedWeights {
  /** Of the file. */
  readonly sha256: string;
}

interface OpenedFile {
  readonly arrays: NamedArrays;
  readonly remarks: readonly string[];
}

/** Under which training scripts keep the state dict beside epoch and optimizer, the first that is there. */
const NESTED = ['state_dict', 'model_state_dict', 'model'];
/** Of torch.nn.DataParallel. */
const WRAPPER = 'module.';
const TORCH_ENDINGS = ['.pt', '.pth', '.bin', '.ckpt'];

/** @throws BagfleetError `checkpoint-missing`, or `checkpoint-corrupt` naming file and tensor */
export async function readStateDict(path: string): Promise<ForeignWeights> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw localFailure(error, path);
  });
  try {
    const { arrays, remarks } = await open(path, bytes);
    const tensors = new Map<string, Weights>();
    const converted = new Set<string>();
    for (const name of arrays.names) {
      const { type, shape, read } = await arrays.array(name);
      if (type !== 'float32') converted.add(type);
      const refuse = (index: number, value: number) =>
        corrupt(path, `its tensor ${name} has ${value} at ${index}`);
      const data = await toFiniteFloat32(await read(), type, countOf(shape), refuse);
      tensors.set(name, { shape, data });
    }
    const unwrapped = withoutWrapper(tensors);
    return {
      sha256: sha256Of(bytes),
      tensors: unwrapped.tensors,
      remarks: [
        ...remarks,
        ...unwrapped.remarks,
        ...(converted.size > 0 ? [`${[...converted].join(' and ')} became float32`] : []),
      ],
    };
  } catch (error) {
    if (error instanceof BagfleetError && error.code.startsWith('bag-'))
      throw corrupt(path, error.message, error);
    throw error;
  }
}

async function open(path: string, bytes: Uint8Array): Promise<OpenedFile> {
  const file = { bag: basename(path), file: path };
  const ending = extname(path).toLowerCase();
  if (ending === '.safetensors')
    return { arrays: await openSafetensors(bytesInMemory(bytes), file), remarks: [] };
  if (!TORCH_ENDINGS.includes(ending))
    throw corrupt(path, `it is none of .safetensors, ${TORCH_ENDINGS.join(', ')}`);
  const archive = await openTorch(bytesInMemory(bytes), file);
  const { content, key } = stateDictIn(archive.content);
  const remarks = key === null ? [] : [`the state dict lies under "${key}"`];
  return { arrays: torchArrays({ ...archive, content }, file), remarks };
}

function stateDictIn(content: PickleValue): { content: PickleValue; key: string | null } {
  if (!isKind(content, 'dict')) return { content, key: null };
  for (const key of NESTED) {
    const at = content.items.findIndex((item, i) => i % 2 === 0 && item === key);
    if (at >= 0 && isKind(content.items[at + 1], 'dict')) return { content: content.items[at + 1], key };
  }
  return { content, key: null };
}

function withoutWrapper(tensors: StateDict): NamedWeights {
  const names = [...tensors.keys()];
  if (names.length === 0 || !names.every((name) => name.startsWith(WRAPPER))) return { tensors, remarks: [] };
  const shorter = [...tensors].map(([name, weights]) => [name.slice(WRAPPER.length), weights] as const);
  return { tensors: new Map(shorter), remarks: [`"${WRAPPER}" was taken off all names`] };
}

function corrupt(path: string, message: string, cause?: unknown): BagfleetError {
  return new BagfleetError('checkpoint-corrupt', message, {
    culprit: path,
    hint: 'Save the weights with safetensors.torch.save_file(model.state_dict(), file) or torch.save(model.state_dict(), file).',
    cause,
  });
}
