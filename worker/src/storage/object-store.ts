/**
 * The storage port: bytes under keys, with conditional writes. Bags come from it, runs go to it.
 * Two adapters (a local folder, S3) pass one contract suite.
 */

export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  /** Opaque version of the content: another content has another etag. */
  readonly etag: string;
}

export interface PutCondition {
  /** Only if there is no object under this key. */
  readonly ifAbsent?: true;
  /** Only if the object has this etag. */
  readonly ifMatch?: string;
}

export interface GetOptions {
  /** First byte and number of bytes; a range that reaches past the end gives what there is. */
  readonly range?: { readonly start: number; readonly length: number };
  readonly signal?: AbortSignal;
}

export interface ReadOptions {
  /** First byte; 0 where it is left out. */
  readonly start?: number;
  /** Only this version of the content. */
  readonly ifMatch?: string;
  readonly signal?: AbortSignal;
}

/**
 * Keys are relative to the store's URI, with `/` between parts, no leading `/`, no `.` or `..` part.
 * Errors: `store-missing` (no such object, or no such bucket or folder), `store-denied`,
 * `store-conflict` (a condition of `put` did not hold), `store-unavailable` (after retries).
 * Each names the key or the store as culprit.
 */
export interface ObjectStore {
  /** `s3://bucket/prefix` or an absolute path; shown to people. */
  readonly uri: string;
  get(key: string, options?: GetOptions): Promise<{ bytes: Uint8Array; etag: string }>;
  /**
   * Fills `into` with the content from `start` on, all of one version: the way of bags, as fast as the wire.
   * `store-conflict` if the content is not (or no longer) `ifMatch`, `store-unavailable` if it ends before `into` does.
   */
  readInto(key: string, into: Uint8Array, options?: ReadOptions): Promise<{ etag: string }>;
  /** null when there is no such object. */
  head(key: string): Promise<StoredObject | null>;
  /** Whole or not at all: a reader never sees half an object. */
  put(key: string, bytes: Uint8Array, condition?: PutCondition): Promise<StoredObject>;
  /** All objects whose key begins with `prefix`, in order of their keys (UTF-8 bytes). */
  list(prefix: string): AsyncIterable<StoredObject>;
  /** The next parts after `prefix` (which ends in `/` or is empty) that have objects below them, sorted. */
  folders(prefix: string): Promise<string[]>;
  /** Deleting what is not there is no error. */
  delete(key: string): Promise<void>;
  close(): void;
}
