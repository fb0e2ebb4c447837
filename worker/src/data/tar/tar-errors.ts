/**
 * What can be wrong with a tar archive, in words for whoever has to mend it.
 */
import type { BagfleetError } from '@bagfleet/proto/errors';
import { type BagFile, bagError } from '../bag-file.js';

const MAKE_AGAIN = 'Make the archive again; a copy or an upload may have damaged it.';

export function tarWrong(file: BagFile, message: string, hint = MAKE_AGAIN): BagfleetError {
  return bagError('bag-format', file, message, hint);
}

export function tarCut(file: BagFile, message: string): BagfleetError {
  return bagError(
    'bag-truncated',
    file,
    message,
    'Copy or write the file again: an upload may have ended early.',
  );
}
