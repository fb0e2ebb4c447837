/** States and facts of a small model, for tests of checkpoints: the same step gives the same bits. */
import { CounterRng } from '@bagfleet/proto/counter-rng';
import { jobSchema } from '@bagfleet/proto/job-spec';
import type { TrainedState } from '@bagfleet/worker/checkpoint/state-digest';
import type { CheckpointFacts } from '@bagfleet/worker/checkpoint/write-checkpoint';
import { layoutOf } from '@bagfleet/worker/train/parameter-layout';

const init = { kind: 'constant', value: 0 } as const;

/** Names not in the order of the alphabet, lengths not of whole blocks. */
export const layoutForTests = layoutOf([
  { name: 'z.weight', shape: [3, 7], init },
  { name: 'a.weight', shape: [40, 10], init },
  { name: 'a.bias', shape: [1], init },
]);

/** `seed` stands for the computation: another one reaches another state at the same step. */
export function stateForTests(step: number, seed = 1) {
  const flat = (purpose: string) => {
    const values = new Float32Array(new SharedArrayBuffer(layoutForTests.length * 4));
    for (const { name, offset, length } of layoutForTests.places)
      values.set(new CounterRng(seed, [purpose, name, step]).normal(length), offset);
    return values;
  };
  return {
    layout: layoutForTests,
    parameters: flat('parameters'),
    moments: { exp_avg: flat('exp_avg'), exp_avg_sq: flat('exp_avg_sq') },
    progress: {
      epoch: 1,
      step,
      stepInEpoch: 0,
      bestMetric: null,
      bestEpoch: null,
      validationsWithoutGain: 0,
      lossSum: 0.25,
      weightSum: 2,
      skipped: [],
      threshold: 0.5,
    },
  } satisfies TrainedState;
}

export function factsForTests(isBest = false): CheckpointFacts {
  return {
    run: 'job-1',
    job: jobSchema.parse({ data: { manifest: 'data/manifest.json' } }),
    dataset: { name: 'bags', sha256: '0'.repeat(64), instanceShape: [7], classes: ['negative', 'positive'] },
    validation: { auc: 0.75, loss: 0.5 },
    fingerprint: { backend: 'wasm', threads: 1 },
    isBest,
  };
}
