/**
 * What a run's reads found, kept in the run's folder: a worker that is started later, or a run that is resumed,
 * compares with it, and need not read twice what was read before.
 * In: the run's folder. Out: a ContentRecord. Each process writes a file of its own, whole, a while after something
 * was found; names in it are digests, so it tells nothing of keys. What cannot be written is told once: it saves
 * reads, and no result depends on it.
 */
import { createHash, randomUUID } from 'node:crypto';
import { RUN_FILES } from '@bagfleet/proto';
import { z } from 'zod';
import type { ObjectStore } from '../../storage/object-store.js';
import type { ContentRecord } from './content-record.js';

const digests = z.record(z.string().regex(/^[0-9a-f]{64}$/), z.string().regex(/^[0-9a-f]{64}$/));
const PAUSE_MS = 5_000;

export class RunContentRecord implements ContentRecord {
  readonly #store: ObjectStore;
  readonly #key = `${RUN_FILES.content}${randomUUID()}.json`;
  readonly #found = new Map<string, string>();
  readonly #own = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #complained = false;

  private constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** With all that earlier readers of the run have found. */
  static async open(store: ObjectStore): Promise<RunContentRecord> {
    const record = new RunContentRecord(store);
    for await (const { key } of store.list(RUN_FILES.content)) {
      const { bytes } = await store.get(key);
      for (const [name, sha256] of Object.entries(parsed(bytes))) record.#found.set(name, sha256);
    }
    return record;
  }

  found(key: string, etag: string): string | null {
    return this.#found.get(nameOf(key, etag)) ?? null;
  }

  record(key: string, etag: string, sha256: string): void {
    this.#found.set(nameOf(key, etag), sha256);
    this.#own.set(nameOf(key, etag), sha256);
    this.#timer ??= setTimeout(() => void this.#write(), PAUSE_MS).unref();
  }

  /** Writes what is not written yet. */
  async close(): Promise<void> {
    if (this.#timer !== undefined) await this.#write();
  }

  async #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      await this.#store.put(this.#key, Buffer.from(JSON.stringify(Object.fromEntries(this.#own))));
    } catch (thrown) {
      if (!this.#complained) console.error(`what was read can't be recorded: ${String(thrown)}`);
      this.#complained = true;
    }
  }
}

function nameOf(key: string, etag: string): string {
  return createHash('sha256')
    .update(JSON.stringify([key, etag]))
    .digest('hex');
}

/** A file that is damaged saves no reads. */
function parsed(bytes: Uint8Array): z.infer<typeof digests> {
  try {
    return digests.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    return {};
  }
}
