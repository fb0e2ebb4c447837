/**
 * What a key may look like, and in which order keys stand: the same for every store.
 * In: a key or a prefix. Out: nothing, or an error that says what is wrong with it.
 */
import { BagfleetError } from '@bagfleet/proto/errors';

/** S3's limit on a key, prefix of the store included; the stores check it on the whole. */
const KEY_BYTES = 1024;
/** The usual file systems' limit on a name. */
const PART_BYTES = 255;
/** Parts that begin so are the local store's working files: no key may name one. */
export const WORKING_PREFIX = '.~';

/** Throws `usage` unless `key` can name an object in every store. */
export function checkKey(key: string): void {
  const problem = key === '' ? 'it is empty' : problemOf(key, key.split('/'));
  if (problem !== null) throw wrongKey('key', key, problem);
}

/** Throws `usage` unless some key could begin with `prefix`, which may be empty or end within a part. */
export function checkPrefix(prefix: string): void {
  const problem = prefix === '' ? null : problemOf(prefix, prefix.split('/').slice(0, -1));
  if (problem !== null) throw wrongKey('prefix', prefix, problem);
}

/** Throws `usage` unless `prefix` is a folder's: empty, or ending in `/`. */
export function checkFolderPrefix(prefix: string): void {
  checkPrefix(prefix);
  if (prefix !== '' && !prefix.endsWith('/')) throw wrongKey('prefix', prefix, 'it does not end in /');
}

function problemOf(text: string, parts: readonly string[]): string | null {
  // Lone surrogates have no UTF-8; XML, in which S3 lists keys, has no control characters, U+FFFE and U+FFFF;
  // a backslash is a slash to some servers.
  if (/\p{Surrogate}|\p{Cc}|[\ufffe\uffff\\]/u.test(text))
    return 'it holds a character that not every store can keep';
  if (Buffer.byteLength(text) > KEY_BYTES) return `it is longer than ${KEY_BYTES} bytes`;
  for (const part of parts) {
    if (part === '') return 'a part of it is empty';
    if (part === '.' || part === '..') return `it has a part ${part}`;
    if (part.startsWith(WORKING_PREFIX))
      return `a part of it begins with ${WORKING_PREFIX}, which is reserved`;
    if (Buffer.byteLength(part) > PART_BYTES) return `a part of it is longer than ${PART_BYTES} bytes`;
  }
  return null;
}

function wrongKey(what: 'key' | 'prefix', text: string, problem: string): BagfleetError {
  return new BagfleetError('usage', `${problem}`, {
    culprit: `${what} ${JSON.stringify(text.slice(0, 200))}`,
    hint: 'Keys are parts joined by /, such as checkpoints/step-000042/manifest.json.',
  });
}

/** Orders keys by their UTF-8 bytes, which is the order of their code points. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = codeUnitRank(a.charCodeAt(i)) - codeUnitRank(b.charCodeAt(i));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above U+FFFF, so they change places with the code units behind them. */
function codeUnitRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
