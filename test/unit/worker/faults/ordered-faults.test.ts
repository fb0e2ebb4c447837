/** Faults by order: at the named place, as often as ordered, and never without an order. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FaultOrder, faultOrderSchema } from '@bagfleet/proto';
import { NO_FAULTS } from '@bagfleet/worker/faults/faults';
import { OrderedFaults } from '@bagfleet/worker/faults/ordered-faults';
import { faultsOf } from '@bagfleet/worker/faults/read-faults';

function order(fields: object): FaultOrder {
  return faultOrderSchema.parse({ id: 'f', worker: 'w0', ...fields });
}

function faulty(...orders: FaultOrder[]) {
  const done = new Set<string>();
  return launched(done, ...orders);
}

/** `done` outlives the launch. */
function launched(done: Set<string>, ...orders: FaultOrder[]) {
  return new OrderedFaults(
    orders,
    ({ id }) => !done.has(id) && Boolean(done.add(id)),
    ({ id }) => done.has(id),
  );
}

describe('faults', () => {
  it('delay once, at their phase, epoch and step', async () => {
    const faults = faulty(order({ act: 'delay', phase: 'compute', epoch: 2, step: 3, ms: 80 }));
    const took = async (phase: 'compute' | 'reduce', epoch: number, step: number) => {
      const before = performance.now();
      await faults.at(phase, { epoch, step });
      return performance.now() - before;
    };
    assert.ok((await took('compute', 1, 3)) < 50);
    assert.ok((await took('reduce', 2, 3)) < 50);
    assert.ok((await took('compute', 2, 3)) >= 75);
    assert.ok((await took('compute', 2, 3)) < 50, 'only once');
  });

  it('delay as often as ordered, in one launch', async () => {
    const done = new Set<string>();
    const often = order({ act: 'delay', phase: 'compute', ms: 40, times: 2 });
    const faults = launched(done, often);
    const took = async (by: OrderedFaults) => {
      const before = performance.now();
      await by.at('compute', { epoch: 1, step: 1 });
      return performance.now() - before >= 35;
    };
    assert.deepEqual([await took(faults), await took(faults), await took(faults)], [true, true, false]);
    assert.equal(await took(launched(done, often)), false, 'the next launch does not repeat them');
  });

  it('drop messages as often as ordered', () => {
    const faults = faulty(order({ act: 'drop', message: 'peer.exchange', times: 2 }));
    assert.equal(faults.drops('peer.sum'), false);
    assert.deepEqual(
      [1, 2, 3].map(() => faults.drops('peer.exchange')),
      [true, true, false],
    );
  });

  it('flip a bit so that the gradient stays within its scale, or poison it', () => {
    const gradient = Float32Array.of(0, 1, 1.75, -3);
    assert.equal(faulty(order({ act: 'flip', step: 5 })).spoil(gradient, 4), 'untouched');
    assert.equal(faulty(order({ act: 'flip', step: 5 })).spoil(gradient, 5), 'changed');
    assert.deepEqual([...gradient], [0, 1, 1.25, -3]);
    const always = faulty(order({ act: 'flip', always: true }));
    assert.equal(always.spoil(gradient, 'probe'), 'changed');
    assert.equal(always.spoil(gradient, 1), 'untouched', 'nothing is left that a cleared bit would shrink');
    const poison = faulty(order({ act: 'poison' }));
    assert.equal(poison.spoil(gradient, 'probe'), 'untouched');
    assert.equal(poison.spoil(gradient, 1), 'not-finite');
    assert.ok(Number.isNaN(gradient[0]));
  });

  it('flip always from a step on, and from the beginning in later launches', () => {
    const done = new Set<string>();
    const bad = order({ act: 'flip', always: true, step: 5 });
    const spoil = (faults: OrderedFaults, step: number | 'probe') =>
      faults.spoil(Float32Array.of(1.75), step);
    const first = launched(done, bad);
    assert.deepEqual(
      (['probe', 4, 5, 'probe', 6, 2] as const).map((step) => spoil(first, step)),
      ['untouched', 'untouched', 'changed', 'changed', 'changed', 'changed'],
    );
    const second = launched(done, bad);
    assert.deepEqual([spoil(second, 'probe'), spoil(second, 1)], ['changed', 'changed']);
  });

  it('tell who listens that a link is cut, once', async () => {
    const faults = faulty(order({ act: 'cut', peer: 'w1', step: 2 }));
    const cut: string[] = [];
    faults.onCut((peer) => cut.push(peer));
    await faults.at('compute', { epoch: 1, step: 1 });
    assert.deepEqual(cut, []);
    await faults.at('compute', { epoch: 1, step: 2 });
    await faults.at('compute', { epoch: 1, step: 2 });
    assert.deepEqual(cut, ['w1']);
  });

  it('are marked beside their file, so that the next launch does not repeat them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bagfleet-faults-'));
    try {
      const file = join(folder, 'faults.json');
      writeFileSync(
        file,
        JSON.stringify([
          order({ act: 'delay', phase: 'pull', ms: 1 }),
          order({ id: 'other', worker: 'w1', act: 'kill', phase: 'pull' }),
        ]),
      );
      await faultsOf('w0', file).at('pull', { epoch: 1, step: 1 });
      await faultsOf('w0', file).at('pull', { epoch: 1, step: 1 });
      assert.deepEqual(
        readdirSync(`${file}.fired`),
        ['f'],
        'the order of another worker is not carried out here',
      );
      writeFileSync(file, '[{"act":"explode"}]');
      assert.throws(() => faultsOf('w0', file), { code: 'usage' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('do nothing without an order', async () => {
    await NO_FAULTS.at('compute', { epoch: 1, step: 1 });
    assert.equal(NO_FAULTS.drops('peer.sum'), false);
    assert.equal(NO_FAULTS.spoil(Float32Array.of(1.75), 1), 'untouched');
  });
});
