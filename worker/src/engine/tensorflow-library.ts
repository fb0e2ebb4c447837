/**
 * Which TensorFlow library this process has loaded.
 * In: the process's memory map (Linux). Out: path, file name and size, or null before it is loaded.
 */
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';

export interface LoadedLibrary {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
}

/** libtensorflow_cc is in the Python wheels, libtensorflow in TensorFlow's C distribution. */
const NAME = /\S*\/libtensorflow(?:_cc)?\.(?:so|2\.dylib)\S*$/m;

export function tensorflowLibrary(): LoadedLibrary | null {
  try {
    const path = NAME.exec(readFileSync('/proc/self/maps', 'utf8'))?.[0];
    return path === undefined ? null : { path, name: basename(path), bytes: statSync(path).size };
  } catch {
    return null;
  }
}
