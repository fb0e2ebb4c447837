/**
 * The storage port over S3 and servers that speak its protocol.
 * In: bucket, prefix, the job's store options. Out: an ObjectStore; nothing is sent before the first call.
 */

import type { Readable } from 'node:stream';
import type { ListObjectsV2CommandOutput, S3Client } from '@aws-sdk/client-s3';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3';
import { BagfleetError } from '@bagfleet/proto/errors';
import { caBundle } from './ca-bundle.js';
import { checkFolderPrefix, checkKey, checkPrefix, compareKeys } from './object-key.js';
import type { GetOptions, ObjectStore, PutCondition, ReadOptions, StoredObject } from './object-store.js';
import { readIntoByGet } from './read-into-by-get.js';
import { readBody } from './s3-body.js';
import type { S3Patience } from './s3-client.js';
import { s3Client, USUAL_PATIENCE } from './s3-client.js';
import type { S3Action } from './s3-errors.js';
import { isBrokenOff, isMissing, isRangeBehindEnd, s3Failure } from './s3-errors.js';
import { FastReader } from './s3-fast/fast-reader.js';
import { conditionalPut, encryptionOf } from './s3-put.js';
import { conditionFailed, objectMissing } from './store-errors.js';
import { type StoreAccess, uriOf } from './store-uri.js';

/** Times that a body which broke off is fetched again, besides the SDK's own attempts for the answer's head. */
const BODY_ATTEMPTS = 3;
const KEY_BYTES = 1024;
const LOOKS_AT_ONCE = 16;

export class S3Store implements ObjectStore {
  readonly uri: string;
  readonly #bucket: string;
  /** Empty, or ending in `/`. */
  readonly #prefix: string;
  readonly #options: StoreAccess;
  readonly #patience: S3Patience;
  readonly #client: S3Client;
  readonly #fast: FastReader;

  constructor(
    place: { bucket: string; prefix: string },
    options: StoreAccess,
    patience: S3Patience = USUAL_PATIENCE,
  ) {
    this.uri = uriOf({ kind: 's3', ...place });
    this.#bucket = place.bucket;
    this.#prefix = place.prefix === '' ? '' : `${place.prefix}/`;
    this.#options = options;
    this.#patience = patience;
    this.#client = s3Client(options, patience);
    this.#fast = new FastReader({
      ...{ client: this.#client, bucket: place.bucket, owner: options.bucketOwner },
      ...{ ca: caBundle(), patience, say: (line) => process.emitWarning(line, 'bagfleet') },
    });
  }

  async get(key: string, options: GetOptions = {}): Promise<{ bytes: Uint8Array; etag: string }> {
    const { range, signal } = options;
    if (range?.length === 0) return this.#emptyRange(key);
    const input = {
      ...this.#objectInput(key),
      ...(range === undefined ? {} : { Range: `bytes=${range.start}-${range.start + range.length - 1}` }),
    };
    return this.#explained(key, 's3:GetObject', signal, async (abortSignal) => {
      for (let attempt = 1; ; attempt++) {
        try {
          const answer = await this.#client.send(new GetObjectCommand(input), { abortSignal });
          const bytes = await readBody(answer.Body as Readable, answer.ContentLength ?? 0);
          return { bytes, etag: answer.ETag ?? '' };
        } catch (error) {
          if (isRangeBehindEnd(error)) return this.#emptyRange(key);
          if (attempt === BODY_ATTEMPTS || abortSignal.aborted || !isBrokenOff(error)) throw error;
        }
      }
    });
  }

  async readInto(key: string, into: Uint8Array, options: ReadOptions = {}): Promise<{ etag: string }> {
    const { Key } = this.#objectInput(key);
    const outcome = await this.#explained(key, 's3:GetObject', options.signal, (signal) =>
      this.#fast.read(Key, into, { ...options, signal }),
    );
    if (outcome.kind === 'read') return { etag: outcome.etag };
    if (outcome.kind === 'changed')
      throw conditionFailed(this.#uriOf(key), { ifMatch: options.ifMatch ?? '' });
    const read = await readIntoByGet(this, key, into, options);
    this.#fast.missed();
    return read;
  }

  async head(key: string): Promise<StoredObject | null> {
    const input = this.#objectInput(key);
    return this.#explained(key, 's3:GetObject', undefined, async (abortSignal) => {
      try {
        const answer = await this.#client.send(new HeadObjectCommand(input), { abortSignal });
        return { key, bytes: answer.ContentLength ?? 0, etag: answer.ETag ?? '' };
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    });
  }

  async put(key: string, bytes: Uint8Array, condition: PutCondition = {}): Promise<StoredObject> {
    const input = {
      ...this.#objectInput(key),
      Body: bytes,
      ContentLength: bytes.length,
      ...encryptionOf(this.#options),
    };
    return this.#explained(key, 's3:PutObject', undefined, async (abortSignal) => {
      const etag = await conditionalPut(this.#client, input, condition, this.#uriOf(key), abortSignal);
      return { key, bytes: bytes.length, etag };
    });
  }

  /** All pages are read before the first object is given: not every server lists in the order of the keys. */
  async *list(prefix: string): AsyncGenerator<StoredObject> {
    checkPrefix(prefix);
    const found: StoredObject[] = [];
    for await (const page of this.#pages({ prefix }))
      for (const { Key, Size, ETag } of page.Contents ?? [])
        if (Key !== undefined && !Key.endsWith('/'))
          found.push({ key: Key.slice(this.#prefix.length), bytes: Size ?? 0, etag: ETag ?? '' });
    yield* found.sort((a, b) => compareKeys(a.key, b.key));
  }

  /** Servers that keep folders of their own list one for a while after its last object: each is looked into. */
  async folders(prefix: string): Promise<string[]> {
    checkFolderPrefix(prefix);
    const names = new Set<string>();
    for await (const page of this.#pages({ prefix, delimiter: '/' }))
      for (const { Prefix } of page.CommonPrefixes ?? [])
        if (Prefix !== undefined) names.add(Prefix.slice(this.#prefix.length + prefix.length, -1));
    names.delete('');
    const found = [...names].sort(compareKeys);
    const inhabited: boolean[] = [];
    for (let at = 0; at < found.length; at += LOOKS_AT_ONCE)
      inhabited.push(
        ...(await Promise.all(
          found.slice(at, at + LOOKS_AT_ONCE).map((name) => this.#hasObject(`${prefix}${name}/`)),
        )),
      );
    return found.filter((_, index) => inhabited[index]);
  }

  async delete(key: string): Promise<void> {
    const input = this.#objectInput(key);
    await this.#explained(key, 's3:DeleteObject', undefined, async (abortSignal) => {
      try {
        await this.#client.send(new DeleteObjectCommand(input), { abortSignal });
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    });
  }

  close(): void {
    this.#fast.close();
    this.#client.destroy();
  }

  async #emptyRange(key: string): Promise<{ bytes: Uint8Array; etag: string }> {
    const object = await this.head(key);
    if (object === null) throw objectMissing(this.#uriOf(key));
    return { bytes: new Uint8Array(0), etag: object.etag };
  }

  async #hasObject(prefix: string): Promise<boolean> {
    for await (const page of this.#pages({ prefix, pageSize: 1 })) if (page.Contents?.length) return true;
    return false;
  }

  async *#pages(what: {
    prefix: string;
    delimiter?: string;
    pageSize?: number;
  }): AsyncGenerator<ListObjectsV2CommandOutput> {
    const { prefix, delimiter, pageSize } = what;
    let token: string | undefined;
    do {
      const input = {
        Bucket: this.#bucket,
        Prefix: this.#prefix + prefix,
        Delimiter: delimiter,
        MaxKeys: pageSize,
        ContinuationToken: token,
        ...this.#owner(),
      };
      const page = await this.#explained(prefix, 's3:ListBucket', undefined, (abortSignal) =>
        this.#client.send(new ListObjectsV2Command(input), { abortSignal }),
      );
      yield page;
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  /** Runs one operation under its deadline; whatever fails leaves as a BagfleetError, or as the caller's abort. */
  async #explained<T>(
    key: string,
    action: S3Action,
    signal: AbortSignal | undefined,
    work: (abortSignal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const deadline = AbortSignal.timeout(this.#patience.operationMs);
    try {
      signal?.throwIfAborted();
      return await work(signal ? AbortSignal.any([signal, deadline]) : deadline);
    } catch (error) {
      signal?.throwIfAborted();
      const subject = {
        bucket: this.#bucket,
        uri: this.#uriOf(key),
        endpoint: this.#options.endpoint,
        action,
      };
      throw s3Failure(deadline.aborted ? deadline.reason : error, subject);
    }
  }

  #objectInput(key: string): { Bucket: string; Key: string; ExpectedBucketOwner?: string } {
    checkKey(key);
    const whole = this.#prefix + key;
    if (Buffer.byteLength(whole) > KEY_BYTES)
      throw new BagfleetError('usage', `the key is longer than ${KEY_BYTES} bytes`, {
        culprit: this.#uriOf(key),
        hint: 'Choose a shorter prefix for the store.',
      });
    return { Bucket: this.#bucket, Key: whole, ...this.#owner() };
  }

  #owner(): { ExpectedBucketOwner?: string } {
    return this.#options.bucketOwner === null ? {} : { ExpectedBucketOwner: this.#options.bucketOwner };
  }

  #uriOf(key: string): string {
    return `s3://${this.#bucket}/${this.#prefix}${key}`;
  }
}
