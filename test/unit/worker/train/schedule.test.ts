/** The learning rate of every step beside PyTorch's schedulers. */
import assert from 'node:assert/strict';
import { parseJob } from '@bagfleet/proto';
import { type RunLength, rateAt } from '@bagfleet/worker/train/schedule';
import { readFacts } from '../../../support/reference-fixture.js';

interface Row {
  readonly rate: number;
  readonly schedule: { name: string; warmupSteps: number };
  readonly run: RunLength;
  readonly rates: number[];
}

describe('rateAt', () => {
  for (const { rate, schedule, run, rates } of readFacts<Row[]>('schedules')) {
    it(`${schedule.name} with ${schedule.warmupSteps} steps of warm-up`, () => {
      const { train } = parseJob(
        { data: { manifest: 'none' }, train: { optimizer: { rate }, schedule } },
        'test',
      );
      assert.equal(rates.length, run.epochs * run.stepsPerEpoch);
      rates.forEach((expected, index) => {
        const ours = rateAt(train, run, index + 1);
        assert.ok(Math.abs(ours - expected) < 1e-12, `step ${index + 1}: ${ours}, not ${expected}`);
      });
    });
  }

  it('stays finite and positive when the warm-up is longer than the run', () => {
    for (const name of ['constant', 'cosine', 'step'] as const) {
      const { train } = parseJob(
        { data: { manifest: 'none' }, train: { schedule: { name, warmupSteps: 10 } } },
        'test',
      );
      const rates = Array.from({ length: 6 }, (_, index) =>
        rateAt(train, { epochs: 2, stepsPerEpoch: 3 }, index + 1),
      );
      assert.ok(
        rates.every((rate, i) => rate > (rates[i - 1] ?? 0) && rate < train.optimizer.rate),
        `${rates}`,
      );
    }
  });
});
