import assert from 'node:assert/strict';
import { planDigest, planStep, type StepPlan, slotsOf } from '@bagfleet/proto';
import { checkTallies, type SlotTally, type Tally } from '@bagfleet/worker/collective/tally';
import { decodeTally, encodeTally } from '@bagfleet/worker/collective/tally-codec';
import fc from 'fast-check';

function planOf(workers: number): StepPlan {
  const slots = [3, 0, 6, 2, 5].map((bag, index) => ({ index, bag, repeat: 0, instances: 10 * bag + 1 }));
  return planStep({ epoch: 2, step: 4, slots, workers, costs: { fixed: 1, perInstance: 1 } });
}

function slotTally(slot: number, bag: number): SlotTally {
  const logits = Float32Array.of(slot + 0.5);
  return { slot, bag, loss: 0.1 * (slot + 1), weight: 1 + slot / 10, logits, finite: true, computeMs: 12 };
}

function talliesOf(plan: StepPlan): Tally[] {
  return Array.from({ length: plan.workers }, (_, rank) => ({
    plan: planDigest(plan),
    exponents: Int8Array.of(rank, 10 - rank, 127),
    slots: slotsOf(plan, rank).map((slot) => slotTally(slot.index, slot.bag)),
  }));
}

/** The tallies of a plan with one slot changed. */
function withSlot(plan: StepPlan, slot: number, change: Partial<SlotTally>): Tally[] {
  return talliesOf(plan).map((tally) => ({
    ...tally,
    slots: tally.slots.map((one) => (one.slot === slot ? { ...one, ...change } : one)),
  }));
}

describe('tallies', () => {
  it('of a whole step give its slots in order, the smallest exponents and the weight', () => {
    for (const workers of [1, 2, 3, 5, 7]) {
      const plan = planOf(workers);
      const checked = checkTallies(plan, talliesOf(plan));
      assert.deepEqual(
        checked.slots,
        [3, 0, 6, 2, 5].map((bag, slot) => ({ ...slotTally(slot, bag), rank: plan.owners[slot] })),
      );
      assert.deepEqual(checked.poisoned, []);
      assert.deepEqual([...checked.exponents], [0, 10 - (workers - 1), 127]);
      assert.equal(checked.weight, 1 + 1.1 + 1.2 + 1.3 + 1.4);
    }
  });

  it('with a missing, doubled or foreign slot name the worker', () => {
    const plan = planOf(2);
    const [owner] = plan.owners;
    const culprit = `worker rank ${owner}`;
    const missing = talliesOf(plan).map((tally) => ({
      ...tally,
      slots: tally.slots.filter(({ slot }) => slot !== 0),
    }));
    assert.throws(() => checkTallies(plan, missing), {
      code: 'plan-mismatch',
      culprit,
      message: /slot 0 0 times/,
    });
    const doubled = talliesOf(plan).map((tally) => ({
      ...tally,
      slots: tally.slots.flatMap((one) => (one.slot === 0 ? [one, one] : [one])),
    }));
    assert.throws(() => checkTallies(plan, doubled), {
      code: 'plan-mismatch',
      culprit,
      message: /slot 0 2 times/,
    });
    const foreign = talliesOf(plan);
    foreign[1 - owner] = { ...foreign[1 - owner], slots: [...foreign[1 - owner].slots, slotTally(0, 3)] };
    assert.throws(() => checkTallies(plan, foreign), {
      code: 'plan-mismatch',
      culprit: `worker rank ${1 - owner}`,
      message: new RegExp(`the plan gives to rank ${owner}`),
    });
    const unknown = talliesOf(plan);
    unknown[0] = { ...unknown[0], slots: [...unknown[0].slots, slotTally(99, 0)] };
    assert.throws(() => checkTallies(plan, unknown), {
      code: 'plan-mismatch',
      message: /gives to nobody/,
    });
  });

  it('with another bag, plan or model name the worker', () => {
    const plan = planOf(3);
    assert.throws(() => checkTallies(plan, withSlot(plan, 2, { bag: 1 })), {
      code: 'plan-mismatch',
      culprit: `worker rank ${plan.owners[2]}`,
      message: /bag 1 as slot 2, the plan says bag 6/,
    });
    const [first, second, third] = talliesOf(plan);
    const other = { ...second, plan: planDigest(planOf(2)) };
    assert.throws(() => checkTallies(plan, [first, other, third]), {
      code: 'plan-mismatch',
      culprit: 'worker rank 1',
    });
    const wider = { ...third, exponents: new Int8Array(4) };
    assert.throws(() => checkTallies(plan, [first, second, wider]), {
      code: 'plan-mismatch',
      culprit: 'worker rank 2',
    });
    assert.throws(() => checkTallies(plan, [first, second]), { code: 'bug' });
  });

  it('with a number that is none give the slots that are poisoned, and who computed them', () => {
    const plan = planOf(2);
    const infinite = checkTallies(plan, withSlot(plan, 3, { finite: false })).poisoned;
    assert.deepEqual(
      infinite.map(({ slot, bag, rank }) => [slot, bag, rank]),
      [[3, 2, plan.owners[3]]],
    );
    for (const loss of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const [found] = checkTallies(plan, withSlot(plan, 4, { loss, finite: true })).poisoned;
      assert.equal(found.bag, 5);
    }
  });
});

describe('tally bytes', () => {
  const digest = fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: 32, maxLength: 32 })
    .map((digits) => digits.join(''));
  const plain = { noNullPrototype: true };
  const anySlot: fc.Arbitrary<SlotTally> = fc.record(
    {
      slot: fc.nat(2 ** 32 - 1),
      bag: fc.nat(2 ** 32 - 1),
      loss: fc.double(),
      weight: fc.double(),
      logits: fc.float32Array({ maxLength: 8 }),
      finite: fc.boolean(),
      computeMs: fc.float(),
    },
    plain,
  );
  const anyTally: fc.Arbitrary<Tally> = fc.record(
    {
      plan: digest,
      exponents: fc.int8Array({ maxLength: 40 }),
      slots: fc.array(anySlot, { maxLength: 6 }),
    },
    plain,
  );

  it('are read back as they were written, also from the middle of a buffer', () => {
    fc.assert(
      fc.property(anyTally, fc.nat(7), (tally, offset) => {
        const bytes = encodeTally(tally);
        const within = Buffer.alloc(bytes.length + 16, 0xff).fill(bytes, offset, offset + bytes.length);
        assert.deepEqual(decodeTally(within.subarray(offset, offset + bytes.length), 'worker w1'), tally);
      }),
    );
  });

  it('that are cut short or too long are refused, naming the sender', () => {
    fc.assert(
      fc.property(anyTally, fc.nat(), (tally, cut) => {
        const bytes = encodeTally(tally);
        const refused = { code: 'peer-incompatible', culprit: 'worker w1' };
        assert.throws(() => decodeTally(bytes.subarray(0, cut % bytes.length), 'worker w1'), refused);
        assert.throws(
          () => decodeTally(Buffer.concat([bytes, Buffer.alloc(1 + (cut % 3))]), 'worker w1'),
          refused,
        );
      }),
    );
  });

  it('take 24 bytes, one per block and 34 per slot of one output', () => {
    const plan = planOf(1);
    assert.equal(encodeTally(talliesOf(plan)[0]).length, 24 + 3 + 5 * 34);
  });

  it('refuse what does not fit', () => {
    const slot = { ...slotTally(0, 0), logits: new Float32Array(256) };
    const tally = { plan: '0'.repeat(32), exponents: new Int8Array(), slots: [slot] };
    assert.throws(() => encodeTally(tally), { code: 'bug' });
    assert.throws(() => encodeTally({ ...tally, plan: 'short', slots: [] }), { code: 'bug' });
  });
});
