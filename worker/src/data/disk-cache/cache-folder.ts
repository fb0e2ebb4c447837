/**
 * What lies in a disk cache, and making room in it. Other processes may do the same at the same time: a file that is
 * gone already is no error.
 * In: the folder. Out: its entries; or room.
 */
import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { orElse } from '../../storage/local-errors.js';
import { ENTRY, UNFINISHED } from './cache-entry.js';

export interface CacheEntry {
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly lastUsed: number;
  /** A write under way, or what is left of one. */
  readonly unfinished: boolean;
}

/** An unfinished write that is older belongs to nobody any more. */
const FORGOTTEN_MS = 60 * 60 * 1000;

export async function entriesOf(folder: string): Promise<CacheEntry[]> {
  const entries: CacheEntry[] = [];
  for (const part of await namesIn(folder)) {
    if (!/^[0-9a-f]{2}$/.test(part)) continue;
    for (const name of await namesIn(join(folder, part))) {
      if (!ENTRY.test(name) && !UNFINISHED.test(name)) continue;
      const path = join(folder, part, name);
      const status = await orElse(stat(path), ['ENOENT'], null);
      if (status)
        entries.push({
          path,
          bytes: status.size,
          lastUsed: status.mtimeMs,
          unfinished: UNFINISHED.test(name),
        });
    }
  }
  return entries;
}

/** Which entries go so that no more than `limit` bytes stay: those longest unused first. Pure. */
export function entriesToDrop(entries: readonly CacheEntry[], limit: number, now: number): CacheEntry[] {
  const forgotten = entries.filter((entry) => entry.unfinished && now - entry.lastUsed > FORGOTTEN_MS);
  const kept = entries.filter((entry) => !forgotten.includes(entry));
  let bytes = kept.reduce((sum, entry) => sum + entry.bytes, 0);
  const oldest = kept.filter(({ unfinished }) => !unfinished).sort((a, b) => a.lastUsed - b.lastUsed);
  const dropped = [...forgotten];
  for (const entry of oldest) {
    if (bytes <= limit) break;
    dropped.push(entry);
    bytes -= entry.bytes;
  }
  return dropped;
}

/** Bytes that are there afterwards. */
export async function makeRoom(folder: string, limit: number, now: number): Promise<number> {
  const entries = await entriesOf(folder);
  const dropped = entriesToDrop(entries, limit, now);
  for (const { path } of dropped) await rm(path, { force: true });
  const sum = (list: readonly CacheEntry[]) => list.reduce((bytes, entry) => bytes + entry.bytes, 0);
  return sum(entries) - sum(dropped);
}

/** Removes all entries, and nothing else that may lie there. Gives what was removed. */
export async function clearCache(folder: string): Promise<{ entries: number; bytes: number }> {
  const entries = await entriesOf(folder);
  for (const { path } of entries) await rm(path, { force: true });
  for (const part of await namesIn(folder))
    if (/^[0-9a-f]{2}$/.test(part))
      await orElse(rmdir(join(folder, part)), ['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR'], undefined);
  return { entries: entries.length, bytes: entries.reduce((sum, entry) => sum + entry.bytes, 0) };
}

function namesIn(folder: string): Promise<string[]> {
  return orElse(readdir(folder), ['ENOENT', 'ENOTDIR'], []);
}
