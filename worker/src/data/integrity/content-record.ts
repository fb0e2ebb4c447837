/**
 * What reads found: digests of contents that nothing else confirms, by object and version. Later reads compare.
 */

export interface ContentRecord {
  /** SHA-256 in hex of this version of the object, if a read has found it; null if none has. */
  found(key: string, etag: string): string | null;
  record(key: string, etag: string, sha256: string): void;
}

/** Of this process alone. */
export class MemoryContentRecord implements ContentRecord {
  readonly #digests = new Map<string, string>();

  found(key: string, etag: string): string | null {
    return this.#digests.get(`${etag} ${key}`) ?? null;
  }

  record(key: string, etag: string, sha256: string): void {
    this.#digests.set(`${etag} ${key}`, sha256);
  }
}
