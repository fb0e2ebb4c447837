/**
 * What the key of an object says: its folder, and the id of the bag that it is.
 */
import { BAG_SUFFIXES } from '@bagfleet/worker/data/formats/bag-formats';

/** The folder that it lies in, without a `/` at its end; empty for the dataset's own. */
export function folderOf(key: string): string {
  return key.slice(0, Math.max(0, key.lastIndexOf('/')));
}

/** The last part of a key or folder. */
export function nameOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

/** A file's name without its folders and its ending. */
export function bagIdOf(key: string): string {
  const name = nameOf(key);
  const suffix = BAG_SUFFIXES.find((ending) => name.toLowerCase().endsWith(ending)) ?? '';
  return name.slice(0, name.length - suffix.length);
}
