/**
 * What the file system says, in bagfleet's words.
 * In: an errno error and the file that it is about. Out: a BagfleetError that names the file and what to do.
 */

import type { ErrorCode } from '@bagfleet/proto/errors';
import { BagfleetError } from '@bagfleet/proto/errors';
import { objectMissing } from './store-errors.js';

const ANSWERS: Record<string, readonly [code: ErrorCode, message: string, hint: string]> = {
  EACCES: [
    'store-denied',
    'permission denied',
    'Give this user the right to read and write there, or choose another folder.',
  ],
  EPERM: [
    'store-denied',
    'the operation is not permitted',
    'Give this user the right to read and write there, or choose another folder.',
  ],
  EROFS: ['store-denied', 'the file system is read-only', 'Mount it for writing, or choose another folder.'],
  ENOTDIR: [
    'store-denied',
    'a part of its path is an object already, and a folder on disk cannot be both',
    'Choose another key or folder.',
  ],
  EEXIST: [
    'store-denied',
    'a part of its path is an object already, and a folder on disk cannot be both',
    'Choose another key or folder.',
  ],
  EISDIR: [
    'store-denied',
    'there is a folder of this name, and a folder on disk cannot be an object',
    'Choose another key.',
  ],
  ENAMETOOLONG: [
    'usage',
    'the path is longer than the file system allows',
    'Choose a folder with a shorter path.',
  ],
  ENOSPC: ['store-unavailable', 'the disk is full', 'Make room, or choose another folder.'],
  EDQUOT: ['store-unavailable', 'the disk quota is used up', 'Make room, or choose another folder.'],
  EMFILE: ['store-unavailable', 'this process has too many open files', 'Raise the limit (ulimit -n).'],
  ENFILE: ['store-unavailable', 'this machine has too many open files', 'Raise the system limit.'],
  ESTALE: [
    'store-unavailable',
    'the network file system lost the file',
    'Try again; if it stays, mount it anew.',
  ],
};

/** An error of the file system about `path`; anything else is passed on as it is. */
export function localFailure(thrown: unknown, path: string): unknown {
  if (thrown instanceof BagfleetError) return thrown;
  const errno = errnoOf(thrown);
  if (errno === null) return thrown;
  if (errno === 'ENOENT') return objectMissing(path, thrown);
  const [code, message, hint] = ANSWERS[errno] ?? [
    'store-unavailable',
    `the file system failed (${errno})`,
    'See whether the disk is well.',
  ];
  return new BagfleetError(code, message, { culprit: path, hint, cause: thrown });
}

/** `ENOENT` and the like; null for what is no error of the operating system. */
export function errnoOf(thrown: unknown): string | null {
  const code = thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : null;
}

/** What `attempt` gives, or `instead` if it fails with one of these errno codes. */
export async function orElse<T, U>(
  attempt: Promise<T>,
  errnos: readonly string[],
  instead: U,
): Promise<T | U> {
  try {
    return await attempt;
  } catch (error) {
    if (errnos.includes(errnoOf(error) ?? '')) return instead;
    throw error;
  }
}
