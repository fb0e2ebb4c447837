/** The learning rate of every step beside PyTorch's schedulers. */
import assert from 'node:assert/strict';
import { parseJob } from '@bagfleet/proto';
import { type RunLength, rateAt } from '@bagfleet/worker/train/schedule';
import fc from 'fast-check';
import { readFacts } from '../../../support/reference-fixture.js';

interface Row {
  readonly rate: number;
  readonly schedule: { name: string; warmupSteps?: number; pctStart?: number };
  readonly run: RunLength;
  readonly rates: number[];
}

describe('rateAt', () => {
  for (const { rate, schedule, run, rates } of readFacts<Row[]>('schedules')) {
    const { name, warmupSteps, pctStart } = schedule;
    const rise = name === 'onecycle' ? `a rise of ${pctStart} of` : `${warmupSteps} steps of warm-up in`;
    it(`${name} with ${rise} ${rates.length} steps`, () => {
      const { train } = parseJob(
        { data: { manifest: 'none' }, train: { optimizer: { rate }, schedule } },
        'test',
      );
      assert.ok(rates.length > 0);
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

  it('keeps a cycle between its last rate and its peak, whatever the length of the run', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
        (epochs, pctStart) => {
          const { train } = parseJob(
            { data: { manifest: 'none' }, train: { schedule: { name: 'onecycle', pctStart } } },
            'test',
          );
          const peak = train.optimizer.rate;
          const least = peak / 25 / 1e4;
          for (let step = 1; step <= epochs + 3; step++) {
            const rate = rateAt(train, { epochs, stepsPerEpoch: 1 }, step);
            assert.ok(rate >= least * (1 - 1e-9) && rate <= peak * (1 + 1e-9), `step ${step}: ${rate}`);
          }
        },
      ),
    );
  });
});
