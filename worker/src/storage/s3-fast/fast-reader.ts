/**
 * Objects of a bucket into memory that is there already, as fast as the wire: ranges on several connections at once.
 * In: the SDK's client, which knows endpoint, region and credentials. Out: the version that was read, or that the SDK
 * has to read this object: it can do everything, and says what is wrong where something is.
 */
import type { S3Client } from '@aws-sdk/client-s3';
import type { ReadOptions } from '../object-store.js';
import { ConnectionPool } from './connection-pool.js';
import { objectPath } from './object-path.js';
import type { FastPatience } from './patience.js';
import type { ByteRange } from './range-answer.js';
import { rangePlan } from './range-plan.js';
import { type RangeOutcome, type RangeReading, readRange } from './read-range.js';
import { type SdkRequest, sdkRequest } from './sdk-request.js';
import { signedGet } from './signed-get.js';

export interface FastReaderRequest {
  readonly client: S3Client;
  readonly bucket: string;
  /** Account that the bucket has to belong to. */
  readonly owner: string | null;
  /** Certificates that are trusted instead of the usual ones (PEM). */
  readonly ca: string | undefined;
  readonly patience: FastPatience;
  /** Gets one line if all reads go through the SDK from now on. */
  readonly say: (line: string) => void;
}

interface Server {
  readonly asks: SdkRequest;
  readonly pool: ConnectionPool;
}

/** So many objects in a row that the SDK could read and this could not: it is left to the SDK. */
const MOST_MISSES = 3;

export class FastReader {
  readonly #request: FastReaderRequest;
  #server: Promise<Server | null> | undefined;
  #misses = 0;

  constructor(request: FastReaderRequest) {
    this.#request = request;
  }

  /** `key` is whole, with the store's prefix. */
  async read(
    key: string,
    into: Uint8Array,
    options: ReadOptions & { readonly signal: AbortSignal },
  ): Promise<RangeOutcome> {
    const server = into.length === 0 ? null : await this.#connected();
    if (server === null) return { kind: 'unread', error: null };
    const reading = this.#reading(server, key, options.signal);
    const outcome = await readAll(reading, rangePlan(options.start ?? 0, into.length), into, options.ifMatch);
    if (outcome.kind === 'read') this.#misses = 0;
    return outcome;
  }

  /** The SDK has read what could not be read here. */
  missed(): void {
    if (this.#misses >= MOST_MISSES || ++this.#misses < MOST_MISSES) return;
    this.#leaveToSdk('the server answers it otherwise than the SDK');
  }

  close(): void {
    this.#server?.then((server) => server?.pool.close()).catch(() => {});
  }

  #connected(): Promise<Server | null> {
    this.#server ??= this.#connect().catch((error: unknown) => {
      this.#server = undefined; // no credentials yet, for example: the SDK says so, and the next read asks again
      void error;
      return null;
    });
    return this.#server;
  }

  async #connect(): Promise<Server | null> {
    const { client, bucket, ca, patience } = this.#request;
    const asks = await sdkRequest(client, bucket);
    if (typeof asks === 'string') {
      this.#say(asks);
      return null;
    }
    const address = { tls: asks.tls, host: asks.hostname, port: asks.port, ca };
    return { asks, pool: new ConnectionPool(address, patience) };
  }

  #reading({ asks, pool }: Server, key: string, signal: AbortSignal): RangeReading {
    const { client, owner, patience } = this.#request;
    const path = asks.pathPrefix + objectPath(key);
    const request = async ({ start, length }: ByteRange, ifMatch: string | undefined) => {
      const headers = {
        range: `bytes=${start}-${start + length - 1}`,
        ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
        ...(owner === null ? {} : { 'x-amz-expected-bucket-owner': owner }),
      };
      const { host, region } = asks;
      const now = Date.now() + client.config.systemClockOffset;
      return signedGet({ host, path, headers, region }, await client.config.credentials(), now);
    };
    return { pool, patience, request, signal };
  }

  #leaveToSdk(why: string): void {
    this.close();
    this.#server = Promise.resolve(null);
    this.#say(why);
  }

  #say(why: string): void {
    this.#request.say(
      `s3://${this.#request.bucket}: objects are read by the AWS SDK, which is slower: ${why}`,
    );
  }
}

/** All ranges are of one version: the one that is asked for, or the one that the first range is of. */
async function readAll(
  reading: RangeReading,
  [first, ...others]: readonly ByteRange[],
  into: Uint8Array,
  ifMatch: string | undefined,
): Promise<RangeOutcome> {
  if (first === undefined) return { kind: 'unread', error: null };
  const part = ({ start, length }: ByteRange) =>
    into.subarray(start - first.start, start - first.start + length);
  const read = (range: ByteRange, version: string | undefined) =>
    readRange(reading, range, part(range), version);
  if (ifMatch !== undefined)
    return worst(await Promise.all([first, ...others].map((range) => read(range, ifMatch))));
  const outcome = await read(first, undefined);
  if (outcome.kind !== 'read') return outcome;
  return worst([outcome, ...(await Promise.all(others.map((range) => read(range, outcome.etag))))]);
}

function worst(outcomes: readonly RangeOutcome[]): RangeOutcome {
  const order = ['changed', 'unread', 'read'];
  return outcomes.reduce((a, b) => (order.indexOf(b.kind) < order.indexOf(a.kind) ? b : a));
}
