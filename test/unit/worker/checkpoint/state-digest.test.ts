/** The digest of a state: what enters it, against a simple twin, and what does not. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { stateDigest } from '@bagfleet/worker/checkpoint/state-digest';
import { layoutOf } from '@bagfleet/worker/train/parameter-layout';
import { layoutForTests, stateForTests } from '../../../integration/storage/checkpoint-state.js';

describe('state digest', () => {
  it('is that of progress, names and bytes in their order', () => {
    const state = stateForTests(3);
    const { parameters, moments, layout } = state;
    const part = (flat: Float32Array, prefix: string, index: number) => {
      const { name, shape, offset, length } = layout.places[index];
      const bytes = Buffer.alloc(length * 4);
      for (let i = 0; i < length; i++) bytes.writeFloatLE(flat[offset + i], i * 4);
      return [Buffer.from(`${prefix}${name} [${shape}]\n`), bytes];
    };
    const progress = `{
  "bestEpoch": null,
  "bestMetric": null,
  "epoch": 1,
  "lossSum": 0.25,
  "skipped": [],
  "step": 3,
  "stepInEpoch": 0,
  "threshold": 0.5,
  "validationsWithoutGain": 0,
  "weightSum": 2
}
`;
    assert.deepEqual(
      layout.places.map(({ name }) => name),
      ['z.weight', 'a.weight', 'a.bias'],
    );
    const order = [2, 1, 0]; // a.bias, a.weight, z.weight
    const bytes = Buffer.concat([
      Buffer.from(progress),
      ...order.flatMap((index) => part(parameters, '', index)),
      ...order.flatMap((index) => part(moments.exp_avg, 'exp_avg.', index)),
      ...order.flatMap((index) => part(moments.exp_avg_sq, 'exp_avg_sq.', index)),
    ]);
    assert.equal(stateDigest(state), createHash('sha256').update(bytes).digest('hex'));
  });

  it('changes with each bit of each part', () => {
    const digest = stateDigest(stateForTests(3));
    const changed = [
      { ...stateForTests(3), progress: { ...stateForTests(3).progress, lossSum: 0.25000000000000006 } },
      withBit((state) => state.parameters, 0),
      withBit((state) => state.parameters, layoutForTests.places[2].offset),
      withBit((state) => state.moments.exp_avg, 1),
      withBit((state) => state.moments.exp_avg_sq, layoutForTests.places[1].offset + 5),
      {
        ...stateForTests(3),
        moments: { ...stateForTests(3).moments, exp_avg: stateForTests(3).moments.exp_avg_sq },
      },
      { ...stateForTests(3), moments: {} },
    ].map(stateDigest);
    assert.equal(new Set([digest, ...changed]).size, changed.length + 1);
  });

  it('does not see padding, the order of moments, or who owns the memory', () => {
    const state = stateForTests(3);
    const digest = stateDigest(state);
    const padded = stateForTests(3);
    padded.parameters[layoutForTests.places[0].length] = 7; // behind the first parameter, before the next block
    assert.equal(stateDigest(padded), digest);
    const { exp_avg, exp_avg_sq } = state.moments;
    assert.equal(stateDigest({ ...state, moments: { exp_avg_sq, exp_avg } }), digest);
    const own = new Float32Array(state.parameters);
    assert.equal(stateDigest({ ...state, parameters: own }), digest);
  });

  it('is refused for buffers of another length', () => {
    const state = stateForTests(3);
    assert.throws(() => stateDigest({ ...state, layout: layoutOf([]) }), { code: 'bug' });
  });
});

function withBit(choose: (state: ReturnType<typeof stateForTests>) => Float32Array, at: number) {
  const state = stateForTests(3);
  const values = choose(state);
  new Uint32Array(values.buffer)[at] ^= 1;
  return state;
}
