import assert from 'node:assert/strict';
import { fleetWords, placeWords, podLines } from '@bagfleet/orchestrator/cli/place-words';
import { refuseHalfPods } from '@bagfleet/orchestrator/job-file/whole-pods';
import { placesOf, podsFor, workersOfPod } from '@bagfleet/orchestrator/launch/worker-places';
import { parseJob } from '@bagfleet/proto';

const fleetOf = (fields: object) => parseJob({ data: { manifest: 'm' }, fleet: fields }, 'test').fleet;
const SEED = { engine: 'kubernetes', workers: 16, gpusPerNode: 8 };

describe('the places of workers', () => {
  it('two p3.16xlarge are 16 workers, one on each GPU', () => {
    const places = placesOf(fleetOf(SEED));
    assert.deepEqual(places[0], { worker: 'w0', pod: 0, gpu: 0 });
    assert.deepEqual(places[11], { worker: 'w11', pod: 1, gpu: 3 });
    assert.equal(new Set(places.map(placeWords)).size, 16);
    assert.equal(fleetWords(places), '16 workers in 2 pods');
    const [first, second] = podLines(places);
    assert.match(first, /^pod 0: w0 on GPU 0, .*, w7 on GPU 7$/);
    assert.match(second, /^pod 1: w8 on GPU 0, .*, w15 on GPU 7$/);
  });

  it('are the same, seen from the pods (any fleet)', () => {
    for (let gpusPerNode = 0; gpusPerNode <= 16; gpusPerNode++)
      for (let pods = 1; pods <= 5; pods++) {
        const perPod = gpusPerNode || 1;
        const workers = pods * perPod;
        assert.equal(podsFor(workers, perPod), pods);
        assert.equal(podsFor(workers - perPod + 1, perPod), pods, 'one worker needs its pod');
        const byPod = Array.from({ length: pods }, (_, pod) =>
          workersOfPod(pod, perPod).map((worker, k) => ({ worker, pod, gpu: gpusPerNode === 0 ? null : k })),
        );
        assert.deepEqual(placesOf(fleetOf({ ...SEED, workers, gpusPerNode })), byPod.flat());
      }
  });

  it('on one machine are its GPUs, which workers share, or nothing to tell', () => {
    const places = placesOf(fleetOf({ workers: 3, gpusPerNode: 2 }));
    assert.deepEqual(places.map(placeWords), ['GPU 0', 'GPU 1', 'GPU 0']);
    assert.deepEqual(placesOf(fleetOf({ workers: 2 })).map(placeWords), ['', '']);
    assert.deepEqual(podLines(places), []);
  });
});

describe('a fleet of pods with 8 workers each', () => {
  const refuse = (workers: number, fields: object = SEED) =>
    refuseHalfPods(fleetOf(fields), { workers, culprit: '--workers', code: 'usage' });

  it('has whole pods only, and says which sizes are near', () => {
    refuse(8);
    refuse(1024);
    assert.throws(() => refuse(12), {
      culprit: '--workers',
      message: /a multiple of 8, .*gpusPerNode.*12/,
      hint: 'Use 8 or 16.',
    });
    assert.throws(() => refuse(3), { hint: 'Use 8.' });
    assert.throws(() => refuse(1023), { hint: 'Use 1016 or 1024.' });
  });

  it('is not asked on one machine, nor of pods with one worker', () => {
    refuse(3, { workers: 3, gpusPerNode: 2 });
    refuse(3, { engine: 'kubernetes', gpusPerNode: 1 });
    refuse(3, { engine: 'kubernetes' });
  });
});
