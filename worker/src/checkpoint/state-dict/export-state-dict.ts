/**
 * A checkpoint's weights as one file for another tool.
 * In: a located checkpoint, a layout. Out: the bytes of a safetensors file; in our own layout those of model.safetensors.
 */
import { MODEL_FILE } from '../checkpoint-files.js';
import type { LocatedCheckpoint } from '../locate-checkpoint.js';
import { readVerified } from '../read-checkpoint.js';
import { readSafetensors } from '../read-safetensors.js';
import { writeSafetensors } from '../write-safetensors.js';
import { type Layout, toLayout } from './layouts.js';
import type { Weights } from './state-dict.js';

/** Errors: `checkpoint-corrupt`, `usage` for a model that the layout does not have. */
export async function exportStateDict(place: LocatedCheckpoint, layout: Layout): Promise<Uint8Array> {
  const bytes = await readVerified(place, MODEL_FILE);
  const { tensors, metadata } = readSafetensors(bytes, `${place.uri}/${MODEL_FILE}`);
  const ours = new Map<string, Weights>();
  for (const [name, { shape, data }] of tensors)
    if (data instanceof Float32Array) ours.set(name, { shape, data });
  const theirs = toLayout(layout, place.manifest.job.model.name, ours);
  if (theirs === ours) return bytes;
  return writeSafetensors(
    [...theirs].map(([name, weights]) => ({ name, ...weights })),
    metadata,
  );
}
