/**
 * The etag of a file: another content has another etag, though nothing but the file's status is read.
 * In: a file's status. Out: inode, size and time of writing, as one word.
 *
 * A digest of the content would need the whole file for every `head` and `list`. The status alone has one
 * weakness: the kernel's file times tick every few milliseconds, and an inode that one write frees may be
 * given to the next, so two versions of equal size could look alike. Writers therefore stamp each file
 * with the time of its writing to the microsecond (`timeOfWriting`): two writes of a key are never so close.
 */
import type { BigIntStats } from 'node:fs';

export function etagOf(status: BigIntStats): string {
  return `${status.ino.toString(36)}-${status.size.toString(36)}-${status.mtimeNs.toString(36)}`;
}

/** Seconds since 1970, to the microsecond. */
export function timeOfWriting(): number {
  return (performance.timeOrigin + performance.now()) / 1000;
}
