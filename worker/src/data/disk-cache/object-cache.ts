/** Contents of objects kept nearer than the store: the port that reading bags knows. */

export interface ObjectCache {
  /** The content of this version, checked, or null if it is not kept. Never fails. */
  get(key: string, etag: string, bytes: number): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Keeps a content that was checked; resolves when more may come. Never fails. */
  put(key: string, etag: string, content: Uint8Array): Promise<void>;
}

export const NO_CACHE: ObjectCache = {
  get: async () => null,
  put: async () => undefined,
};
