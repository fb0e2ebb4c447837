/**
 * A digest of an object's content, in turns: heartbeats of the same thread are not held up by a large bag.
 * In: bytes, which digest. Out: lower-case hex. An abort is noticed between two turns.
 */
import { createHash } from 'node:crypto';
import { setImmediate as letOthersRun } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { DigestName } from './check-content.js';

/** Some 5 ms of work. */
const TURN = 4 << 20;

export async function contentDigest(
  name: DigestName,
  bytes: Uint8Array,
  signal?: AbortSignal,
): Promise<string> {
  const digest: Digesting = name === 'crc32' ? new Crc32() : createHash(name);
  for (let at = 0; at < bytes.length; at += TURN) {
    if (at > 0) await letOthersRun();
    signal?.throwIfAborted();
    digest.update(bytes.subarray(at, at + TURN));
  }
  return digest.digest('hex');
}

interface Digesting {
  update(bytes: Uint8Array): unknown;
  digest(encoding: 'hex'): string;
}

class Crc32 implements Digesting {
  #value = 0;

  update(bytes: Uint8Array): void {
    this.#value = crc32(bytes, this.#value);
  }

  digest(): string {
    return this.#value.toString(16).padStart(8, '0');
  }
}
