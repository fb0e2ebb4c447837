// @ts-check
// In: a file's path, or text. Out: its sha256 as 64 hexadecimal digits.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** @param {string} path */
export async function fileDigest(path) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** @param {string} text */
export function textDigest(text) {
  return createHash('sha256').update(text).digest('hex');
}
