/**
 * The storage port over a folder on disk: an object is a file, a part of its key is a folder.
 * In: an absolute path, which need not be there before the first put. Out: an ObjectStore.
 * Writes appear whole (local-draft.ts) and in turns (local-turn.ts); working files are in no listing.
 */
import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sweepDrafts } from './local-draft.js';
import { errnoOf, localFailure, orElse } from './local-errors.js';
import { fillFrom, readRange } from './local-read.js';
import type { TurnPatience } from './local-turn.js';
import { publish, USUAL_PATIENCE, withdraw } from './local-turn.js';
import { etagOf } from './local-version.js';
import { filesBelow, foldersBelow } from './local-walk.js';
import { checkFolderPrefix, checkKey, checkPrefix } from './object-key.js';
import type { GetOptions, ObjectStore, PutCondition, ReadOptions, StoredObject } from './object-store.js';
import { conditionFailed, endsEarly, objectMissing } from './store-errors.js';

export class LocalStore implements ObjectStore {
  readonly uri: string;
  readonly #patience: TurnPatience;
  readonly #swept = new Set<string>();

  constructor(root: string, patience: TurnPatience = USUAL_PATIENCE) {
    this.uri = root;
    this.#patience = patience;
  }

  async get(key: string, options: GetOptions = {}): Promise<{ bytes: Uint8Array; etag: string }> {
    return this.#opened(key, options.signal, async (file, status) => ({
      bytes: await readRange(file, Number(status.size), options),
      etag: etagOf(status),
    }));
  }

  async readInto(key: string, into: Uint8Array, options: ReadOptions = {}): Promise<{ etag: string }> {
    const { start = 0, ifMatch, signal } = options;
    return this.#opened(key, signal, async (file, status) => {
      const etag = etagOf(status);
      if (ifMatch !== undefined && etag !== ifMatch) throw conditionFailed(this.#pathOf(key), { ifMatch });
      const filled = await fillFrom(file, into, start, signal);
      if (filled < into.length) throw endsEarly(this.#pathOf(key), start + filled);
      return { etag };
    });
  }

  async head(key: string): Promise<StoredObject | null> {
    const path = this.#pathOf(key);
    return explained(path, async () => {
      const status = await orElse(stat(path, { bigint: true }), ['ENOENT', 'ENOTDIR'], null);
      return status?.isFile() ? { key, bytes: Number(status.size), etag: etagOf(status) } : null;
    });
  }

  async put(key: string, bytes: Uint8Array, condition: PutCondition = {}): Promise<StoredObject> {
    const path = this.#pathOf(key);
    return explained(path, async () => {
      const etag = await inFolder(dirname(path), async () => {
        await this.#sweepOnce(dirname(path));
        return publish(path, bytes, condition, this.#patience);
      });
      await syncFolder(dirname(path));
      return { key, bytes: bytes.length, etag };
    });
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    checkPrefix(prefix);
    try {
      for await (const { key, status } of filesBelow(this.uri, prefix))
        yield { key, bytes: Number(status.size), etag: etagOf(status) };
    } catch (error) {
      throw localFailure(error, join(this.uri, prefix));
    }
  }

  async folders(prefix: string): Promise<string[]> {
    checkFolderPrefix(prefix);
    return explained(join(this.uri, prefix), () => foldersBelow(this.uri, prefix));
  }

  async delete(key: string): Promise<void> {
    const path = this.#pathOf(key);
    await explained(path, async () => {
      await withdraw(path, this.#patience);
      await this.#removeEmptyFolders(dirname(path));
    });
  }

  close(): void {}

  async #opened<T>(
    key: string,
    signal: AbortSignal | undefined,
    read: (file: FileHandle, status: BigIntStats) => Promise<T>,
  ): Promise<T> {
    const path = this.#pathOf(key);
    signal?.throwIfAborted();
    return explained(path, async () => {
      const file = await orElse(open(path, 'r'), ['ENOENT', 'ENOTDIR'], null);
      if (file === null) throw objectMissing(path);
      try {
        const status = await file.stat({ bigint: true });
        if (!status.isFile()) throw objectMissing(path);
        return await read(file, status);
      } finally {
        await file.close();
      }
    });
  }

  #pathOf(key: string): string {
    checkKey(key);
    return join(this.uri, key);
  }

  async #sweepOnce(folder: string): Promise<void> {
    if (this.#swept.has(folder)) return;
    this.#swept.add(folder);
    await sweepDrafts(folder, Date.now());
  }

  /** From `folder` up to, but not including, the root. */
  async #removeEmptyFolders(folder: string): Promise<void> {
    for (let at = folder; at.length > this.uri.length; at = dirname(at)) {
      const removed = await orElse(
        rmdir(at).then(() => true),
        ['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR'],
        false,
      );
      if (!removed) return;
      this.#swept.delete(at);
    }
  }
}

async function explained<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw localFailure(error, path);
  }
}

/** Runs `work` in a folder that is made if need be, again if a delete elsewhere removed it as empty. */
async function inFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    await makeFolder(folder);
    try {
      return await work();
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT' || attempt === 100) throw error;
    }
  }
}

/** Makes a folder and those above it, each entry synced: what is in a synced file must be findable too. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await orElse(open(folder, 'r'), ['ENOENT', 'EACCES'], null);
  if (handle === null) return;
  try {
    await orElse(handle.sync(), ['EINVAL', 'ENOTSUP'], undefined); // some file systems can't, and need not
  } finally {
    await handle.close();
  }
}
