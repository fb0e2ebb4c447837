/**
 * What can be wrong with a tile, in words for whoever has to mend it.
 */
import type { BagfleetError } from '@bagfleet/proto/errors';
import { type BagFile, bagError } from '../bag-file.js';

/** An image, and whose bag it belongs to. */
export interface TileFile extends BagFile {
  /** Its name in the archive; null where it is the file itself. */
  readonly tile: string | null;
}

const MAKE_AGAIN = 'Write the tile again; a copy or an upload may have damaged it.';

/** `problem` goes on from the tile: `has 16 bits per value`. */
export function tileWrong(
  file: TileFile,
  problem: string,
  hint = MAKE_AGAIN,
  cause?: unknown,
): BagfleetError {
  return bagError('bag-format', plain(file), `${nameOf(file)} ${problem}`, hint, cause);
}

export function tileCut(file: TileFile): BagfleetError {
  const message = `${nameOf(file)} ends before its image does`;
  return bagError(
    'bag-truncated',
    plain(file),
    message,
    'Copy or write it again: an upload may have ended early.',
  );
}

export function tileMisfit(file: TileFile, problem: string): BagfleetError {
  const hint = 'All tiles of a bag have one size and one number of channels: make the odd ones again.';
  return bagError('bag-width', plain(file), `${nameOf(file)} ${problem}`, hint);
}

/** Names come from strangers: cut, and quoted so that nothing in them steers a terminal. */
export function nameOf({ tile }: TileFile): string {
  return tile === null ? 'the image' : `tile ${JSON.stringify(tile.slice(0, 200))}`;
}

function plain({ bag, file }: TileFile): BagFile {
  return { bag, file };
}
