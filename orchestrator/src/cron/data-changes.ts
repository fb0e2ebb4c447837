/**
 * What a manifest has that an earlier one had not. Pure.
 * In: entries before and now. Out: counts by bag id; changed is another label, side, patient, place or size.
 */
import type { BagEntry } from '@bagfleet/proto';

export interface DataChanges {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

export function changesOf(before: readonly BagEntry[], now: readonly BagEntry[]): DataChanges {
  const earlier = new Map(before.map((bag) => [bag.id, essence(bag)]));
  const added = now.filter(({ id }) => !earlier.has(id)).length;
  const changed = now.filter((bag) => earlier.has(bag.id) && earlier.get(bag.id) !== essence(bag)).length;
  return { added, changed, removed: before.length - (now.length - added) };
}

function essence({ id, key, bytes, instances, label, split, patient }: BagEntry): string {
  return JSON.stringify([id, key, bytes, instances, label, split, patient ?? null]);
}
