/** The way of a state's buffers into the files of a checkpoint and back. */
import assert from 'node:assert/strict';
import { stateBuffers, storedBuffers } from '@bagfleet/worker/checkpoint/stored-buffers';

describe('stored buffers', () => {
  const moments = { exp_avg: 1, exp_avg_sq: 2 };

  it('are the parameters and the moments', () => {
    assert.deepEqual(storedBuffers({ parameters: 0, moments }), { model: 0, optimizer: moments });
  });

  it('have the average in the model and the parameters beside the moments, where there is an average', () => {
    assert.deepEqual(storedBuffers({ parameters: 0, moments: { ...moments, ema: 3 } }), {
      model: 3,
      optimizer: { ...moments, unaveraged: 0 },
    });
  });

  for (const own of [{}, moments, { momentum_buffer: 5, ema: 4 }, { ema: 9 }])
    it(`come back as they were: ${JSON.stringify(own)}`, () => {
      const state = { parameters: 7, moments: own };
      assert.deepEqual(stateBuffers(storedBuffers(state)), state);
    });
});
