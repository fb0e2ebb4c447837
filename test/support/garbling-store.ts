/**
 * A store whose answers are garbled by a script: the link between it and its reader is not to be trusted.
 * In: the store behind it, and which reads are garbled. Out: a store whose `readInto` flips a byte in those.
 */
import type { ReadOptions } from '@bagfleet/worker/storage/object-store';
import { MemoryStore } from './memory-store.js';

export class GarblingStore extends MemoryStore {
  /** Reads of content so far. */
  reads = 0;
  /** Instead of the digest that MemoryStore gives: what S3 calls an etag. */
  etag: string | null = null;
  readonly #garbles: (nth: number) => boolean;

  /** `garbles` is asked with the number of each read, from 1. */
  constructor(garbles: (nth: number) => boolean) {
    super('s3://bags/slides');
    this.#garbles = garbles;
  }

  override async readInto(
    key: string,
    into: Uint8Array,
    options: ReadOptions = {},
  ): Promise<{ etag: string }> {
    const nth = ++this.reads;
    const { ifMatch: _, ...rest } = options;
    const answer = await super.readInto(key, into, this.etag === null ? options : rest);
    if (into.length > 0 && this.#garbles(nth)) into[(nth * 7919) % into.length] ^= 1 << (nth % 8);
    return this.etag === null ? answer : { etag: this.etag };
  }

  override async head(key: string) {
    const found = await super.head(key);
    return found && { ...found, etag: this.etag ?? found.etag };
  }
}
