/** A dataset of a few small bags of feature vectors, in a folder, for tests that need a real one. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CounterRng, type DatasetManifest, type Split } from '@bagfleet/proto';
import { writeNpy } from '@bagfleet/worker/data/npy-values';

export interface TinyDataset {
  /** Path of manifest.json. */
  readonly path: string;
  readonly manifest: DatasetManifest;
}

/** Instances of each bag by split; labels alternate; `features` values per instance. */
export async function writeTinyDataset(
  folder: string,
  bags: Readonly<Partial<Record<Split, readonly number[]>>>,
  features = 4,
): Promise<TinyDataset> {
  const entries: DatasetManifest['bags'] = [];
  await mkdir(join(folder, 'bags'), { recursive: true });
  for (const [split, sizes] of Object.entries(bags) as [Split, readonly number[]][])
    for (const [place, instances] of sizes.entries()) {
      const id = `${split}-${place}`;
      const label = place % 2;
      const noise = new CounterRng(1, ['tiny', id]).normal(instances * features);
      const values = Float32Array.from(noise, (value) => value + label);
      const file = writeNpy(values, [instances, features]);
      await writeFile(join(folder, 'bags', `${id}.npy`), file);
      entries.push({ id, key: `bags/${id}.npy`, bytes: file.length, instances, label, split });
    }
  const manifest: DatasetManifest = {
    schemaVersion: 1,
    name: 'tiny',
    instanceShape: [features],
    classes: ['no', 'yes'],
    bags: entries,
  };
  const path = join(folder, 'manifest.json');
  await writeFile(path, JSON.stringify(manifest));
  return { path, manifest };
}
