/**
 * Refusals of what a torch file's pickle wants.
 */
import type { BagfleetError } from '@bagfleet/proto/errors';
import { type BagFile, bagError } from '../bag-file.js';

export const SAVE_TENSORS =
  "Save it again as tensors alone: torch.save(x, file), or torch.save({'features': x, 'coords': y}, file).";

export function pickleWrong(file: BagFile, message: string): BagfleetError {
  return bagError('bag-format', file, message, SAVE_TENSORS);
}

/** Whatever it would do, in a file that comes from somewhere it is not done. */
export function neverRun(file: BagFile, name: string): BagfleetError {
  return pickleWrong(file, `the pickle calls ${printable(name)}, which is never run`);
}

/** A name from the file, as one line of a message. */
export function printable(name: string): string {
  return name.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
}
