/**
 * latest.json and best.json: which checkpoint of a run is meant by these words.
 * In: the run's store. Out: the step that a pointer names; a pointer moved by compare-and-swap, never back.
 */
import { type CheckpointPointer, pointerSchema, RUN_FILES } from '@bagfleet/proto/run-files';
import type { ObjectStore } from '../storage/object-store.js';
import { codeOf } from '../storage/store-errors.js';
import { canonicalJson } from './canonical-json.js';
import { corruptFile, getOrNull } from './checkpoint-files.js';

export type PointerName = 'latest' | 'best';

/** Each attempt that fails means that somebody else moved it, so there are not many. */
const ATTEMPTS = 20;

/** null if the pointer has not been set yet. */
export async function readPointer(run: ObjectStore, name: PointerName): Promise<CheckpointPointer | null> {
  return (await readVersion(run, name))?.pointer ?? null;
}

/**
 * Makes the pointer name this checkpoint, which must be committed. A pointer to a later step stays: within a
 * run the latest and the best checkpoint are only ever followed by later ones, so the writer is behind.
 */
export async function movePointer(run: ObjectStore, name: PointerName, to: CheckpointPointer): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const now = await readVersion(run, name);
    if (now !== null && now.pointer.step > to.step) return;
    if (now !== null && now.pointer.manifestSha256 === to.manifestSha256) return;
    try {
      await run.put(
        RUN_FILES[name],
        canonicalJson(to),
        now === null ? { ifAbsent: true } : { ifMatch: now.etag },
      );
      return;
    } catch (error) {
      if (codeOf(error) !== 'store-conflict' || attempt === ATTEMPTS) throw error;
    }
  }
}

async function readVersion(
  run: ObjectStore,
  name: PointerName,
): Promise<{ pointer: CheckpointPointer; etag: string } | null> {
  const found = await getOrNull(run, RUN_FILES[name]);
  if (found === null) return null;
  return { pointer: parsePointer(found.bytes, `${run.uri}/${RUN_FILES[name]}`), etag: found.etag };
}

function parsePointer(bytes: Uint8Array, source: string): CheckpointPointer {
  try {
    return pointerSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (cause) {
    throw corruptFile(source, 'it names no checkpoint', cause);
  }
}
