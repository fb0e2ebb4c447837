/**
 * Which files of a bag show the same slide: instances of different slides have no common coordinates.
 * In: the bag's files in their order, and where the instances of each begin. Out: where those of each slide begin.
 */
import type { BagPart } from '@bagfleet/proto/dataset-manifest';
import { IMAGE_SUFFIXES } from '../tiles/tile-names.js';

/** Files that follow each other are one slide if they are images of one folder; any other file is one of its own. */
export function slidesOf(parts: readonly BagPart[], offsets: readonly number[]): number[] {
  const begins = offsets
    .slice(0, parts.length)
    .filter((_, i) => i === 0 || !isSameSlide(parts[i - 1].key, parts[i].key));
  return [...begins, offsets[parts.length]];
}

function isSameSlide(a: string, b: string): boolean {
  return isImage(a) && isImage(b) && folderOf(a) === folderOf(b);
}

function isImage(key: string): boolean {
  return IMAGE_SUFFIXES.some((suffix) => key.toLowerCase().endsWith(suffix));
}

function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1);
}
