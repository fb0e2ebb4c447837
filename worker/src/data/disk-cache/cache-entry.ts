/**
 * One entry of the disk cache: a file that holds an object's content, and behind it a CRC-32 of it.
 * In: where, the content. Out: the content again, or null if there is none or it is damaged (it is then removed).
 * An entry appears whole, by a rename, and is never changed: readers and writers of several processes need no locks.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { orElse } from '../../storage/local-errors.js';
import { contentDigest } from '../integrity/content-digest.js';

/** Entries lie in 256 folders, by the beginning of their names. */
export const ENTRY = /^[0-9a-f]{64}\.bag$/;
/** Of a write that is under way, or whose process died. */
export const UNFINISHED = /^[0-9a-f-]{36}\.part$/;
const TRAILER_BYTES = 8;

/** Names say nothing of what they stand for: keys may hold what must not be told. */
export function entryPath(folder: string, place: string, key: string, etag: string): string {
  const name = createHash('sha256')
    .update(JSON.stringify([place, key, etag]))
    .digest('hex');
  return join(folder, name.slice(0, 2), `${name}.bag`);
}

export async function readEntry(path: string, bytes: number): Promise<Uint8Array<ArrayBuffer> | null> {
  const file = await orElse(open(path, 'r'), ['ENOENT', 'ENOTDIR'], null);
  if (file === null) return null;
  try {
    const whole = new Uint8Array(Buffer.allocUnsafeSlow(bytes + TRAILER_BYTES).buffer);
    const { size } = await file.stat();
    const { bytesRead } = await file.read(whole, 0, whole.length, 0);
    const content = whole.subarray(0, bytes);
    const trailer = Buffer.from(whole.buffer, bytes, TRAILER_BYTES).toString('latin1');
    const sound =
      size === whole.length && bytesRead === size && trailer === (await contentDigest('crc32', content));
    if (!sound) {
      await rm(path, { force: true });
      return null;
    }
    const now = new Date();
    await orElse(utimes(path, now, now), ['ENOENT', 'EPERM'], undefined); // last used now
    return content;
  } finally {
    await file.close();
  }
}

export async function writeEntry(path: string, content: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const unfinished = join(dirname(path), `${randomUUID()}.part`);
  try {
    const file = await open(unfinished, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.writeFile(Buffer.from(await contentDigest('crc32', content), 'latin1'));
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
