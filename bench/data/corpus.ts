/**
 * A made-up corpus of slides in a store, sized as real ones are, the same for a given number of slides.
 * In: a store, how many slides. Out: their manifest, which lies beside them, and their bytes.
 * Sizes are lognormal: median 2,000 instances, sigma 0.9, 50 at least, 20,000 at most; 1,024 features; half of the
 * slides are float16, half float32.
 */
import { CounterRng, type DatasetManifest } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { CORPUS_FEATURES, corpusFile } from './corpus-file.js';

const MEDIAN = 2000;
const SIGMA = 0.9;
const [LEAST, MOST] = [50, 20_000];
const PUTS_AT_ONCE = 4;

export interface Corpus {
  readonly manifest: DatasetManifest;
  readonly bytes: number;
}

export async function putCorpus(
  store: ObjectStore,
  slides: number,
  progress: (line: string) => void,
): Promise<Corpus> {
  const bags: DatasetManifest['bags'] = [];
  const sizes = sizesOf(slides);
  let next = 0;
  const lane = async () => {
    while (next < slides) {
      const slide = next++;
      const id = `slide-${String(slide).padStart(4, '0')}`;
      const { name, bytes } = corpusFile(id, sizes[slide], slide % 2 === 0 ? 'float16' : 'float32', slide);
      const { etag } = await store.put(`slides/${name}`, bytes);
      bags[slide] = {
        id,
        key: `slides/${name}`,
        bytes: bytes.length,
        etag,
        instances: sizes[slide],
        label: slide % 2,
        split: 'train',
      };
      if (next % 50 === 0) progress(`${next} of ${slides} slides are in the store`);
    }
  };
  await Promise.all(Array.from({ length: PUTS_AT_ONCE }, lane));
  const manifest: DatasetManifest = {
    schemaVersion: 1,
    name: 'corpus',
    instanceShape: [CORPUS_FEATURES],
    classes: ['no', 'yes'],
    bags,
  };
  await store.put('manifest.json', Buffer.from(JSON.stringify(manifest)));
  return { manifest, bytes: bags.reduce((sum, bag) => sum + bag.bytes, 0) };
}

/** Instances of each slide. */
function sizesOf(slides: number): number[] {
  const normal = new CounterRng(6, ['corpus', 'sizes']).normal(slides);
  return Array.from(normal, (value) =>
    Math.min(MOST, Math.max(LEAST, Math.round(MEDIAN * Math.exp(SIGMA * value)))),
  );
}
