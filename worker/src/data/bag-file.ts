/**
 * Whom an error about a bag's bytes names: the bag and the object they came from.
 * In: bag id, the object's key, what is wrong, what to do. Out: a BagfleetError.
 */
import type { ErrorCode } from '@bagfleet/proto/errors';
import { BagfleetError } from '@bagfleet/proto/errors';

export interface BagFile {
  readonly bag: string;
  /** Key of the object, or the path of the file. */
  readonly file: string;
}

type BagErrorCode = Extract<ErrorCode, `bag-${string}`>;

export function bagError(
  code: BagErrorCode,
  source: BagFile,
  message: string,
  hint: string,
  cause?: unknown,
): BagfleetError {
  const culprit = `bag ${source.bag}, file ${source.file}`;
  return new BagfleetError(code, message, { culprit, hint, ...(cause === undefined ? {} : { cause }) });
}
