/**
 * Which of several folders of features is meant: those of different encoders lie side by side.
 * In: the folders, and the words of --features. Out: one of them, or an error that lists them.
 */
import { BagfleetError } from '@bagfleet/proto/errors';
import { nameOf } from './key-names.js';

/** `asked` is a folder, its name, or its name without the `features_` in front; where there is one folder, it may be left out. */
export function chooseFeatures(folders: readonly string[], asked: string | undefined): string {
  const known = [...new Set(folders)];
  if (asked === undefined && known.length === 1) return known[0];
  const fitting = asked === undefined ? [] : known.filter((folder) => namesOf(folder).includes(asked));
  if (fitting.length === 1) return fitting[0];
  const message =
    asked === undefined
      ? `there are ${known.length} folders of features`
      : fitting.length === 0
        ? 'there is no such folder of features'
        : `${fitting.length} folders of features have that name`;
  throw new BagfleetError('usage', `${message}: ${known.join(', ')}`, {
    culprit: asked === undefined ? '--features' : `--features ${asked}`,
    hint: `Name one of them: --features ${known[0]}.`,
  });
}

function namesOf(folder: string): string[] {
  return [folder, nameOf(folder), nameOf(folder).replace(/^features_/, '')];
}
