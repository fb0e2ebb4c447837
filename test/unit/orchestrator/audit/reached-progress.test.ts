import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { reachedProgress } from '@bagfleet/orchestrator/audit/reached-progress';
import type { RunRecord } from '@bagfleet/orchestrator/registry/read-run';
import { checkpointFolder, type Progress, parseJob, RUN_FILES, type RunState } from '@bagfleet/proto';
import { MemoryStore } from '../../../support/memory-store.js';
import { putText, statusOf } from '../../../support/run-folder.js';

const DIGEST = 'd'.repeat(64);

function record(state: RunState, epoch: number): RunRecord {
  return { run: 'a', state, status: statusOf('a', { state, epoch }), problem: null };
}

/** A run's folder with a committed checkpoint, of which only the manifest is there. */
async function folderWith(changes: Partial<Progress>): Promise<MemoryStore> {
  const store = new MemoryStore();
  const progress: Progress = {
    ...{ epoch: 2, step: 17, stepInEpoch: 3, bestMetric: null, bestEpoch: null, validationsWithoutGain: 0 },
    ...{ lossSum: 0, weightSum: 0, threshold: null, skipped: [] },
    ...changes,
  };
  const text = JSON.stringify({
    ...{ schemaVersion: 1, run: 'a', progress, stateDigest: DIGEST, validation: null, threshold: null },
    files: ['model.safetensors', 'optimizer.safetensors'].map((name) => ({ name, bytes: 1, sha256: DIGEST })),
    job: parseJob({ data: { manifest: 'm' } }, 'test'),
    dataset: { name: 'tiny', sha256: DIGEST, instanceShape: [4], classes: ['no', 'yes'] },
    fingerprint: {},
  });
  await putText(store, `${checkpointFolder(17)}manifest.json`, text);
  const manifestSha256 = createHash('sha256').update(text).digest('hex');
  await putText(store, RUN_FILES.latest, JSON.stringify({ step: 17, manifestSha256 }));
  return store;
}

async function reached(store: MemoryStore, of: RunRecord) {
  const { progress } = await reachedProgress(store, of);
  return progress && [progress.epoch, progress.stepInEpoch, progress.skipped];
}

describe('how far a run came', () => {
  it('is told by its latest checkpoint when it is over', async () => {
    const store = await folderWith({ skipped: ['b7'] });
    for (const state of ['failed', 'cancelled', 'interrupted'] as const)
      assert.deepEqual(await reached(store, record(state, 9)), [2, 3, ['b7']]);
    assert.equal((await reachedProgress(store, record('failed', 9))).dataset, DIGEST);
  });

  it('is its last epoch when it is done', async () => {
    const store = await folderWith({ skipped: ['b7'] });
    assert.deepEqual(await reached(store, record('done', 9)), [9, 0, ['b7']]);
    assert.deepEqual(await reached(new MemoryStore(), record('done', 9)), [9, 0, []]);
  });

  it('is not known while it goes on, or without a checkpoint', async () => {
    const store = await folderWith({});
    for (const state of ['starting', 'running', 'waiting'] as const)
      assert.equal(await reached(store, record(state, 9)), null);
    assert.deepEqual(await reachedProgress(new MemoryStore(), record('failed', 9)), {
      progress: null,
      dataset: null,
    });
  });
});
