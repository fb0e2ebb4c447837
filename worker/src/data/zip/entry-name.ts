/**
 * The name of an entry of a ZIP archive, from its bytes: refused if it leads out of the archive.
 */
import { wrongWithEntryName } from '../archive-entry-name.js';
import type { BagFile } from '../bag-file.js';
import { zipWrong } from './zip-errors.js';

export function entryName(bytes: Uint8Array, file: BagFile): string {
  const name = decode(bytes);
  const wrong = wrongWithEntryName(name);
  if (wrong)
    throw zipWrong(
      file,
      `its entry ${JSON.stringify(name.slice(0, 200))} ${wrong}`,
      'No tool that packs bags writes such a name: find out where the file comes from.',
    );
  return name;
}

/** UTF-8; old tools wrote code pages, of which we only need that different bytes stay different. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}
