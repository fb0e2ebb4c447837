/**
 * A draft: the next content of a file, on disk and synced, but not yet under its name.
 * In: the folder of the file and the bytes. Out: a folder of the draft's own with one file in it.
 * A process that dies leaves its draft behind: it is in no listing, and whoever writes there later sweeps it.
 */
import { randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { orElse } from './local-errors.js';
import { etagOf, timeOfWriting } from './local-version.js';
import { WORKING_PREFIX } from './object-key.js';

export interface Draft {
  /** Name of the one file in `folder`; no other draft has it. */
  readonly name: string;
  readonly folder: string;
}

const SLICE = 1 << 30;
/** A draft that is older than this belongs to nobody any more. */
const FORGOTTEN_MS = 60 * 60 * 1000;

/** Writes `bytes` next to where they shall lie. `parent` must be there. */
export async function writeDraft(
  parent: string,
  bytes: Uint8Array,
): Promise<Draft & { readonly etag: string }> {
  const { value, ...draft } = await draftOf(parent, async (file) => {
    for (let at = 0; at < bytes.length; at += SLICE) await file.writeFile(bytes.subarray(at, at + SLICE));
    const now = timeOfWriting();
    await file.utimes(now, now);
    await file.sync();
    return etagOf(await file.stat({ bigint: true }));
  });
  return { ...draft, etag: value };
}

/** A draft without content, for taking a turn only. */
export async function emptyDraft(parent: string): Promise<Draft> {
  const { name, folder } = await draftOf(parent, async () => null);
  return { name, folder };
}

async function draftOf<T>(
  parent: string,
  fill: (file: FileHandle) => Promise<T>,
): Promise<Draft & { value: T }> {
  const name = randomUUID();
  const folder = join(parent, `${WORKING_PREFIX}${name}`);
  await mkdir(folder);
  try {
    const file = await open(join(folder, name), 'wx');
    try {
      return { name, folder, value: await fill(file) };
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Removes what killed processes left in `parent` more than an hour ago. */
export async function sweepDrafts(parent: string, now: number): Promise<void> {
  for (const name of await orElse(readdir(parent), ['ENOENT', 'ENOTDIR'], [])) {
    if (!name.startsWith(WORKING_PREFIX)) continue;
    const path = join(parent, name);
    const status = await orElse(stat(path), ['ENOENT'], null);
    if (status && now - status.mtimeMs > FORGOTTEN_MS) await rm(path, { recursive: true, force: true });
  }
}
