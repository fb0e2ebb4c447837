/**
 * A data folder that grows, as a cron's nights find it: bags of feature vectors, a table of labels, and the manifest
 * that it begins with. In: a folder and bags by id. Out: files; each change is written at once.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CounterRng, type Split } from '@bagfleet/proto';
import { writeNpy } from '@bagfleet/worker/data/npy-values';

const FEATURES = 4;

export interface GrowingBag {
  readonly id: string;
  /** null: it has no row in the table yet. */
  readonly label: 'no' | 'yes' | null;
  readonly patient?: string;
  readonly instances?: number;
}

export class GrowingData {
  readonly folder: string;
  readonly #rows = new Map<string, GrowingBag>();

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(join(folder, 'bags'), { recursive: true });
  }

  get manifest(): string {
    return join(this.folder, 'manifest.json');
  }

  /** Positive bags have larger values, so that they can be told. */
  add(bag: GrowingBag): void {
    const { id, label, instances = 5 } = bag;
    const noise = new CounterRng(1, ['growing', id]).normal(instances * FEATURES);
    const values = Float32Array.from(noise, (value) => value + (label === 'yes' ? 1 : 0));
    writeFileSync(this.fileOf(id), writeNpy(values, [instances, FEATURES]));
    this.tell(bag);
  }

  /** Only the row changes. */
  tell(bag: GrowingBag): void {
    this.#rows.set(bag.id, bag);
    const rows = [...this.#rows.values()].filter(({ label }) => label !== null);
    const lines = rows.map(({ id, label, patient }) => `${id},${label},${patient ?? ''}`);
    writeFileSync(join(this.folder, 'labels.csv'), `id,label,patient\n${lines.join('\n')}\n`);
  }

  remove(id: string): void {
    rmSync(this.fileOf(id));
  }

  fileOf(id: string): string {
    return join(this.folder, 'bags', `${id}.npy`);
  }

  /** The manifest of what is there now, split by the beginning of the ids: train-0, val-0, test-0. */
  index(): void {
    const bags = [...this.#rows.values()].map(({ id, label, patient, instances = 5 }) => ({
      id,
      key: `bags/${id}.npy`,
      bytes: writeNpy(new Float32Array(instances * FEATURES), [instances, FEATURES]).length,
      instances,
      label: label === 'yes' ? 1 : 0,
      split: id.split('-')[0] as Split,
      ...(patient === undefined ? {} : { patient }),
    }));
    const head = { schemaVersion: 1, name: 'growing', instanceShape: [FEATURES], classes: ['no', 'yes'] };
    writeFileSync(this.manifest, JSON.stringify({ ...head, bags }));
  }
}

/** 8 bags to train, 4 to validate, 6 held out; labels alternate, each bag has a patient of its own. */
export function growingData(folder: string): GrowingData {
  const data = new GrowingData(folder);
  for (const [split, count] of [
    ['train', 8],
    ['val', 4],
    ['test', 6],
  ] as const)
    for (let place = 0; place < count; place++) {
      const id = `${split}-${place}`;
      data.add({
        id,
        label: place % 2 === 1 ? 'yes' : 'no',
        patient: `patient of ${id}`,
        instances: 4 + place,
      });
    }
  data.index();
  return data;
}
