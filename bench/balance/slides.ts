/**
 * Made-up slides in a folder, sized as real ones are: lognormal, median 2,000 instances, sigma 0.9, 50 at least, 20,000 at
 * most. In: folder, how many, features of an instance. Out: the manifest; the same sizes each time.
 */
import { CounterRng } from '@bagfleet/proto';
import { type TinyDataset, writeTinyDataset } from '../../test/support/tiny-dataset.js';

const MEDIAN = 2000;
const SIGMA = 0.9;
const [LEAST, MOST] = [50, 20_000];

export function writeSlides(folder: string, slides: number, features: number): Promise<TinyDataset> {
  const normal = new CounterRng(6, ['slides', 'sizes']).normal(slides);
  const sizes = Array.from(normal, (value) =>
    Math.min(MOST, Math.max(LEAST, Math.round(MEDIAN * Math.exp(SIGMA * value)))),
  );
  return writeTinyDataset(folder, { train: sizes }, features);
}
