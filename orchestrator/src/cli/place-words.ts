/**
 * Where workers compute, for people: `plan` and `submit --dry-run`. Pure.
 * In: places. Out: words.
 */
import type { WorkerPlace } from '../launch/worker-places.js';
import { countWords } from './words.js';

/** `pod 1, GPU 3`; nothing to say for a process on CPUs of this machine. */
export function placeWords({ pod, gpu }: WorkerPlace): string {
  const where = pod === null ? [] : [`pod ${pod}`];
  return [...where, ...(gpu === null ? [] : [`GPU ${gpu}`])].join(', ');
}

/** `16 workers in 2 pods`. */
export function fleetWords(places: readonly WorkerPlace[]): string {
  const pods = podsOf(places).length;
  const workers = countWords(places.length, 'worker');
  return pods === 0 ? workers : `${workers} in ${countWords(pods, 'pod')}`;
}

/** `pod 0: w0 on GPU 0, w1 on GPU 1, …`, a line for each. */
export function podLines(places: readonly WorkerPlace[]): string[] {
  return podsOf(places).map((pod) => {
    const hosted = places.filter((place) => place.pod === pod);
    const words = hosted.map(({ worker, gpu }) => (gpu === null ? worker : `${worker} on GPU ${gpu}`));
    return `pod ${pod}: ${words.join(', ')}`;
  });
}

function podsOf(places: readonly WorkerPlace[]): number[] {
  return [...new Set(places.flatMap(({ pod }) => pod ?? []))];
}
