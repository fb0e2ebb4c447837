/**
 * The planted bags (planted-bags.ts) as a dataset in a folder, one safetensors file per bag.
 * In: a folder, how many bags per split. Out: the path of its manifest. The same bytes each time.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetManifest, Split } from '@bagfleet/proto';
import { safetensorsOf } from './made-up-safetensors.js';
import {
  PLANTED_FEATURES,
  PLANTED_TILE,
  type PlantedBag,
  type PlantedSettings,
  plantedBags,
} from './planted-bags.js';

export async function writePlantedDataset(
  folder: string,
  bags: Readonly<Record<Split, number>>,
  settings: PlantedSettings,
): Promise<string> {
  await mkdir(join(folder, 'bags'), { recursive: true });
  const entries: DatasetManifest['bags'] = [];
  for (const [split, count] of Object.entries(bags) as [Split, number][])
    for (const planted of plantedBags(split, count, settings)) {
      const { id, instances } = planted.bag;
      const key = `bags/${id}.safetensors`;
      const file = fileOf(planted);
      await writeFile(join(folder, key), file);
      entries.push({ id, key, bytes: file.length, instances, label: planted.label, split });
    }
  const manifest: DatasetManifest = {
    schemaVersion: 1,
    name: 'planted',
    instanceShape: settings.tiles ? [...PLANTED_TILE] : [PLANTED_FEATURES],
    classes: ['clean', 'planted'],
    bags: entries,
  };
  const path = join(folder, 'manifest.json');
  await writeFile(path, JSON.stringify(manifest));
  return path;
}

function fileOf({ bag }: PlantedBag): Buffer {
  const { instances, instanceShape } = bag;
  return safetensorsOf({
    features: { dtype: 'F32', shape: [instances, ...instanceShape], values: bytesOf(bag.features) },
    coords: { dtype: 'F32', shape: [instances, 2], values: bytesOf(bag.coords as Float32Array) },
    inst_labels: { dtype: 'I32', shape: [instances], values: bytesOf(bag.instanceLabels) },
  });
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
