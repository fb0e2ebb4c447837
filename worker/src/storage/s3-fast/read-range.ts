/**
 * One range of an object, asked for until it is there.
 * In: connections, how a request is written, the range and its destination. Out: the version that was read.
 *
 * What came before a connection broke is kept: the next request asks for the rest, of the same version.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, Exchange } from './connection.js';
import type { ConnectionPool } from './connection-pool.js';
import { type FastPatience, isTooSlow, pauseBefore } from './patience.js';
import type { ByteRange } from './range-answer.js';

export type RangeOutcome =
  | { readonly kind: 'read'; readonly etag: string }
  | { readonly kind: 'changed' }
  /** The SDK is to try, which may know better: what the last attempt ran into, if it was an error. */
  | { readonly kind: 'unread'; readonly error: Error | null };

export interface RangeReading {
  readonly pool: ConnectionPool;
  readonly patience: FastPatience;
  /** A signed request for a range of the object, of the version `ifMatch` if it is given. */
  readonly request: (range: ByteRange, ifMatch: string | undefined) => Promise<string>;
  readonly signal: AbortSignal;
}

const LOOK_MS = 1_000;

export async function readRange(
  reading: RangeReading,
  range: ByteRange,
  into: Uint8Array,
  ifMatch?: string,
): Promise<RangeOutcome> {
  let done = 0;
  let version = ifMatch;
  for (let failed = 0; ; ) {
    const rest = { start: range.start + done, length: range.length - done };
    const { exchange, wasReused } = await ask(reading, rest, into.subarray(done), version, failed);
    reading.signal.throwIfAborted();
    if (exchange.end === 'answered' && exchange.verdict.kind === 'body')
      return { kind: 'read', etag: exchange.verdict.etag };
    if (exchange.end === 'answered' && exchange.verdict.kind === 'changed') return { kind: 'changed' };
    if (exchange.end === 'answered' && exchange.verdict.kind === 'other')
      return { kind: 'unread', error: null };

    if (exchange.end === 'broken') {
      done += exchange.received;
      if (exchange.etag !== null) version = exchange.etag;
      if (exchange.silent && wasReused) continue; // the server had closed a connection that lay idle
    }
    failed++;
    const asked =
      exchange.end === 'answered' && exchange.verdict.kind === 'busy' ? exchange.verdict.pauseMs : 0;
    if (failed >= reading.patience.attempts)
      return { kind: 'unread', error: exchange.end === 'broken' ? exchange.error : null };
    await sleep(pauseBefore(failed, asked, Math.random()), undefined, { signal: reading.signal });
  }
}

async function ask(
  { pool, patience, request, signal }: RangeReading,
  range: ByteRange,
  into: Uint8Array,
  ifMatch: string | undefined,
  failed: number,
): Promise<{ exchange: Exchange; wasReused: boolean }> {
  const text = await request(range, ifMatch);
  const connection = await pool.take();
  const wasReused = connection.isReused;
  const stopWatching = watch(connection, patience.attempts - failed - 1, signal);
  try {
    return { exchange: await connection.exchange(text, range, into), wasReused };
  } finally {
    stopWatching();
    pool.give(connection);
  }
}

/** Ends a connection that is too slow, or that nobody wants any more. */
function watch(connection: Connection, attemptsLeft: number, signal: AbortSignal): () => void {
  const begun = performance.now();
  const looks = setInterval(() => {
    if (isTooSlow(connection.received, performance.now() - begun, attemptsLeft))
      connection.end(new Error('the connection was too slow'));
  }, LOOK_MS);
  const abort = () => connection.end(new Error('nobody waits any more'));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  return () => {
    clearInterval(looks);
    signal.removeEventListener('abort', abort);
  };
}
