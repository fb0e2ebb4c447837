/**
 * What an answer to a request for a range means.
 * In: status and headers, and the range that was asked for. Out: a verdict; nothing is done here.
 */
import { bodyLength, type ResponseHead } from './response-head.js';

export interface ByteRange {
  /** First byte in the object. */
  readonly start: number;
  readonly length: number;
}

export type RangeVerdict =
  /** The body is the very range. */
  | { readonly kind: 'body'; readonly etag: string }
  /** The object is another version than `if-match` names. */
  | { readonly kind: 'changed' }
  /** The server is busy or ill: again after a pause, of at least so many milliseconds. */
  | { readonly kind: 'busy'; readonly pauseMs: number }
  /** Anything else is for the SDK, which knows how to ask and to explain. */
  | { readonly kind: 'other' };

const LONGEST_PAUSE_MS = 30_000;

/** @throws WrongAnswer */
export function rangeVerdict({ status, headers }: ResponseHead, range: ByteRange): RangeVerdict {
  if (status === 412) return { kind: 'changed' };
  if (status === 429 || status >= 500) return { kind: 'busy', pauseMs: pauseOf(headers.get('retry-after')) };
  const etag = headers.get('etag');
  if (etag === undefined || !isRange(status, headers, range)) return { kind: 'other' };
  return { kind: 'body', etag };
}

/** A server that knows no ranges answers 200 with the whole object, which may be just what was asked for. */
function isRange(status: number, headers: ResponseHead['headers'], { start, length }: ByteRange): boolean {
  if (status === 200) return start === 0 && bodyLength(headers) === length;
  if (status !== 206 || bodyLength(headers) !== length) return false;
  const told = /^bytes (\d+)-(\d+)\/(?:\d+|\*)$/.exec(headers.get('content-range') ?? '');
  return told !== null && Number(told[1]) === start && Number(told[2]) === start + length - 1;
}

function pauseOf(retryAfter: string | undefined): number {
  const seconds = /^\d{1,9}$/.test(retryAfter ?? '') ? Number(retryAfter) : 0;
  return Math.min(seconds * 1000, LONGEST_PAUSE_MS);
}
