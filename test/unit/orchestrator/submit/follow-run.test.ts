/** How a followed run ends whose coordinator is gone. */
import assert from 'node:assert/strict';
import { followRun } from '@bagfleet/orchestrator/submit/follow-run';
import type { StartedRun } from '@bagfleet/orchestrator/submit/started-run';
import { RUN_FILES } from '@bagfleet/proto';
import { MemoryStore } from '../../../support/memory-store.js';
import { putText, statusOf } from '../../../support/run-folder.js';

const GONE: StartedRun = {
  run: 'a',
  uri: 's3://runs/a',
  words: async () => 'its last words',
  ended: () => true,
  heldUpBy: () => null,
  withdraw: async () => undefined,
  letGo: () => undefined,
};
const DEAF = { onStatus: () => undefined, onHeldUp: () => undefined };

describe('following a run whose coordinator is gone', () => {
  const follow = (store: MemoryStore) => followRun(store, GONE, DEAF, AbortSignal.timeout(10_000));

  it('waits for the end to be written down by whoever cancels it', async () => {
    const store = new MemoryStore();
    await putText(store, `a/${RUN_FILES.job}`, '{}');
    await putText(store, `a/${RUN_FILES.cancel}`, '{}');
    const following = follow(store);
    const cancelled = { ...statusOf('a'), state: 'cancelled' };
    setTimeout(() => void putText(store, `a/${RUN_FILES.status}`, JSON.stringify(cancelled)), 100);
    assert.equal((await following).state, 'cancelled');
  });

  it('fails at once when nobody has asked for its end', async () => {
    const store = new MemoryStore();
    await putText(store, `a/${RUN_FILES.job}`, '{}');
    await assert.rejects(follow(store), /ended without a verdict:\nits last words/);
  });
});
