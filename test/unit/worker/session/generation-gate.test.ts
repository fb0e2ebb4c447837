/** When a generation ends for a worker: at once, or at the next boundary. */
import assert from 'node:assert/strict';
import { StartSchema } from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import { GenerationGate, nameOf } from '@bagfleet/worker/session/generation-gate';
import { create } from '@bufbuild/protobuf';

const NEVER = new AbortController().signal;

function start(lease: number, number: number, graceful = false) {
  return create(StartSchema, { generation: { lease, number }, graceful });
}

describe('the gate between generations', () => {
  it('ends the present one at once when somebody was lost', async () => {
    const gate = new GenerationGate();
    gate.hear(start(1, 1));
    const first = await gate.enter(NEVER);
    gate.train();
    gate.hear(start(1, 2));
    assert.equal(first.signal.aborted, true);
    assert.equal(nameOf(await gate.enter(NEVER)), '1.2');
  });

  it('lets a step be finished when nobody was lost', async () => {
    const gate = new GenerationGate();
    gate.hear(start(1, 1));
    const first = await gate.enter(NEVER);
    gate.train();
    gate.hear(start(1, 2, true));
    assert.equal(first.signal.aborted, false);
    assert.throws(() => gate.check(), { code: 'cancelled', message: /1\.2 begins/ });
  });

  it('waits for no boundary while no step is taken', async () => {
    const gate = new GenerationGate();
    gate.hear(start(1, 1));
    const first = await gate.enter(NEVER);
    gate.hear(start(1, 2, true));
    assert.equal(first.signal.aborted, true);
    assert.throws(() => gate.train(), { code: 'cancelled' });
  });

  it('follows the latest start and no older one, whatever its coordinator counts', async () => {
    const gate = new GenerationGate();
    for (const [lease, number] of [
      [1, 7],
      [1, 3],
      [2, 1],
      [1, 9],
    ])
      gate.hear(start(lease, number));
    assert.equal(nameOf(await gate.enter(NEVER)), '2.1');
    gate.hear(start(2, 1));
    gate.hear(start(1, 100));
    const waiting = gate.enter(NEVER);
    gate.hear(start(2, 2));
    assert.equal(nameOf(await waiting), '2.2');
  });

  it('ends its wait when the worker ends', async () => {
    const over = new AbortController();
    const waiting = new GenerationGate().enter(over.signal);
    over.abort(new Error('let go'));
    await assert.rejects(waiting, /let go/);
  });
});
