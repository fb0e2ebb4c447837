/**
 * An object store in memory that keeps the port's promises, for tests of what is written against the port.
 */
import { createHash } from 'node:crypto';
import { BagfleetError } from '@bagfleet/proto/errors';
import type {
  GetOptions,
  ObjectStore,
  PutCondition,
  ReadOptions,
  StoredObject,
} from '@bagfleet/worker/storage/object-store';
import { readIntoByGet } from '@bagfleet/worker/storage/read-into-by-get';

export class MemoryStore implements ObjectStore {
  readonly uri: string;
  readonly objects = new Map<string, Uint8Array>();
  /** Keys of all `get`s and `put`s, in order: `get bags/b1.npy 0+256`, `put manifest.json`. */
  readonly calls: string[] = [];
  closed = false;

  constructor(uri = 'memory://dataset') {
    this.uri = uri;
  }

  async get(key: string, options: GetOptions = {}): Promise<{ bytes: Uint8Array; etag: string }> {
    options.signal?.throwIfAborted();
    const { range } = options;
    this.calls.push(range ? `get ${key} ${range.start}+${range.length}` : `get ${key}`);
    const whole = this.objects.get(key);
    if (!whole) throw new BagfleetError('store-missing', 'there is no such object', { culprit: key });
    const bytes = range ? whole.slice(range.start, range.start + range.length) : whole.slice();
    return { bytes, etag: etagOf(whole) };
  }

  readInto(key: string, into: Uint8Array, options?: ReadOptions): Promise<{ etag: string }> {
    return readIntoByGet(this, key, into, options);
  }

  async head(key: string): Promise<StoredObject | null> {
    const bytes = this.objects.get(key);
    return bytes ? { key, bytes: bytes.length, etag: etagOf(bytes) } : null;
  }

  async put(key: string, bytes: Uint8Array, condition: PutCondition = {}): Promise<StoredObject> {
    this.calls.push(`put ${key}`);
    const before = this.objects.get(key);
    const holds =
      (!condition.ifAbsent || !before) &&
      (condition.ifMatch === undefined || (before && etagOf(before) === condition.ifMatch));
    if (!holds) throw new BagfleetError('store-conflict', 'the condition does not hold', { culprit: key });
    this.objects.set(key, bytes.slice());
    return { key, bytes: bytes.length, etag: etagOf(bytes) };
  }

  async *list(prefix: string): AsyncIterable<StoredObject> {
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix));
    for (const key of keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
      const bytes = this.objects.get(key);
      if (bytes) yield { key, bytes: bytes.length, etag: etagOf(bytes) };
    }
  }

  async folders(prefix: string): Promise<string[]> {
    const rests = [...this.objects.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
    return [...new Set(rests.filter((rest) => rest.includes('/')).map((rest) => rest.split('/')[0]))].sort();
  }

  async delete(key: string): Promise<void> {
    this.objects.delete(key);
  }

  close(): void {
    this.closed = true;
  }
}

function etagOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
