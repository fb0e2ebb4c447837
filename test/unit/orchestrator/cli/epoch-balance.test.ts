import assert from 'node:assert/strict';
import { epochBalance } from '@bagfleet/orchestrator/cli/epoch-balance';
import { costOf, INITIAL_COSTS, planStep, type StepPlan } from '@bagfleet/proto';
import fc from 'fast-check';

const plans = fc
  .record({
    workers: fc.integer({ min: 1, max: 9 }),
    steps: fc.array(fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 20 }), {
      minLength: 1,
      maxLength: 8,
    }),
  })
  .map(({ workers, steps }): StepPlan[] =>
    steps.map((sizes, step) =>
      planStep({
        epoch: 1,
        step,
        workers,
        costs: INITIAL_COSTS,
        slots: sizes.map((instances, index) => ({ index, bag: index, repeat: 0, instances })),
      }),
    ),
  );

describe("an epoch's balance", () => {
  it('gives every bag, instance and millisecond to one worker', () => {
    fc.assert(
      fc.property(plans, (epoch) => {
        const { workers } = epochBalance(epoch, INITIAL_COSTS);
        const slots = epoch.flatMap((plan) => plan.slots);
        const sum = (of: (worker: (typeof workers)[number]) => number) =>
          workers.reduce((total, worker) => total + of(worker), 0);
        assert.equal(workers.length, epoch[0].workers);
        assert.equal(
          sum(({ bags }) => bags),
          slots.length,
        );
        assert.equal(
          sum(({ instances }) => instances),
          slots.reduce((total, slot) => total + slot.instances, 0),
        );
        const load = slots.reduce((total, slot) => total + costOf(INITIAL_COSTS, slot.instances), 0);
        assert.ok(Math.abs(sum((worker) => worker.load) - load) < 1e-6 * load);
      }),
    );
  });

  it('lies between one busy worker and all busy', () => {
    fc.assert(
      fc.property(plans, (epoch) => {
        const { efficiency, steps } = epochBalance(epoch, INITIAL_COSTS);
        const fleet = epoch[0].workers;
        for (const value of [efficiency, ...steps])
          assert.ok(value >= 1 / fleet - 1e-12 && value <= 1 + 1e-12, String(value));
        assert.ok(efficiency >= Math.min(...steps) - 1e-12 && efficiency <= Math.max(...steps) + 1e-12);
      }),
    );
  });

  it('weighs long steps more than short ones', () => {
    const slots = (sizes: number[]) =>
      sizes.map((instances, index) => ({ index, bag: index, repeat: 0, instances }));
    const costs = { fixed: 0, perInstance: 1 };
    const step = (number: number, sizes: number[]) =>
      planStep({ epoch: 1, step: number, slots: slots(sizes), workers: 2, costs });
    const { efficiency, steps } = epochBalance([step(0, [100, 100]), step(1, [10])], costs);
    assert.deepEqual(steps, [1, 0.5]);
    assert.equal(efficiency, 210 / (2 * 110));
  });

  it('of no steps is nobody’s', () => {
    assert.deepEqual(epochBalance([], INITIAL_COSTS), { workers: [], steps: [], efficiency: 1 });
  });
});
