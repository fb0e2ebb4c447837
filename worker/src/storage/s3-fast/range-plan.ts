/**
 * How an object is cut into ranges that are fetched at once.
 * In: where the wanted bytes begin and how many they are. Out: ranges of about 8 MiB, none of them small.
 */
import type { ByteRange } from './range-answer.js';

/** One connection to S3 carries some 80 MB/s, so that several are needed for a large object; see docs/data-plane.md. */
const RANGE_BYTES = 8 << 20;

export function rangePlan(start: number, bytes: number): ByteRange[] {
  const count = Math.max(1, Math.round(bytes / RANGE_BYTES));
  const bounds = Array.from({ length: count + 1 }, (_, index) => Math.floor((bytes * index) / count));
  return bounds
    .slice(0, -1)
    .map((from, index) => ({ start: start + from, length: (bounds[index + 1] as number) - from }));
}
