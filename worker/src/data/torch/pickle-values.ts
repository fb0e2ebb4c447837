/**
 * What a pickle of tensors, numbers and text can hold. Values may be shared and lists may hold themselves: nothing
 * that looks at them goes deeper than one level.
 */
import type { NumberType } from '../formats/stored-array.js';

export type PickleValue =
  | null
  | boolean
  | number
  | string
  | PickleGlobal
  | PickleList
  | PickleTuple
  | PickleDict
  | TorchStorage
  | TorchTensor;

/** A name of Python's that is on our list; never Python's own object. */
export interface PickleGlobal {
  readonly kind: 'global';
  readonly name: string;
}

export interface PickleList {
  readonly kind: 'list';
  readonly items: PickleValue[];
}

export interface PickleTuple {
  readonly kind: 'tuple';
  readonly items: readonly PickleValue[];
}

/** dict and OrderedDict: key, value, key, value, …; of equal keys the last counts. */
export interface PickleDict {
  readonly kind: 'dict';
  readonly items: PickleValue[];
}

/** A record of the archive, read as numbers. */
export interface TorchStorage {
  readonly kind: 'storage';
  /** null: bytes, whose type the tensor names. */
  readonly type: NumberType | null;
  /** The record's name: `0` for archive/data/0. */
  readonly key: string;
  /** Numbers in it; bytes where there is no type. */
  readonly count: number;
}

/** A view of a storage. All numbers are whole, not negative, and within the storage. */
export interface TorchTensor {
  readonly kind: 'tensor';
  readonly type: NumberType;
  readonly key: string;
  /** Numbers of this type in the whole storage. */
  readonly storageCount: number;
  /** Number of the storage that is the tensor's first; then those that its strides lead to. */
  readonly offset: number;
  readonly shape: readonly number[];
  /** Per axis, in numbers. */
  readonly strides: readonly number[];
}
