/** In: a folder, an open store. Out: the same files in the store, replaced where they are there. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';

export async function upload(folder: string, store: ObjectStore): Promise<void> {
  for (const name of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!name.isFile()) continue;
    const path = join(name.parentPath, name.name);
    await store.put(path.slice(folder.length + 1), readFileSync(path));
  }
}
